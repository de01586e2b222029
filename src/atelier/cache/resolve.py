"""From a name in a body to what it means: through cells, globals, modules and imports."""

import builtins
import os
import sys
import types
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec, resolve_name
from pathlib import Path
from typing import Any, cast

from atelier.cache.callables import is_definition, is_made, public
from atelier.cache.constructs import INERT, TOLD_NOTHING, special_form
from atelier.cache.effects import (
    SOURCE,
    STATE,
    effect_of,
    effect_of_attribute,
    effect_of_path,
    settled,
)
from atelier.cache.layout import attributes_of
from atelier.cache.places import Owner, file_of, label_of_file, owner_of_file, top_of
from atelier.cache.references import Import, Load
from atelier.cache.sheet import Sheet, Target
from atelier.cache.sources import find_source
from atelier.cache.witness import MISSING, contents
from atelier.kernel.canonical import Json

CHANGES = frozenset(
    [
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "extendleft",
        "insert",
        "move_to_end",
        "pop",
        "popitem",
        "popleft",
        "remove",
        "reverse",
        "setdefault",
        "sort",
        "update",
        "__setitem__",
        "__delitem__",
    ]
)
_MUTABLE = (dict, list, set, bytearray, deque)
_MODULE_FACTS = frozenset({"__name__", "__package__", "__spec__", "__loader__", "__doc__"})


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a body's free names are looked up."""

    globals: dict[str, Any]
    cells: Mapping[str, types.CellType]
    annotations: Mapping[str, Any]
    label: str = ""


@dataclass(frozen=True, slots=True)
class _Held:
    """The namespace of one closure cell, in the place of a module's."""

    cell: types.CellType
    label: str


Names = dict[str, Any] | _Held


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a chain of names leads to: its content, and how many names led there."""

    content: Json
    used: int


def meanings(load: Load, scope: Scope, sheet: Sheet) -> Iterator[Meaning]:
    """What a load refers to; a name that is bound nowhere, or is built in, has no content."""
    sheet.line, sheet.argument = load.line, load.argument
    if load.imports:
        for item in load.imports:
            yield from _imported(item, load, scope=scope, sheet=sheet)
        return
    found = _base(load.chain[0], scope, sheet)
    if found is MISSING:
        return
    if _is_builtin(load.chain[0], found, scope):
        _builtin(load, sheet)
        return
    cell = scope.cells.get(load.chain[0])
    names = scope.globals if cell is None else _Held(cell, scope.label)
    yield from _follow(found, load, sheet, names=names, used=1)


def _base(name: str, scope: Scope, sheet: Sheet) -> object:
    cell = scope.cells.get(name)
    if cell is not None:
        value = contents(cell)
        sheet.witnesses.cells.append((cell, value))
        return value
    value = scope.globals.get(name, MISSING)
    sheet.witnesses.items.append((scope.globals, name, value))
    if value is not MISSING:
        return value
    return vars(builtins).get(name, MISSING)


def _is_builtin(name: str, value: object, scope: Scope) -> bool:
    return name not in scope.cells and name not in scope.globals and value is not MISSING


def _builtin(load: Load, sheet: Sheet) -> None:
    effect = effect_of(f"builtins.{'.'.join(load.chain)}")
    if effect is not None:
        sheet.affect(effect, load.chain[0])


def _follow(value: Any, load: Load, sheet: Sheet, *, names: Names, used: int) -> Iterator[Meaning]:
    """Walk a chain through the project's modules to what it means there."""
    while isinstance(value, types.ModuleType) and sheet.reach.tracks_module(value.__name__):
        held = vars(value)
        if used == len(load.chain) or load.chain[used] == "__dict__":
            yield Meaning(sheet.encode(value), used)
            return
        following = held.get(load.chain[used], MISSING)
        sheet.witnesses.items.append((held, load.chain[used], following))
        if following is MISSING:
            if "__getattr__" in held:
                yield Meaning(sheet.encode(held["__getattr__"]), used)
            if type(value) is not types.ModuleType:
                yield Meaning(sheet.encode(type(value)), used)
            return
        if load.stored and used + 1 == len(load.chain):
            _changed(load, sheet)
        value, names, used = following, held, used + 1
    if isinstance(value, types.ModuleType):
        yield Meaning(_outside(value.__name__, load, sheet, used=used), used)
    else:
        yield Meaning(_settle(value, load, sheet, names=names, used=used), used)


