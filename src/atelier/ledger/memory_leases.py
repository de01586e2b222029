"""Leases in memory: single-flight within one process."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from atelier.ledger.lease_book import Lease, LeaseBook
from atelier.ledger.leases import Owner


class MemoryLeases:
    """A `LeaseStore` that forgets everything when it goes."""

    def __init__(self, book: LeaseBook | None = None) -> None:
        self._book = book or LeaseBook()
        self._leases: dict[str, Lease] = {}
        self._lock = Lock()
        self._last = ""
        self._heard = 0

    def acquire(self, keys: Sequence[str], owner: Owner, /) -> frozenset[str]:
        """The keys granted now; a key that its owner holds already is not granted twice."""
        with self._lock:
            granted = frozenset(key for key in keys if self._is_free(key))
            if owner.token != self._last or any(key in self._leases for key in granted):
                self._last = owner.token
                self._heard += 1
            self._leases |= dict.fromkeys(granted, Lease(owner, self._book.seconds()))
        return granted

    def heard(self) -> object:
        """Counts how often another owner acquired than the time before, or took a lease over."""
        return self._heard

    def release(self, keys: Sequence[str], owner: Owner, /) -> None:
        """Give the keys back; keys held by others are left alone."""
        with self._lock:
            for key in keys:
                lease = self._leases.get(key)
                if lease is not None and lease.owner.token == owner.token:
                    del self._leases[key]

    def renew(self, owner: Owner, /) -> None:
        """Extend everything that this owner holds."""
        now = self._book.seconds()
        with self._lock:
            for key, lease in self._leases.items():
                if lease.owner.token == owner.token:
                    self._leases[key] = replace(lease, renewed=now)

    def find_holders(self, keys: Sequence[str], /) -> dict[str, Owner]:
        """Who holds these keys now."""
        with self._lock:
            return {key: self._leases[key].owner for key in keys if not self._is_free(key)}

    def close(self) -> None:
        """Forget every lease."""
        with self._lock:
            self._leases.clear()

    def _is_free(self, key: str) -> bool:
        lease = self._leases.get(key)
        return lease is None or self._book.is_over(key, lease)
