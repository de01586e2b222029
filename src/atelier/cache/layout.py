"""What an instance is made of: its attributes, its slots, and what a built-in type keeps beside."""

import types
from collections.abc import Iterator
from typing import Any, cast

_WORD = object.__basicsize__ // 2  # an object is a count and a type
_MANAGED_DICT = 1 << 4  # Py_TPFLAGS_MANAGED_DICT: the attributes lie before the object, not in it


def attributes_of(value: object) -> dict[str, Any]:
    """All that an instance holds in Python, read without running any code of its class."""
    found: dict[str, Any] = {}
    for name in ("__dict__", *slots_of(type(value))):
        try:
            held: Any = object.__getattribute__(value, name)
        except AttributeError:
            continue
        found |= cast("dict[str, Any]", held) if name == "__dict__" else {name: held}
    return found


def has_attribute(value: object, name: str) -> bool:
    """Whether a value or its class holds an attribute, whatever a `__getattr__` would answer."""
    return name in attributes_of(value) or any(name in vars(kind) for kind in type(value).__mro__)


def slots_of(kind: type) -> Iterator[str]:
    """The names of all slots of a class, by the descriptors that reach them."""
    for each in kind.__mro__:
        yield from _own_slots(each)


def solid_base(kind: type) -> type:
    """The class that decides how an instance lies in memory, beyond its attributes and slots.

    It is `object` where attributes and slots are all that there is. Else a built-in type keeps
    state of its own, which only one who knows that type can read.

    Example:
        >>> import collections, fractions
        >>> solid_base(collections.Counter), solid_base(fractions.Fraction)
        (<class 'dict'>, <class 'object'>)
    """
    base = kind.__base__
    while base is not None and not _adds(kind, base):
        kind, base = base, base.__base__
    return kind


def _adds(kind: type, base: type) -> bool:
    """Whether a class makes room for more than its slots and the two words of every instance."""
    words = sum(1 for _ in _own_slots(kind))
    is_inline = bool(kind.__dictoffset__) and not kind.__flags__ & _MANAGED_DICT
    words += is_inline and not base.__dictoffset__
    words += kind.__weakrefoffset__ > 0 and not base.__weakrefoffset__
    is_longer = kind.__basicsize__ > base.__basicsize__ + words * _WORD
    return is_longer or kind.__itemsize__ != base.__itemsize__


def _own_slots(kind: type) -> Iterator[str]:
    if "__slots__" in vars(kind):
        for name, held in vars(kind).items():
            if isinstance(held, types.MemberDescriptorType):
                yield name
