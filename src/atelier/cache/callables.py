"""Callables as content: those of the project by reference, all others by their library's name."""

import contextvars
import functools
import sys
import types
from collections.abc import Callable
from typing import Any

from atelier.cache.effects import STATE, effect_of, settled
from atelier.cache.layout import has_attribute
from atelier.cache.places import Owner, module_of, owner_of_function, owner_of_module, top_of
from atelier.cache.sheet import Sheet, Target
from atelier.cache.witness import MISSING, contents
from atelier.kernel.canonical import Json

_DESCRIPTORS = (
    types.MemberDescriptorType,
    types.GetSetDescriptorType,
    types.WrapperDescriptorType,
    types.MethodDescriptorType,
    types.ClassMethodDescriptorType,
)
_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made at run time
_COPIED = frozenset({*functools.WRAPPER_ASSIGNMENTS, "__wrapped__"})


def encode_callable(value: Any, sheet: Sheet) -> list[Json] | None:
    """The content of a function, class, method or wrapper, or None where it is none of these."""
    if isinstance(value, types.FunctionType):
        return _function(value, sheet)
    if isinstance(value, type):
        return _class(value, sheet)
    if isinstance(value, types.ModuleType):
        return _module(value, sheet)
    for kind, encode in _KINDS.items():
        if isinstance(value, kind):
            return encode(value, sheet)
    return None


def _function(value: types.FunctionType, sheet: Sheet) -> list[Json]:
    if sheet.reach.tracks(owner_of_function(value), module_of(value)):
        return as_list(sheet.ref(Target("function", ("function", id(value)), value)))
    named = external(module_of(value), value.__qualname__, sheet)
    carries = value.__closure__ is not None or "__wrapped__" in vars(value)
    if not carries or _is_importable(value) or sheet.met(value) is not None:
        return named
    inner = _wrapped(value, sheet)
    return ["wrapper", named, inner] if inner else named


def _is_importable(value: types.FunctionType | type) -> bool:
    """Whether a library's definition is found by its name, so that its version covers it whole."""
    held: object = sys.modules.get(module_of(value))
    for name in value.__qualname__.split("."):
        held = getattr(held, name, None)
    return held is value


def _wrapped(value: types.FunctionType, sheet: Sheet) -> Json:
    """What a library's function carries that was given to it: its cells, its `__wrapped__`.

    The library's own objects in its cells, which have no stable form, are covered by its version.
    """
    found: list[Json] = []
    cells = dict(zip(value.__code__.co_freevars, value.__closure__ or (), strict=True))
    held: list[object] = []
    for _, cell in sorted(cells.items()):
        held.append(contents(cell))
        sheet.witnesses.cells.append((cell, held[-1]))
    held.extend(vars(value)[name] for name in ("__wrapped__",) if name in vars(value))
    for item in held:
        trial = sheet.fresh()
        trial.encode(item)
        if trial.targets or not trial.unseen:
            found.append(sheet.encode(item))
            sheet.witnesses.watch_elements(item)
    return found


def _class(value: type, sheet: Sheet) -> list[Json]:
    parts: Any = vars(value).get("__pydantic_generic_metadata__")
    if parts and parts["origin"] is not None:
        arguments = [sheet.encode(item) for item in parts["args"]]
        return ["generic", sheet.encode(parts["origin"]), arguments]
    module = value.__module__
    if sheet.reach.tracks_module(module) or is_made(value):
        return as_list(sheet.ref(Target("class", ("class", id(value)), value)))
    return external(module, value.__qualname__, sheet)


def is_made(value: type) -> bool:
    """Whether a library made a class when it was asked to, so that its version does not cover it."""
    is_written = value.__flags__ & _HEAP_TYPE and vars(value).keys() & {"__dict__", "__slots__"}
    return bool(is_written) and not _is_importable(value)


def _module(value: types.ModuleType, sheet: Sheet) -> list[Json]:
    if sheet.reach.tracks_module(value.__name__):
        return as_list(sheet.ref(Target("module", ("module", id(value)), value)))
    return as_list(sheet.external(value.__name__))


def external(module: str, name: str, sheet: Sheet) -> list[Json]:
    """The content of something in a library, with the effect that its name has."""
    place = public(module)
    if place in sys.modules and owner_of_module(place) is Owner.PROJECT:
        sheet.unsee(f"compiled code of module {place}", "call it from a stage of its own")
    effect = effect_of(f"{place}.{name}")
    if effect is not None:
        sheet.affect(effect, settled(f"{place}.{name}"))
    return as_list(sheet.external(place, name))


def public(module: str) -> str:
    """A module's name; the interpreter's own without the private halves that differ by version."""
    settled_name = settled(module or "builtins")
    if top_of(settled_name) == settled_name:
        return settled_name
    if owner_of_module(settled_name) is not Owner.STDLIB:
        return settled_name
    return ".".join(part for part in settled_name.split(".") if not part.startswith("_"))


