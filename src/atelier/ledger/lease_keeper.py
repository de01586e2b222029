"""The thread that keeps a process's leases alive while it works, however busy its loop is."""

from threading import Event, Thread
from typing import Self

from atelier.kernel.errors import AtelierError
from atelier.ledger.lease_book import TERM
from atelier.ledger.leases import LeaseStore, Owner


class LeaseKeeper:
    """Renews an owner's leases every third of the term, until it is closed.

    A renewal that fails is tried again at the next beat: a lease that is lost costs a second
    execution of which one result is kept, never a wrong answer.
    """

    def __init__(self, store: LeaseStore, owner: Owner, *, term: float = TERM) -> None:
        self._store = store
        self._owner = owner
        self._beat = term / 3
        self._closing = Event()
        self._thread = Thread(target=self._keep, name="atelier-leases", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop renewing; what is still held expires."""
        self._closing.set()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _keep(self) -> None:
        while not self._closing.wait(self._beat):
            try:
                self._store.renew(self._owner)
            except AtelierError:
                continue
