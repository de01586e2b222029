"""Dates and times of day in a text, as typed values."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from re import Match, Pattern
from re import compile as pattern

from atelier.kernel.evidence import Span
from atelier.terra.lexicon import MONTHS

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>[12]\d{3})"
_ISO = r"(?<![\d-])(?P<year>[12]\d{3})-(?P<month>[01]\d)-(?P<day>[0-3]\d)(?![\d-])"
_DAY_FIRST = rf"(?i)\b{_DAY}(?:\s+of)?\s+(?P<name>{_MONTH})\b\.?(?:,?\s+{_YEAR}\b)?"
_MONTH_FIRST = rf"(?i)\b(?P<name>{_MONTH})\b\.?\s+{_DAY}\b(?!\s*[:%])(?:,?\s+{_YEAR}\b)?"
_MONTH_YEAR = rf"(?i)\b(?P<name>{_MONTH})\b\.?,?\s+{_YEAR}\b"
_CLOCK = r"(?<![\d:.])([01]?\d|2[0-4])[:.]([0-5]\d)(?::[0-5]\d)?(?![\d:])\s*([ap]\.?m\b)?"
_HOUR = r"(?<![\d:.])(1[0-2]|[1-9])\s*(?:o'clock\s*)?([ap]\.?m\b)"


@cache
def _shapes(*shapes: str) -> tuple[Pattern[str], ...]:
    # Compiled on first use: most commands read no dates.
    return tuple(map(pattern, shapes))


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar date; what the text leaves out is None."""

    year: int | None
    month: int
    day: int | None
    span: Span

    def agrees(self, other: "Date") -> bool:
        """Whether nothing that both state differs; a day is never left out by both."""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        return all(None in pair or pair[0] == pair[1] for pair in pairs)

    def __str__(self) -> str:
        year = f"{self.year:04d}" if self.year else "-"
        return f"{year}-{self.month:02d}" + (f"-{self.day:02d}" if self.day else "")


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day in minutes after midnight; `half` is unknown where no am or pm is stated."""

    minutes: int
    half_known: bool
    span: Span

    def agrees(self, other: "Clock") -> bool:
        """Whether both can be the same time of day."""
        if self.half_known and other.half_known:
            return self.minutes == other.minutes
        return self.minutes % 720 == other.minutes % 720

    def __str__(self) -> str:
        return f"{self.minutes // 60:02d}:{self.minutes % 60:02d}"


def dates(text: str) -> list[Date]:
    """The dates that a text states, in order.

    Example:
        >>> [str(date) for date in dates("From 12 March 2025 to April 3rd, and 2025-05-01")]
        ['2025-03-12', '--04-03', '2025-05-01']
    """
    found: dict[int, Date] = {}
    taken: list[Span] = []
    for shape in _shapes(_ISO, _DAY_FIRST, _MONTH_FIRST, _MONTH_YEAR):
        for match in shape.finditer(text):
            date = _date(match)
            if date and not any(_overlap(date.span, span) for span in taken):
                found[date.span.start] = date
                taken.append(date.span)
    return [found[start] for start in sorted(found)]


def clocks(text: str) -> Iterator[Clock]:
    """The times of day that a text states; `1.30` counts only with am or pm.

    Example:
        >>> [str(clock) for clock in clocks("from 9:30 to 4 pm")]
        ['09:30', '16:00']
    """
    lowered = text.lower()
    to_minute, to_hour = _shapes(_CLOCK, _HOUR)
    for match in to_minute.finditer(lowered):
        half = match[3]
        if ":" in match[0] or half:
            yield _clock(int(match[1]), int(match[2]), half, span=_span(match))
    for match in to_hour.finditer(lowered):
        yield _clock(int(match[1]), 0, match[2], span=_span(match))


def _clock(hour: int, minute: int, half: str | None, *, span: Span) -> Clock:
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return Clock(hour * 60 + minute, half is not None or hour > 12 or hour == 0, span)


def _date(match: Match[str]) -> Date | None:
    parts = match.groupdict()
    name = parts.get("name")
    if name and name.lower() == "may" and not name[0].isupper():
        return None  # the verb
    month = MONTHS[name.lower()] if name else int(parts["month"])
    day = int(parts["day"]) if parts.get("day") else None
    year = int(parts["year"]) if parts.get("year") else None
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        return None
    return Date(year, month, day, _span(match))


def _span(match: Match[str]) -> Span:
    return Span(start=match.start(), end=match.end())


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
