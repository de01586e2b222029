"""The one thread of a process that writes: whatever waits becomes durable in one transaction."""

from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic

import apsw

from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import AtelierError
from atelier.ledger.database import Database
from atelier.ledger.failure import failure
from atelier.ledger.invariant import closed
from atelier.ledger.pending import Pending
from atelier.ledger.store import Commit, Committed
from atelier.ledger.transaction import Transaction

# A transaction is bounded, so that a flood delays no commit for long.
GROUP = 512

# How long a commit that nobody waits for may wait for others, in seconds; where many that are
# waited for come at once, so does each of them: it costs less than a transaction of its own.
PATIENCE = 0.003
CROWD = 4

Submitted = tuple[Commit, "Pending[Committed]"]

# What a commit that cannot be stored raises, beside what SQLite says.
_FAULTS = (apsw.Error, AtelierError, TypeError, ValueError, OverflowError, AttributeError)


class Writer:
    """Owns the writing connection; commits are grouped, and one that fails fails alone."""

    def __init__(self, connect: Callable[[], Database], path: Path) -> None:
        self._path = path
        self._connection = connect()
        self._connection.create_scalar_function("digest_of", digest_bytes, 1)
        self._queue: SimpleQueue[Submitted | None] = SimpleQueue()
        self._stopped: AtelierError | None = None
        self._crowded = False
        self._thread = Thread(target=self._serve, name="atelier-ledger", daemon=True)
        self._thread.start()

    def submit(self, commit: Commit) -> Pending[Committed]:
        """Hand a commit over; it is done once it is durable, and nobody can take it back."""
        pending: Pending[Committed] = Pending()
        self._queue.put((commit, pending))
        # A thread that has stopped empties the queue once; what came later is refused here.
        if self._stopped is not None:
            self._refuse_rest(self._stopped)
        return pending

    def close(self) -> None:
        """Wait until everything submitted is done, then close the connection."""
        self._queue.put(None)
        self._thread.join()

    def _serve(self) -> None:
        group: list[Submitted] = []
        try:
            while self._stopped is None:
                group, last = self._next_group()
                if group:
                    self._commit(group)
                if last:
                    break
        finally:  # after a fault of ours too: nobody waits for a thread that is gone
            self._stopped = self._stopped or closed(self._path)
            _refuse([one for one in group if not one[1].done()], self._stopped)
            self._refuse_rest(self._stopped)
            self._connection.close()

    def _next_group(self) -> tuple[list[Submitted], bool]:
        """What becomes durable at once, and whether it is the last."""
        group: list[Submitted] = []
        entry, crowded = self._queue.get(), self._crowded
        began = monotonic()
        while entry is not None:
            group.append(entry)
            if len(group) >= GROUP:
                break
            patient = crowded or entry[0].patient
            try:
                entry = self._queue.get(timeout=_left(began) if patient else 0)
            except Empty:
                break
        self._crowded = sum(not commit.patient for commit, _ in group) >= CROWD
        return group, entry is None

    def _commit(self, group: Sequence[Submitted]) -> None:
        """Make a group durable at once; what stands before and after a fault, without it.

        Trying the whole group first spares every commit a savepoint: a quarter of its cost.
        """
        if self._stopped is not None:
            _refuse(group, self._stopped)
            return
        done: list[Committed] = []
        try:
            transaction = Transaction(self._connection)
            done.extend(transaction.apply(commit) for commit, _ in group)
            transaction.finish()
        except _FAULTS as error:
            self._fail(error, group, len(done))
            return
        for (_, pending), committed in zip(group, done, strict=True):
            pending.set_result(committed)

    def _fail(self, error: Exception, group: Sequence[Submitted], at: int) -> None:
        """Nothing of a group was kept; `at` is the commit that failed, or its length."""
        reason = failure(error, self._path, errno=self._connection.system_errno)
        if self._connection.in_transaction:
            self._connection.execute("rollback")
        if _lost_sync(error):
            self._stopped = reason
        if self._stopped is not None or len(group) == 1:
            _refuse(group, reason)
            return
        # A fault of the whole group, such as a full disk, may be a fault of each by itself.
        parts = [group[:at], group[at : at + 1], group[at + 1 :]]
        for part in parts if at < len(group) else [[one] for one in group]:
            if part:
                self._commit(part)

    def _refuse_rest(self, reason: AtelierError) -> None:
        while True:
            try:
                entry = self._queue.get_nowait()
            except Empty:
                return
            if entry is not None:
                entry[1].set_exception(reason)


def _left(began: float) -> float:
    return max(0.0, began + PATIENCE - monotonic())


def _refuse(group: Sequence[Submitted], reason: AtelierError) -> None:
    for _, pending in group:
        pending.set_exception(reason)


def _lost_sync(error: Exception) -> bool:
    """Whether a sync failed: the kernel may have dropped the pages, so nothing may build on them."""
    extended = getattr(error, "extendedresult", 0)
    return extended in {apsw.SQLITE_IOERR_FSYNC, apsw.SQLITE_IOERR_DIR_FSYNC}
