"""The collection memo over a ledger: an unchanged substrate is neither parsed nor checked again."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from atelier.cache.closure import closure_of
from atelier.cache.watch import watching
from atelier.kernel.digest import record_digest
from atelier.ledger.rows import Memo
from atelier.ledger.store import LedgerStore

KIND = "collection"


class LedgerMemo:
    """Finds memos in the ledger; what is new waits in `fresh` for the run's first commit."""

    def __init__(self, ledger: LedgerStore) -> None:
        self._ledger = ledger
        self.fresh: list[Memo] = []

    def find(self, key: str) -> bytes | None:
        """A memo's data."""
        return self._ledger.find_memo(KIND, key)

    def keep(self, key: str, data: bytes) -> None:
        """Remember a collection."""
        self.fresh.append(Memo(kind=KIND, key=key, data=data))

    def identify(self, thing: object) -> str:
        """The identity of code that collection depends on; empty where its closure is not whole."""
        found = closure_of(thing)
        if found.unseen:
            return ""
        # What collection calls lies partly beyond the project, and enters by version.
        return record_digest("collector", {"code": found.digest, "with": dict(found.libraries)})

    @contextmanager
    def watch(self) -> Generator[Callable[[], bool]]:
        """Watch what a library reads for the project's code while a slice is collected."""
        with watching() as watch:
            yield lambda: not watch.unseen
