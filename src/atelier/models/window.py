"""What was granted in the last minute, and how long more must wait."""

from collections import deque
from dataclasses import dataclass

MINUTE = 60.0


@dataclass(slots=True)
class Grant:
    """An amount that was granted at a moment; it may be corrected when the truth is known."""

    at: float
    amount: int


class Window:
    """At most `limit` in any minute; None is no limit.

    Example:
        >>> window = Window(2)
        >>> for second in (0.0, 10.0):
        ...     grant = window.grant(second, 1)
        >>> window.wait(20.0, 1)
        40.0
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._grants: deque[Grant] = deque()

    def wait(self, now: float, amount: int) -> float:
        """Seconds until the amount may be granted; what is beyond the limit itself goes alone."""
        if self._limit is None:
            return 0.0
        while self._grants and self._grants[0].at + MINUTE <= now:
            self._grants.popleft()
        room = self._limit - sum(grant.amount for grant in self._grants)
        wanted = min(amount, self._limit)
        until = now
        for grant in self._grants:
            if room >= wanted:
                break
            room += grant.amount
            until = grant.at + MINUTE
        return until - now

    def grant(self, now: float, amount: int) -> Grant:
        """Note an amount as granted."""
        grant = Grant(now, amount)
        if self._limit is not None:
            self._grants.append(grant)
        return grant