def _settle(value: Any, load: Load, sheet: Sheet, *, names: Names, used: int) -> Json:
    rest = load.chain[used:]
    name = load.chain[used - 1]
    if name in _MODULE_FACTS:
        _loader(name, sheet, rest=rest)
        return sheet.encode(value if name == "__name__" else None)
    if name == "__file__":
        sheet.unsee("the module's own place __file__", SOURCE)
        return None
    environment = _environment(value)
    if environment:
        _affected(environment, load, sheet, rest=rest)
        return sheet.external(environment)
    if isinstance(value, INERT) and rest and rest[0] not in TOLD_NOTHING:
        sheet.unsee(f"state of {type(value).__name__} in {'.'.join(load.chain)}", STATE)
    if is_definition(value) or isinstance(value, INERT) or special_form(value):
        return _definition(value, load, sheet, rest=rest)
    if load.stored or (rest and rest[-1] in CHANGES and load.called):
        _changed(load, sheet)
    _held(value, load, sheet, rest=rest)
    return sheet.ref(_constant(name, value, names, sheet=sheet))


def _definition(value: Any, load: Load, sheet: Sheet, *, rest: tuple[str, ...]) -> Json:
    if load.stored and rest:
        _changed(load, sheet)
    if isinstance(value, type):
        _of_class(value, load, sheet, rest=rest)
        if not sheet.reach.tracks_module(value.__module__) and not is_made(value):
            return sheet.external(public(value.__module__), value.__qualname__)
    else:
        _told(attributes_of(value), load, sheet, rest=rest)
    content = sheet.encode_watched(value)
    # The name of a module is in no content; here it is in the value.
    return [content, str(value.__module__)] if rest[:1] == ("__module__",) else content


def definer(kind: type, name: str) -> type:
    """The class that an attribute of a class comes from; the class itself where none has it."""
    return next((base for base in kind.__mro__ if name in vars(base)), kind)


def _of_class(kind: type, load: Load, sheet: Sheet, *, rest: tuple[str, ...]) -> None:
    """Note what the attribute of a class reads that comes from a library's."""
    name = rest[0] if rest else ""
    kind = definer(kind, name)
    if not sheet.reach.tracks_module(kind.__module__):
        _affected(f"{kind.__module__}.{kind.__qualname__}", load, sheet, rest=rest)
    else:
        _told(vars(kind), load, sheet, rest=rest)


def _told(own: Mapping[str, Any], load: Load, sheet: Sheet, *, rest: tuple[str, ...]) -> None:
    """Note what the attributes of a definition read, by their names; its own are its own."""
    names = rest[1:] if rest and rest[0] in own else rest
    for name in () if load.annotation else names:
        effect = effect_of_attribute(name, called=load.called)
        if effect is not None:
            sheet.affect(effect, f".{name}")


def _loader(name: str, sheet: Sheet, *, rest: tuple[str, ...]) -> None:
    """Note that a module's loader is taken, which reads any file."""
    if name == "__loader__" or (name == "__spec__" and rest[:1] not in {("name",), ("parent",)}):
        sheet.unsee(f"file system: {'.'.join((name, *rest))}", SOURCE)


def _held(value: object, load: Load, sheet: Sheet, *, rest: tuple[str, ...]) -> None:
    """Note what the attributes of a constant read: a `Path` is known, what follows is not."""
    if rest and not load.annotation:
        first = effect_of_path(rest[0]) if isinstance(value, Path) else None
        later = (effect_of_attribute(name, called=load.called) for name in rest[1:])
        for name, effect in zip(rest, (first, *later), strict=True):
            if effect is not None:
                sheet.affect(effect, f".{name}")


def _environment(value: object) -> str:
    """The dotted name of a live object that is the outside world itself."""
    for name in ("environ", "environb"):
        if value is getattr(os, name, MISSING):
            return f"os.{name}"
    for name in ("argv", "orig_argv", "stdin", "modules", "path"):
        if value is getattr(sys, name):
            return f"sys.{name}"
    return ""


def _changed(load: Load, sheet: Sheet) -> None:
    if not load.annotation:
        sheet.unsee(f"module state: {'.'.join(load.chain)} is changed", STATE)


def _outside(module: str, load: Load, sheet: Sheet, *, used: int) -> Json:
    """A chain into a library's module: taken by name, with the effect that the name has."""
    rest = load.chain[used:]
    inner = sys.modules.get(module)
    base = module
    while rest and isinstance(
        inner := vars(inner).get(rest[0]) if inner else None, types.ModuleType
    ):
        base, rest = inner.__name__, rest[1:]  # `pathlib.os` is `os`
    if not rest and not load.annotation and effect_of(base) is not None:
        sheet.unsee(f"module {base} used as a value", SOURCE)
    _affected(base, load, sheet, rest=rest)
    return sheet.external(public(module))


