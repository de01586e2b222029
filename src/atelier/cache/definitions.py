"""Definitions written down: each function, class, constant and module as one node."""

import types

from atelier.cache.bytecode import bytecode_of, disassembly, loads_of_bytecode
from atelier.cache.callables import encode_callable
from atelier.cache.classes import class_content, class_text, label_of_class
from atelier.cache.constructs import encode_construct
from atelier.cache.effects import REIMPORT, STATE
from atelier.cache.instances import encode_instance, encode_own
from atelier.cache.lasting import lasting_changes
from atelier.cache.links import Links
from atelier.cache.parts import PartKind
from atelier.cache.places import file_of, label_of_file, module_of
from atelier.cache.references import Loads, loads_of
from atelier.cache.resolve import Scope
from atelier.cache.sheet import Node, Reach, Sheet, Target, readable
from atelier.cache.sources import Found, find_function, has_source
from atelier.cache.statements import (
    label_of_statements,
    place_of_module,
    statements_content,
    statements_of,
    statements_text,
)
from atelier.cache.tree import Reading, canonical_tree
from atelier.cache.values import encode_value
from atelier.cache.witness import MISSING
from atelier.kernel.canonical import Json
from atelier.kernel.digest import digest

_FAMILIES = (encode_value, encode_own, encode_callable, encode_construct, encode_instance)


def encode(value: object, sheet: Sheet) -> Json:
    """The content of any value: code by reference, data by value, anything else opaque."""
    for family in _FAMILIES:
        content = family(value, sheet)
        if content is not None:
            return content
    return sheet.opaque(value)


def write(target: Target, reach: Reach) -> Node:
    """The node of a target, with everything it refers to."""
    match target.kind:
        case "function":
            return _function(target.thing, reach)
        case "class":
            return _class(target.thing, reach)
        case "module":
            return _module(target.thing, reach)
        case "statements":
            return _statements(target.thing, reach)
        case "constant":
            return _constant(target, reach)


def _function(function: types.FunctionType, reach: Reach) -> Node:
    code = function.__code__
    place = label_of_file(code.co_filename, module_of(function))
    sheet = Sheet(reach, encode, place=place, line=code.co_firstlineno)
    _watch(function, sheet)
    # By its code: `functools.wraps` gives a wrapper the name of what it wraps.
    label = f"{place}:{code.co_qualname.replace('.<locals>', '')}"
    cells = zip(code.co_freevars, function.__closure__ or (), strict=True)
    scope = Scope(function.__globals__, dict(cells), function.__annotations__, label)
    links = Links(scope, sheet)
    found = find_function(code)
    if found is not None:
        return _from_source(found, function, links, sheet=sheet, label=label)
    if has_source(code.co_filename):
        sheet.unsee(f"source of {label} changed since it was imported", REIMPORT)
    loads = loads_of_bytecode(code)
    links.add(loads)
    links.add_cells()
    content: Json = {
        "code": bytecode_of(code),
        "refs": links.content,
        "state": _state(function, sheet),
    }
    return _node("bytecode", label, content, sheet=sheet, text=disassembly(code))


def _from_source(
    found: Found, function: types.FunctionType, links: Links, *, sheet: Sheet, label: str
) -> Node:
    every: list[Loads] = []
    for node in found.nodes:
        links.add_decorators(getattr(node, "decorator_list", ()))
        every.append(loads_of(node))
        links.add(every[-1])
    links.add_cells()
    _tell_changes(function, sheet)
    reach = sheet.reach
    reading = Reading(links.names, links.harness, reach.class_docs, reach.function_docs)
    content: Json = {
        "trees": [list[Json](canonical_tree(node, reading)) for node in found.nodes],
        "refs": links.content,
        "state": _state(function, sheet),
    }
    text = "\n".join(dict.fromkeys(found.source.text(node) for node in found.nodes))
    documents = any(loads.documents for loads in every)
    return _node("function", label, content, sheet=sheet, text=text, documents=documents)


def _tell_changes(function: types.FunctionType, sheet: Sheet) -> None:
    """Name what outlives the call and is changed in it, where its line does not tell that yet."""
    told = {item.where for item in sheet.unseen if item.what.startswith("module state: ")}
    for change in lasting_changes(function, sheet.reach):
        sheet.line = change.line
        if sheet.where not in told:
            sheet.unsee(change.what, STATE)


def _watch(function: types.FunctionType, sheet: Sheet) -> None:
    for name in ("__code__", "__defaults__", "__kwdefaults__"):
        sheet.witnesses.attributes.append((function, name, getattr(function, name)))
    sheet.witnesses.watch_names(vars(function))


def _state(function: types.FunctionType, sheet: Sheet) -> Json:
    """What a function carries beside its code: defaults by value, attributes."""
    return {
        "defaults": sheet.encode_watched(function.__defaults__),
        "keywords": sheet.encode_watched(function.__kwdefaults__),
        # A signature of a stage's own says names and types, which its wiring holds already.
        "attributes": {
            name: sheet.encode_watched(item)
            for name, item in sorted(vars(function).items())
            if name != "__signature__"
        },
    }


def _class(kind: type, reach: Reach) -> Node:
    sheet = Sheet(reach, encode)
    content = class_content(kind, sheet)
    return _node("class", label_of_class(kind), content, sheet=sheet, text=class_text(kind))


def _module(module: types.ModuleType, reach: Reach) -> Node:
    """A module that is used as a value: all that it holds."""
    place = label_of_file(file_of(module) or module.__name__, module.__name__)
    sheet = Sheet(reach, encode, place=place)
    sheet.witnesses.watch_names(vars(module))
    names = sorted(name for name in vars(module) if not name.startswith("__"))
    content: dict[str, Json] = {name: sheet.encode_watched(vars(module)[name]) for name in names}
    if type(module) is not types.ModuleType:
        content["__class__"] = sheet.encode(type(module))
    return _node("constant", place, content, sheet=sheet, text="\n".join(names))


def _statements(module: types.ModuleType, reach: Reach) -> Node:
    """What a module does when it is imported; an empty text where it only defines things."""
    sheet = Sheet(reach, encode, place=place_of_module(module))
    # A module that is loaded again has a new one.
    sheet.witnesses.items.append((vars(module), "__spec__", vars(module).get("__spec__", MISSING)))
    nodes = statements_of(module)
    content = statements_content(module, nodes, sheet)
    label, text = label_of_statements(module), statements_text(module, nodes)
    return _node("function", label, content, sheet=sheet, text=text)


def _constant(target: Target, reach: Reach) -> Node:
    names, value = target.thing
    sheet = Sheet(reach, encode)
    sheet.place = target.where
    if isinstance(names, types.CellType):
        sheet.witnesses.cells.append((names, value))
    else:
        sheet.witnesses.items.append((names, str(target.key[-1]), value))
    content = sheet.encode_watched(value)
    return _node("constant", target.label, content, sheet=sheet, text=readable(value, content))


def _node(
    kind: PartKind,
    label: str,
    content: Json,
    *,
    sheet: Sheet,
    text: str,
    documents: bool = False,
) -> Node:
    return Node(
        kind=kind,
        label=label,
        digest=digest([kind, content]),
        text=text,
        targets=tuple(sheet.targets.values()),
        unseen=tuple(sheet.unseen),
        libraries=frozenset(sheet.libraries),
        witnesses=sheet.witnesses,
        documents=documents,
    )
