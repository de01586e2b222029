"""Instances as content: the class by reference, and the state by value."""

import enum
import functools
import json
import logging
import types
from dataclasses import is_dataclass
from pathlib import PurePath
from typing import Any, cast

from pydantic import BaseModel, SecretBytes, SecretStr

from atelier.cache.callables import HOLDERS, as_list
from atelier.cache.layout import attributes_of, has_attribute, slots_of, solid_base
from atelier.cache.places import Owner, owner_of_module
from atelier.cache.sheet import Sheet
from atelier.cache.values import BASES
from atelier.kernel.canonical import Json

_SECRET = (SecretStr, SecretBytes)
# Classes and modules are definitions, whatever their own class is.
_ELSEWHERE = (type, types.ModuleType, *_SECRET)
# A library's objects that are what their attributes say.
_PLAIN = frozenset({json.JSONEncoder, logging.LoggerAdapter})
_BASES = {**BASES, **HOLDERS}
# What the interpreter keeps in a member of an enumeration.
_OF_MEMBER = frozenset({"_inverted_", "_name_", "_sort_order_", "_value_", "__objclass__"})


def encode_own(value: object, sheet: Sheet) -> list[Json] | None:
    """The content of an instance of the project's: its class, its attributes, and what lies in C.

    What a built-in type keeps of it is read by one who knows that type, and named as opaque else.
    """
    kind = type(value)
    if not sheet.reach.tracks_module(kind.__module__) or issubclass(kind, _ELSEWHERE):
        return None
    met = sheet.met(value)
    if met is not None:
        return met
    base = _known_base(kind)
    state = _state_of(value, sheet, told=base)
    return ["instance", sheet.encode(kind), state, _of_base(value, base, sheet)]


def beside_value(member: enum.Enum, sheet: Sheet) -> dict[str, Json]:
    """What a member of an enumeration holds beside its value: attributes, and what lies in C."""
    sheet.witnesses.watch_names(vars(member))
    found: dict[str, Json] = {
        name: sheet.encode_watched(held)
        for name, held in sorted(attributes_of(member).items())
        if name not in _OF_MEMBER
    }
    base = _known_base(type(member))
    if isinstance(member.value, base) and base in _BASES:
        is_told = _BASES[base](member, sheet.fresh()) == _BASES[base](member.value, sheet.fresh())
    else:
        is_told = base is object
    return found if is_told else {**found, "": _of_base(member, base, sheet)}


def encode_instance(value: object, sheet: Sheet) -> list[Json] | None:
    """The content of a library's object whose whole state can be read, or None where it cannot."""
    kind: type[Any] = type(value)
    if issubclass(kind, _SECRET):
        return None
    met = sheet.met(value)
    if met is not None:
        return met
    named = as_list(sheet.encode(kind))
    is_plain = kind in _PLAIN or is_dataclass(value) or isinstance(value, BaseModel)
    if is_plain and solid_base(kind) is object:
        return ["instance", named, _state_of(value, sheet, told=object), None]
    if tuple in kind.__mro__ and hasattr(kind, "_fields"):
        return ["instance", named, None, _BASES[tuple](value, sheet)]
    return _wrapper(value, named, sheet)


def _known_base(kind: type) -> type:
    """The base that lays out an instance in C, or a subclass of it that is read as a whole."""
    solid = solid_base(kind)
    known = (base for base in kind.__mro__ if base in _BASES and issubclass(base, solid))
    return next(known, solid)


def _of_base(value: object, base: type, sheet: Sheet) -> Json:
    if base in _BASES:
        return _BASES[base](value, sheet)
    return None if base is object else sheet.opaque(value)


def _wrapper(value: Any, named: list[Json], sheet: Sheet) -> list[Json] | None:
    """A library's wrapper: what it wraps, and what else it was given that has a form."""
    if not has_attribute(value, "__wrapped__"):
        return None
    content = sheet.encode(value.__wrapped__)
    kind = type(cast("object", value))
    held: dict[str, object] = dict(getattr(value, "__dict__", {}))
    held |= {name: getattr(value, name) for name in slots_of(kind) if hasattr(value, name)}
    found: dict[str, Json] = {}
    for name, item in sorted(held.items()):
        trial = sheet.fresh()
        trial.encode(item)
        if name != "__wrapped__" and (trial.targets or not trial.unseen):
            found[name] = sheet.encode(item)
    return ["wrapper", named, content, found]


def _state_of(value: Any, sheet: Sheet, *, told: type) -> Json:
    """The attributes of an instance by name, but for the slots of a base that is told otherwise.

    What a cached property holds only follows from the rest.
    """
    kind = type(cast("object", value))
    without = set(slots_of(BaseModel if issubclass(kind, BaseModel) else told))
    state = {name: item for name, item in attributes_of(value).items() if name not in without}
    if issubclass(kind, BaseModel):
        state |= {"__private__": value.__pydantic_private__, "__extra__": value.model_extra}
    # A path on one of the harness's own objects says where a file lies, never what is in it.
    is_harness = owner_of_module(kind.__module__) is Owner.HARNESS
    return {
        str(name): sheet.encode(item)
        for name, item in sorted(state.items())
        if not isinstance(getattr(kind, name, None), functools.cached_property)
        and not (is_harness and isinstance(item, PurePath))
    }
