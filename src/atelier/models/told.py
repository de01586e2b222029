"""What a provider's answer says of itself, in one form for every dialect."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from atelier.models.fault import Fault

STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The parts of an answer that are not its text.

    `finish` is "stop", a fault, or None where the answer never says that it ended; what a provider
    calls it is in `said_finish`. `usage` is as told, of any type. `error` is an error that stands
    in place of the answer, or in the middle of it.
    """

    model: str = ""
    finish: str | Fault | None = None
    said_finish: str = ""
    usage: Mapping[str, object] = field(default_factory=dict[str, object])
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    refusal: str = ""
    error: object = None


def table(value: object) -> dict[str, Any]:
    """A JSON object, or an empty one in place of anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def tables(value: object) -> Iterator[dict[str, Any]]:
    """The JSON objects of a list."""
    return (table(item) for item in cast("list[Any]", value if isinstance(value, list) else []))


def last(documents: Sequence[Mapping[str, Any]], name: str) -> Any:
    """The last value under a name that is not null, or None.

    Example:
        >>> last([{"a": 1}, {"a": None}, {}], "a")
        1
    """
    return next((item[name] for item in reversed(documents) if item.get(name) is not None), None)


def text(value: object) -> str:
    """A text, or an empty one in place of anything else."""
    return value if isinstance(value, str) else ""


def known(**facts: object) -> dict[str, str]:
    """The facts that are texts with something in them."""
    return {name: fact for name, fact in facts.items() if isinstance(fact, str) and fact}
