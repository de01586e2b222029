"""Leases: who may execute a key now, across the processes of one machine or many."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that holds leases: enough to tell that it is dead without asking it."""

    host: str
    boot: str
    pid: int
    started: str
    token: str

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


class LeaseStore(Protocol):
    """Single-flight: of all who ask for a key, one is granted it until released or dead."""

    def acquire(self, keys: Sequence[str], owner: Owner, /) -> frozenset[str]:
        """The keys granted now; those of a dead or expired owner are taken over."""
        ...

    def heard(self) -> object:
        """What is another one once `acquire` has met what others did to the leases.

        While it stays equal, nobody who opened the store elsewhere was granted anything, or held
        what was granted here.
        """
        ...

    def release(self, keys: Sequence[str], owner: Owner, /) -> None:
        """Give the keys back; keys held by others are left alone."""
        ...

    def renew(self, owner: Owner, /) -> None:
        """Extend everything that this owner holds."""
        ...

    def find_holders(self, keys: Sequence[str], /) -> dict[str, Owner]:
        """Who holds these keys now."""
        ...

    def close(self) -> None:
        """Release the files; leases still held expire."""
        ...
