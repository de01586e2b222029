"""The connections to the index: one that writes, and a reading one for every thread, each with a limit."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, local
from time import monotonic
from typing import Any, Protocol, cast
from weakref import WeakSet

import apsw

from atelier.kernel.errors import ExhaustedError, SetupError
from atelier.ledger.connection import Access, connect, create_file, use_wal
from atelier.ledger.database import Bindings, Database

SECONDS = 2.0
_STEPS = 2000


class Interruptible(Database, Protocol):
    """A connection whose statements can be stopped."""

    def set_progress_handler(self, handler: Callable[[], bool] | None, steps: int, /) -> None:
        """What is asked every so many steps whether to stop."""
        ...


def open_to_write(path: Path) -> Database:
    """A writing connection; what a crash loses is caught up again, so nothing is synced for long."""
    create_file(path)
    connection = connect(path, Access.WRITE)
    try:
        use_wal(connection, path)
        for pragma in (
            "synchronous = normal",
            "cache_size = -131072",
            "wal_autocheckpoint = 16000",
        ):
            connection.execute(f"pragma {pragma}").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


class Connections:
    """Reading connections; a statement that takes too long is stopped, and said to be."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mine = local()
        self._open: WeakSet[Database] = WeakSet()
        self._lock = Lock()
        self._closed = False

    def rows(
        self, sql: str, values: Bindings = (), *, seconds: float = SECONDS
    ) -> Sequence[tuple[Any, ...]]:
        """Every row that a statement gives.

        Raises:
            ExhaustedError: it took longer than that.
            SetupError: the index cannot be read.
        """
        connection = self._connection()
        deadline = monotonic() + seconds
        connection.set_progress_handler(lambda: monotonic() > deadline, _STEPS)
        with failures(self._path):
            return connection.execute(sql, values).fetchall()

    def _connection(self) -> Interruptible:
        connection: Interruptible | None = getattr(self._mine, "connection", None)
        if connection is None:
            with self._lock, failures(self._path):
                if self._closed:
                    raise apsw.ConnectionClosedError("the index is closed")
                connection = cast("Interruptible", connect(self._path, Access.READ))
                connection.execute("pragma query_only = on").fetchall()
                self._open.add(connection)
            self._mine.connection = connection
        return connection

    def close(self) -> None:
        """Close every connection, also those of other threads."""
        with self._lock:
            self._closed = True
            for connection in list(self._open):
                connection.close()


@contextmanager
def failures(path: Path) -> Generator[None]:
    """Turn SQLite's errors on the index into ours."""
    try:
        yield
    except apsw.InterruptError:
        raise ExhaustedError(
            "observatory.too_slow",
            "The question took too long and was stopped.",
            facts={"limit": f"{SECONDS:g} seconds"},
            next_step="Narrow it: filter by workflow, stage or day.",
        ) from None
    except apsw.Error as error:
        raise SetupError(
            "observatory.index",
            "Observatory's index cannot be used.",
            facts={"index": path, "why": f"{type(error).__name__}: {error}"},
            next_step="Stop `atelier serve`, delete this file, and start it again: it is rebuilt.",
        ) from error
