"""What was seen while a definition was written: while all of it holds, it need not be read anew."""

import functools
import logging
import operator
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

MISSING = object()
_FROZEN = frozenset(
    {
        type(None),
        bool,
        int,
        float,
        complex,
        str,
        bytes,
        range,
        object,
        logging.Logger,
        property,
        staticmethod,
        classmethod,
        functools.cached_property,
        re.Pattern,
        type(functools.lru_cache(len)),
        type(typing.Any),
        type(typing.Literal),
        types.BuiltinFunctionType,
        types.FunctionType,
        types.GetSetDescriptorType,
        types.MemberDescriptorType,
        types.ModuleType,
    }
)
_CONTAINERS = frozenset({tuple, list, set, frozenset, dict})


@dataclass(slots=True)
class Witnesses:
    """What was seen, by how it is looked at again; code in it has witnesses of its own."""

    items: list[tuple[Mapping[str, Any], str, object]] = field(
        default_factory=list[tuple[Mapping[str, Any], str, object]]
    )
    attributes: list[tuple[object, str, object]] = field(
        default_factory=list[tuple[object, str, object]]
    )
    cells: list[tuple[types.CellType, object]] = field(
        default_factory=list[tuple[types.CellType, object]]
    )
    sizes: list[tuple[Mapping[str, Any], int]] = field(
        default_factory=list[tuple[Mapping[str, Any], int]]
    )
    values: list[Callable[[], bool]] = field(default_factory=list[Callable[[], bool]])

    def watch_names(self, names: Mapping[str, Any]) -> None:
        """Notice when a name in a namespace is bound anew, comes or goes."""
        self.sizes.append((names, len(names)))
        self.items.extend((names, name, value) for name, value in names.items())

    def watch_value(self, value: object, written: Callable[[], object]) -> None:
        """Notice when a value changes in place; `written` writes it anew where that is the way."""
        if not is_frozen(value):
            held = _Held.of(value)
            self.values.append(held or _Written(written))

    def watch_elements(self, value: object) -> None:
        """Notice when a container that a library keeps takes or loses something."""
        held = None if is_frozen(value) else _Held.of(value)
        if held is not None:
            self.values.append(held)

    def add(self, other: "Witnesses") -> None:
        """Take over what another saw."""
        self.items.extend(other.items)
        self.attributes.extend(other.attributes)
        self.cells.extend(other.cells)
        self.sizes.extend(other.sizes)
        self.values.extend(other.values)

    def once(self) -> None:
        """Keep one of each: a closure's functions look up the same names."""
        items = {(id(names), name): (names, name, value) for names, name, value in self.items}
        self.items = list(items.values())
        self.sizes = list({id(names): (names, size) for names, size in self.sizes}.values())

    def hold(self) -> bool:
        """Whether everything is still as it was seen."""
        for names, name, value in self.items:
            if names.get(name, MISSING) is not value:
                return False
        for thing, name, value in self.attributes:
            if getattr(thing, name, MISSING) is not value:
                return False
        for names, size in self.sizes:
            if len(names) != size:
                return False
        return all(contents(cell) is value for cell, value in self.cells) and all(
            holds() for holds in self.values
        )


def contents(cell: types.CellType) -> object:
    """What a closure cell holds; a cell that is not filled yet holds nothing."""
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def is_frozen(value: object) -> bool:
    """Whether a value cannot change in place without a witness of its own noticing.

    Example:
        >>> is_frozen((1, "a", len)), is_frozen((1, []))
        (True, False)
    """
    kind = type(value)
    if kind is tuple or kind is frozenset:
        return all(map(is_frozen, cast("Iterable[object]", value)))
    return kind in _FROZEN or isinstance(value, type)


class _Held:
    """The elements of containers, by identity: quick, and enough where the elements are frozen."""

    def __init__(self, seen: list[tuple[Any, tuple[object, ...]]]) -> None:
        self._seen = seen

    def __call__(self) -> bool:
        return all(
            len(elements := _elements(container)) == len(seen)
            and all(map(operator.is_, elements, seen))
            for container, seen in self._seen
        )

    @classmethod
    def of(cls, value: object) -> "_Held | None":
        """The containers in a value, or None where it holds something else that may change."""
        seen: list[tuple[Any, tuple[object, ...]]] = []
        waiting = [value]
        while waiting:
            each = waiting.pop()
            if is_frozen(each):
                continue
            if type(each) not in _CONTAINERS or any(each is known for known, _ in seen):
                return None
            elements = _elements(each)
            seen.append((each, elements))
            waiting.extend(elements)
        return cls(seen)


def _elements(container: Any) -> tuple[object, ...]:
    if type(container) is dict:
        pairs = cast("dict[object, object]", container)
        return (*pairs, *pairs.values())
    return tuple(container)


class _Written:
    """Writes a value again and compares with the first time."""

    def __init__(self, written: Callable[[], object]) -> None:
        self._written = written
        self._first = written()

    def __call__(self) -> bool:
        return self._written() == self._first
