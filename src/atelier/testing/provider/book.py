"""The book of what a provider saw: a record of each request, read safely from any thread."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Condition
from typing import Any

from atelier.testing.provider.behaviour import Behaviour
from atelier.testing.provider.bill import Bill, Charge, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request as it arrived, how the provider behaved, and what that was charged.

    `order` counts from 1 in the order in which requests arrived whole, or broke off. `dialect`,
    `model` and `behaviour` are empty where the request was none that the provider knows.
    """

    order: int
    at: datetime
    method: str
    path: str
    headers: Mapping[str, str]
    complete: bool
    digest: str
    dialect: str = ""
    model: str = ""
    stream: bool = False
    body: Any = None
    behaviour: Behaviour | None = None
    charge: Charge | None = None


@dataclass(slots=True)
class Book:
    """Records in order of arrival."""

    _seen: list[Seen] = field(default_factory=list[Seen])
    _digests: Counter[str] = field(default_factory=Counter[str])
    _changed: Condition = field(default_factory=Condition)

    def __len__(self) -> int:
        with self._changed:
            return len(self._seen)

    def add(self, seen: Seen) -> None:
        """Write a record."""
        with self._changed:
            self._seen.append(seen)
            self._digests[seen.digest] += 1
            self._changed.notify_all()

    def repeats(self, digest: str) -> int:
        """How many requests had this body so far."""
        with self._changed:
            return self._digests[digest]

    def all(self) -> tuple[Seen, ...]:
        """Every record."""
        with self._changed:
            return tuple(self._seen)

    def bill(self) -> Bill:
        """The bill of every charge."""
        return total(seen.charge for seen in self.all() if seen.charge)

    def wait(self, count: int, seconds: float) -> bool:
        """Whether there are so many records before the time is over."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._seen) >= count, seconds)
