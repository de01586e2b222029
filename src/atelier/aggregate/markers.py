"""What a packet's author says about a field, beside its type."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Derived:
    """A parameter that is computed from parameters and earlier slices, taken by name.

    Example:
        >>> Derived(lambda session: int(session[1:])).function(session="s12")
        12
    """

    function: Callable[..., Any]


@dataclass(frozen=True)
class Obligation:
    """A slice whose elements must be addressed; with `when`, those for which it holds.

    `when` takes the element first, then parameters and earlier slices by name.
    """

    when: Callable[..., bool] | None = None


@dataclass(frozen=True)
class Subject:
    """The parameter that names the person whom a packet is about, for `forget`."""
