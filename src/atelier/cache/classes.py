"""Classes as content: what was written, and what the class holds now."""

import ast
import dataclasses
import enum
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

from atelier.cache.constructs import INERT
from atelier.cache.effects import REIMPORT
from atelier.cache.fields import fields_of
from atelier.cache.instances import beside_value
from atelier.cache.links import Links
from atelier.cache.places import (
    Owner,
    file_of,
    is_file,
    label_of_file,
    module_of,
    owner_of_module,
    top_of,
)
from atelier.cache.references import Loads, loads_of_expression
from atelier.cache.resolve import Scope
from atelier.cache.sheet import Sheet
from atelier.cache.sources import Source, cells, extent, find_source
from atelier.cache.tree import Reading, canonical_tree
from atelier.kernel.canonical import Json

_METHODS = (ast.FunctionDef, ast.AsyncFunctionDef)
# What the interpreter and the libraries of `_MAKERS` keep in a class: it follows from what is told
# here otherwise, and differs by version.
_KEPT = frozenset(
    {
        "__abstractmethods__",
        "__annotate__",
        "__annotate_func__",
        "__annotations__",
        "__annotations_cache__",
        "__attrs_attrs__",
        "__attrs_base_of_slotted__",
        "__attrs_own_setattr__",
        "__attrs_props__",
        "__callable_proto_members_only__",
        "__class_vars__",
        "__closed__",
        "__dataclass_fields__",
        "__dataclass_params__",
        "__dict__",
        "__doc__",
        "__extra_items__",
        "__firstlineno__",
        "__module__",
        "__mutable_keys__",
        "__non_callable_proto_members__",
        "__optional_keys__",
        "__parameters__",
        "__private_attributes__",
        "__protocol_attrs__",
        "__qualname__",
        "__readonly_keys__",
        "__required_keys__",
        "__signature__",
        "__static_attributes__",
        "__type_params__",
        "__weakref__",
    }
)
_MAKERS = frozenset(
    {"_collections_abc", "abc", "attr", "collections", "dataclasses", "enum", "functools"}
    | {"pydantic", "reprlib", "typing", "typing_extensions"}
)


def class_content(kind: type, sheet: Sheet) -> Json:
    """A class as it was written, its methods apart, and as it stands now.

    The live state makes it sound: an attribute that was set later, a field or a member counts as
    it is, wherever it came from. The tree adds what leaves no trace there, such as the arguments
    of the class statement.
    """
    is_walked = sheet.reach.tracks_module(kind.__module__)
    found = find_class(kind) if is_walked else None
    namespace = _namespace(kind)
    sheet.place = _place(kind)
    sheet.line = found[1][0].lineno if found else 0
    if found and not found[0].certain:
        sheet.unsee(f"source of {label_of_class(kind)} may have changed since its import", REIMPORT)
    links = Links(Scope(namespace, {}, _annotations(kind)), sheet)
    trees: list[Json] = []
    for node in found[1] if found else ():
        links.add_decorators(node.decorator_list)
        for annotation in _annotated(node):
            links.add(_as_annotation(loads_of_expression(annotation)))
        without = links.harness | {id(item) for item in node.body if isinstance(item, _METHODS)}
        reach = sheet.reach
        reading = Reading(links.names, without, reach.class_docs, reach.function_docs)
        trees.append(list[Json](canonical_tree(node, reading)))
    sheet.line = found[1][0].lineno if found else 0
    sheet.argument = None
    sheet.witnesses.watch_names(vars(kind))
    sheet.witnesses.attributes.append((kind, "__bases__", kind.__bases__))
    return {
        "trees": trees,
        "refs": links.content,
        "bases": [sheet.encode(base) for base in kind.__bases__],
        "metaclass": sheet.encode(type(kind)),
        "members": dict(_members(kind, sheet)),
        "fields": dict(fields_of(kind, sheet, is_written=found is not None)),
        "annotations": {} if found else _live_annotations(kind, sheet),
    }


def label_of_class(kind: type) -> str:
    """A class as people name it.

    Example:
        >>> label_of_class(ast.NodeVisitor)
        'ast.py:NodeVisitor'
    """
    return f"{_place(kind)}:{kind.__qualname__.replace('.<locals>', '')}"


def class_text(kind: type) -> str:
    """The text of a class without its methods, which are parts of their own."""
    found = find_class(kind)
    if found is None:
        return ""
    source, nodes = found
    kept: list[str] = []
    for node in nodes:
        first, last = extent(node)
        hidden = {
            line
            for item in node.body
            if isinstance(item, _METHODS)
            for line in range(extent(item)[0], extent(item)[1] + 1)
        }
        kept += [source.lines[line - 1] for line in range(first, last + 1) if line not in hidden]
    return "\n".join(kept)


