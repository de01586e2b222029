"""What an answer used: totals of tokens, where unknown is None and never zero."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

# Beyond this a count is a mistake: no model takes a hundred million tokens.
_MOST = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Inclusive totals: the input contains what was cached, the output what was reasoned."""

    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None


def parse_usage(told: Mapping[str, object]) -> tuple[Usage, bool]:
    """The plausible part of what a provider told, and whether any of it was implausible.

    A count that is no whole number, negative, huge, or zero where something was said and answered,
    becomes None; so do both sides where a part exceeds its whole.

    Example:
        >>> parse_usage({"input_tokens": 10, "cached_tokens": 12, "output_tokens": 3})
        (Usage(input_tokens=None, cached_tokens=None, output_tokens=3, reasoning_tokens=None), True)
    """
    counts = {name: _count(told.get(name), name) for name in _NAMES}
    suspect = any(told.get(name) is not None and counts[name] is None for name in _NAMES)
    for whole, part in (("input_tokens", "cached_tokens"), ("output_tokens", "reasoning_tokens")):
        total, share = counts[whole], counts[part]
        if total is not None and share is not None and share > total:
            counts[whole] = counts[part] = None
            suspect = True
    return Usage(**counts), suspect


def added(*parts: object) -> object:
    """The sum of counts of which the first must be there; one that is no count stands for all.

    Example:
        >>> added(3, None, 4), added(None, 4), added(3, "4")
        (7, None, '4')
    """
    if parts[0] is None:
        return None
    total = 0
    for part in parts:
        if part is None:
            continue
        if not isinstance(part, int) or part < 0:
            return part
        total += part
    return total


_NAMES = tuple(item.name for item in fields(Usage))
# Something was said, and something was answered; none of it need be cached or reasoned.
_POSITIVE = frozenset({"input_tokens", "output_tokens"})


def _count(value: object, name: str) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    least = 1 if name in _POSITIVE else 0
    return value if least <= value <= _MOST else None