def _builtin(value: types.BuiltinFunctionType, sheet: Sheet) -> list[Json]:
    receiver: Any = value.__self__
    if receiver is None or isinstance(receiver, types.ModuleType):
        module = value.__module__ or getattr(receiver, "__name__", "builtins")
        return external(module, value.__qualname__, sheet)
    if isinstance(receiver, type):
        return external(receiver.__module__, f"{receiver.__qualname__}.{value.__name__}", sheet)
    if top_of(settled(type(receiver).__module__)) == "random":  # the module's shared generator
        return external("random", value.__name__, sheet)
    return ["method", value.__name__, sheet.encode(receiver)]


def _method(value: types.MethodType, sheet: Sheet) -> list[Json]:
    if _is_generators(value):
        return external("random", value.__name__, sheet)
    return ["method", sheet.encode(value.__func__), sheet.encode(value.__self__)]


def _is_generators(value: object) -> bool:
    """Whether a value is a method of the generator that the module `random` shares."""
    receiver: object = getattr(value, "__self__", None)
    return isinstance(value, types.MethodType) and type(receiver).__module__ == "random"


def _wrapper_slot(value: types.MethodWrapperType, sheet: Sheet) -> list[Json]:
    return ["method", value.__name__, sheet.encode(value.__self__)]


def _descriptor(value: Any, sheet: Sheet) -> list[Json]:
    owner: type = value.__objclass__
    if sheet.reach.tracks_module(owner.__module__):
        return ["slot", value.__name__]
    return external(owner.__module__, f"{owner.__qualname__}.{value.__name__}", sheet)


def _partial(value: Any, sheet: Sheet) -> list[Json]:
    keywords = dict(sorted(value.keywords.items()))
    return ["partial", *(sheet.encode(item) for item in (value.func, value.args, keywords))]


def _applied(value: functools.partial[Any], sheet: Sheet) -> list[Json]:
    return [*_partial(value, sheet), *_attributes(value, sheet)]


def _cached(value: Any, sheet: Sheet) -> list[Json]:
    return ["cached", sheet.encode(value.__wrapped__), *_attributes(value, sheet)]


def _attributes(value: Any, sheet: Sheet) -> list[Json]:
    """What was set on a wrapper itself, and not copied from what it wraps."""
    held: dict[str, object] = getattr(value, "__dict__", {})
    copied: dict[str, object] = getattr(getattr(value, "__wrapped__", None), "__dict__", {})
    own = {
        name: item
        for name, item in sorted(held.items())
        if name not in _COPIED and copied.get(name, MISSING) is not item
    }
    sheet.witnesses.watch_names(held)
    return [sheet.encode_watched(own)] if own else []


def _held(tag: str, *names: str) -> Callable[[Any, Sheet], list[Json]]:
    def encode(value: Any, sheet: Sheet) -> list[Json]:
        return [tag, *(sheet.encode(getattr(value, name)) for name in names)]

    return encode


def _dispatched(value: Any, sheet: Sheet) -> list[Json]:
    return ["dispatched", sheet.encode(value.func), sheet.encode(value.dispatcher)]


def _context(value: contextvars.ContextVar[Any], sheet: Sheet) -> list[Json]:
    sheet.unsee(f"context variable {value.name}", STATE)
    return ["context", value.name]


# What holds callables, of which the project may have subclasses.
HOLDERS: dict[type, Callable[[Any, Sheet], list[Json]]] = {
    functools.partial: _applied,
    functools.partialmethod: _partial,
    type(functools.lru_cache(len)): _cached,
    functools.cached_property: _held("cached property", "func"),
    functools.singledispatchmethod: _dispatched,
    staticmethod: _held("static", "__func__"),
    classmethod: _held("class", "__func__"),
    property: _held("property", "fget", "fset", "fdel"),
}
_KINDS: dict[type, Callable[[Any, Sheet], list[Json]]] = {
    types.BuiltinFunctionType: _builtin,
    types.MethodType: _method,
    types.MethodWrapperType: _wrapper_slot,
    **dict.fromkeys(_DESCRIPTORS, _descriptor),
    **HOLDERS,
    contextvars.ContextVar: _context,
}


def as_list(content: Json) -> list[Json]:
    """A content that is known to be tagged."""
    return content if isinstance(content, list) else [content]


def is_definition(value: object) -> bool:
    """Whether a value is code and not data: it enters where it is named, not as a constant."""
    if isinstance(value, types.FunctionType | type | types.ModuleType | types.BuiltinFunctionType):
        return True
    if isinstance(value, contextvars.ContextVar) or _is_generators(value):
        return True
    return has_attribute(value, "__wrapped__") and not isinstance(value, functools.partial)