def _affected(base: str, load: Load, sheet: Sheet, *, rest: tuple[str, ...]) -> None:
    """Note the effect that a dotted name has; in an annotation it is a type and has none."""
    dotted = settled(".".join((base, *rest)))
    effect = None if load.annotation else effect_of(dotted, bare=load.bare)
    if effect is None and rest and dotted.startswith("pathlib."):
        named = dotted.split(".")[2:]  # after the module and its class
        effect = effect_of_path(named[0]) if named else None
    if effect is None and rest and not load.annotation:
        # Files that a library opens are seen as they are opened.
        by_name = effect_of_attribute(rest[-1], called=load.called)
        effect = by_name if by_name and by_name.declare != SOURCE else None
    if effect is not None:
        sheet.affect(effect, dotted)


def _constant(name: str, value: Any, names: Names, *, sheet: Sheet) -> Target:
    """The target of a constant: by the namespace that defines it, where an import tells that."""
    if isinstance(names, _Held):
        label = f"{names.label}.{name}"
        key = ("constant", id(names.cell), name)
        return Target("constant", key, (names.cell, value), label, sheet.where)
    module, name, names = _origin(name, value, names)
    file = file_of(module) if module else None
    place = label_of_file(file, module.__name__) if module and file else ""
    is_walked = module is not None and sheet.reach.tracks_module(module.__name__)
    source = find_source(file) if file and is_walked else None
    line = source.assigned.get(name) if source else None
    label = f"{place}:{name}" if place else name
    where = f"{place}:{line}" if line else sheet.where
    return Target("constant", ("constant", id(names), name), (names, value), label, where)


def _origin(
    name: str, value: Any, names: dict[str, Any]
) -> tuple[types.ModuleType | None, str, dict[str, Any]]:
    """Follow `from prompts import PROMPT` to the module that holds the value first."""
    seen: set[int] = set()
    module = sys.modules.get(str(names.get("__name__", "")))
    while module is not None and id(names) not in seen:
        seen.add(id(names))
        step = _imported_name(module, name)
        if step is None:
            break
        other = sys.modules.get(step[0])
        if other is None or vars(other).get(step[1], MISSING) is not value:
            break
        module, name, names = other, step[1], vars(other)
    return module, name, names


def _imported_name(module: types.ModuleType, name: str) -> tuple[str, str] | None:
    file = file_of(module)
    source = find_source(file) if file and owner_of_file(file) is Owner.PROJECT else None
    found = source.imports.get(name) if source else None
    if found is None:
        return None
    return _absolute(found.module, found.level, module.__package__ or ""), found.name or name


def _imported(item: Import, load: Load, *, scope: Scope, sheet: Sheet) -> Iterator[Meaning]:
    """What a name means that an import in the body binds."""
    name = _absolute(item.module, item.level, str(scope.globals.get("__package__") or ""))
    module = _module(name, sheet)
    if module is None:
        # A library that is not loaded yet stays so: its name and version are all that enters.
        dotted = ".".join(filter(None, (name, item.name)))
        base = dotted if item.whole else top_of(name)
        yield Meaning(_outside(base, load, sheet, used=1), 1)
        return
    if not isinstance(cast("object", module), types.ModuleType):  # what a module put in its place
        yield Meaning(sheet.encode_watched(module), 1)
        return
    if item.name is not None:
        value = vars(module).get(item.name, MISSING)
        sheet.witnesses.items.append((vars(module), item.name, value))
        if value is MISSING:
            value = _module(f"{name}.{item.name}", sheet)
        if value is None:
            return
    else:
        value = module if item.whole else sys.modules.get(top_of(name), module)
    yield from _follow(value, load, sheet, names=vars(module), used=1)


def _absolute(name: str, level: int, package: str) -> str:
    """The full name of a module that an import names, relative or not."""
    try:
        return resolve_name("." * level + name, package) if level else name
    except ImportError:
        return name


def _module(name: str, sheet: Sheet) -> types.ModuleType | None:
    """A project's module, loaded so that it can be read; None for what is a library's or missing."""
    loaded = sys.modules.get(name)
    sheet.witnesses.items.append((sys.modules, name, loaded if loaded is not None else MISSING))
    if loaded is not None:
        return loaded
    loaded = _import(name, sheet)
    if loaded is not None:
        sheet.witnesses.items[-1] = (sys.modules, name, loaded)
    return loaded


def _import(name: str, sheet: Sheet) -> types.ModuleType | None:
    """A project's module imported now; what its own code raises is told and never passed on."""
    try:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            return None
        if not sheet.reach.tracks(owner_of_file(spec.origin), name):
            return None
        return import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a project's code may raise anything
        told = f"{type(error).__name__}: {error}".rstrip(": ")
        sheet.unsee(f"import of {name} fails: {told}", "make it import")
        return None