def find_class(kind: type) -> tuple[Source, list[ast.ClassDef]] | None:
    """Where a class was written: in its module's file, or in a cell where it has none."""
    module = sys.modules.get(kind.__module__)
    file = file_of(module) if module is not None else None
    if file is not None:
        source = find_source(file)
        nodes = source.classes.get(kind.__qualname__) if source else None
        return (source, nodes) if source and nodes else None
    for source in cells():
        nodes = source.classes.get(kind.__qualname__)
        if nodes:
            return source, nodes
    return None


def _place(kind: type) -> str:
    module = sys.modules.get(kind.__module__)
    file = file_of(module) if module is not None else None
    return label_of_file(file, kind.__module__) if file and is_file(file) else kind.__module__


def _namespace(kind: type) -> dict[str, Any]:
    module = sys.modules.get(kind.__module__)
    return vars(module) if module is not None else {}


def _annotations(kind: type) -> Mapping[str, Any]:
    found: Mapping[str, Any] = vars(kind).get("__annotations__", {})
    return found


def _annotated(node: ast.ClassDef) -> Iterator[ast.expr]:
    for item in node.body:
        if isinstance(item, ast.AnnAssign):
            yield item.annotation


def _as_annotation(loads: Loads) -> Loads:
    """Names in annotations are types: they are taken in, and none is a call."""
    names = [dataclasses.replace(load, annotation=True) for load in loads.names]
    return Loads(names=names)


def _live_annotations(kind: type, sheet: Sheet) -> Json:
    return {name: sheet.encode(item) for name, item in sorted(_annotations(kind).items())}


def _members(kind: type, sheet: Sheet) -> Iterator[tuple[str, Json]]:
    """What a class holds now, without what Python and pydantic keep there for themselves."""
    for name, value in sorted(vars(kind).items()):
        if isinstance(value, types.FunctionType):
            if not _is_generated(name, value, sheet):
                yield name, sheet.encode(value)
        elif _is_own(name, value, kind, sheet=sheet):
            is_inert = isinstance(value, INERT)
            yield name, sheet.encode(value) if is_inert else sheet.encode_watched(value)
    if issubclass(kind, enum.Enum):
        for name, member in kind.__members__.items():
            yield f"member {name}", sheet.encode_watched(member.value)
            beside = beside_value(member, sheet)
            if beside:
                yield f"beside {name}", beside


def _is_generated(name: str, method: types.FunctionType, sheet: Sheet) -> bool:
    """Whether a special method was made by a library from what the class says anyway."""
    if not _is_special(name):
        return False
    if _is_made(method):
        return True
    if top_of(module_of(method)) not in _MAKERS:
        return False
    inner = getattr(method, "__wrapped__", None)  # the representation of a dataclass
    return _is_made(inner) or not _leads_on(method, sheet)


def _is_made(method: object) -> bool:
    if not isinstance(method, types.FunctionType):
        return False
    code = method.__code__
    return (
        code.co_qualname.startswith("__create_fn__.<locals>.")  # dataclasses
        or code.co_filename.startswith("<attrs generated")
        or str(method.__globals__.get("__name__")).startswith("namedtuple_")
    )


def _is_special(name: str) -> bool:
    return name.startswith("_") and name.endswith("_")


def _leads_on(value: object, sheet: Sheet) -> bool:
    """Whether a value leads to something of the project's."""
    trial = sheet.fresh()
    trial.encode(value)
    return bool(trial.targets)


def _is_own(name: str, value: object, kind: type, *, sheet: Sheet) -> bool:
    """Whether a member is the author's: written or set, and not kept by an interpreter's word."""
    if name in _KEPT or name.startswith(("__pydantic_", "_abc_")):
        return False
    if enum.Enum in kind.__mro__:
        # Here the interpreter keeps many words of its own, none of which leads to the project.
        is_own = not _is_special(name) or (callable(_inner(value)) and _leads_on(value, sheet))
        return is_own and name not in vars(kind)["_member_map_"]
    if not _is_special(name) or _is_written(name, find_class(kind)):
        return True
    if _is_made(_inner(value)):
        return False
    # What a library notes about a class follows from the class; what can be read counts anyway.
    trial = sheet.fresh()
    trial.encode(value)
    return not trial.unseen or owner_of_module(type(value).__module__) is not Owner.LIBRARY


def _inner(value: object) -> object:
    return getattr(value, "__func__", value)


def _is_written(name: str, found: tuple[Source, list[ast.ClassDef]] | None) -> bool:
    """Whether a name is bound in the body of the class statement."""
    return any(
        isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Store)
        for node in (found[1] if found else ())
        for item in node.body
        if not isinstance(item, _METHODS)
        for part in ast.walk(item)
    )
