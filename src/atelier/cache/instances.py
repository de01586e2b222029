"""Instances as content: the class by reference, and the state by value."""

import functools
import itertools
from pathlib import PurePath
from typing import Any, cast

from pydantic import BaseModel, SecretBytes, SecretStr

from atelier.cache.callables import external
from atelier.cache.places import Owner, owner_of_module
from atelier.cache.sheet import Sheet
from atelier.cache.values import encode_base
from atelier.kernel.canonical import Json

_SECRET = (SecretStr, SecretBytes)


def encode_instance(value: Any, sheet: Sheet) -> list[Json] | None:
    """The content of an object whose whole state can be read, or None where it cannot."""
    kind: Any = value.__class__
    if isinstance(value, _SECRET):
        return None
    met = sheet.met(value)
    if met is not None:
        return met
    if sheet.reach.tracks_module(kind.__module__):
        return ["instance", sheet.encode(kind), state_of(value, sheet), encode_base(value, sheet)]
    named = external(kind.__module__, str(kind.__qualname__), sheet)
    if hasattr(kind, "__dataclass_fields__") or BaseModel in kind.__mro__:
        return ["instance", named, state_of(value, sheet), None]
    if tuple in kind.__mro__ and hasattr(kind, "_fields"):
        return ["instance", named, None, encode_base(value, sheet)]
    return _wrapper(value, named, sheet)


def _wrapper(value: Any, named: list[Json], sheet: Sheet) -> list[Json] | None:
    """A library's wrapper: what it wraps, and what else it was given that has a form."""
    wrapped = getattr(value, "__wrapped__", None)
    if wrapped is None:
        return None
    content = sheet.encode(wrapped)
    held: dict[str, object] = dict(getattr(value, "__dict__", {}))
    kind = cast("object", value).__class__
    for name in itertools.chain.from_iterable(_slots(each) for each in kind.__mro__):
        if hasattr(value, name):
            held[name] = getattr(value, name)
    found: dict[str, Json] = {}
    for name, item in sorted(held.items()):
        trial = sheet.fresh()
        trial.encode(item)
        if name != "__wrapped__" and (trial.targets or not trial.unseen):
            found[name] = sheet.encode(item)
    return ["wrapper", named, content, found]


def state_of(value: Any, sheet: Sheet) -> Json:
    """The attributes of an instance by name; what a cached property holds only follows from them."""
    kind = cast("object", value).__class__
    state = dict(getattr(value, "__dict__", {}))
    for name in itertools.chain.from_iterable(_slots(each) for each in kind.__mro__):
        if hasattr(value, name):
            state[name] = getattr(value, name)
    if isinstance(value, BaseModel):
        state |= {"__private__": value.__pydantic_private__, "__extra__": value.model_extra}
    # A path on one of the harness's own objects says where a file lies, never what is in it.
    is_harness = owner_of_module(kind.__module__) is Owner.HARNESS
    return {
        str(name): sheet.encode(item)
        for name, item in sorted(state.items())
        if not isinstance(getattr(kind, name, None), functools.cached_property)
        and not (is_harness and isinstance(item, PurePath))
    }


def _slots(kind: type) -> tuple[str, ...]:
    if kind is BaseModel:  # its own bookkeeping
        return ()
    slots: object = vars(kind).get("__slots__", ())
    names = (slots,) if isinstance(slots, str) else tuple(cast("tuple[str, ...]", slots))
    mangled = f"_{kind.__name__.lstrip('_')}"
    return tuple(
        f"{mangled}{name}" if name.startswith("__") and not name.endswith("__") else name
        for name in names
        if name not in {"__dict__", "__weakref__"}
    )
