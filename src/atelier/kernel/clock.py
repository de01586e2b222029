"""Where the time comes from: a value that is handed in, never a global that is read."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic, time
from typing import Protocol


class Clock(Protocol):
    """Wall time for rows and monotonic time for durations."""

    def now(self) -> datetime:
        """The wall time, with its zone."""
        ...

    def seconds(self) -> float:
        """Monotonic seconds, for differences only."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The wall time in UTC."""
        return datetime.fromtimestamp(time(), tz=UTC)

    def seconds(self) -> float:
        """Monotonic seconds."""
        return monotonic()


class FixedClock:
    """A clock that moves a fixed step each time it is read, for tests and golden rows."""

    def __init__(self, start: datetime, step: timedelta = timedelta(seconds=1)) -> None:
        self._times = _ticks(start, step)

    def now(self) -> datetime:
        """The next tick."""
        return next(self._times)

    def seconds(self) -> float:
        """The next tick, as seconds."""
        return next(self._times).timestamp()


def _ticks(start: datetime, step: timedelta) -> Iterator[datetime]:
    while True:
        yield start
        start += step


def iso(moment: datetime) -> str:
    """The one form in which a moment is stored: UTC, microseconds, `Z`.

    Example:
        >>> iso(datetime(2026, 3, 1, 9, 30, tzinfo=UTC))
        '2026-03-01T09:30:00.000000Z'
    """
    here = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return here.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
