"""The connections to the index: one that writes, and a reading one for every thread, each with a limit."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Protocol, cast

import apsw

from atelier.kernel.errors import ExhaustedError, SetupError
from atelier.ledger.connection import Access, connect, create_file, use_wal
from atelier.ledger.database import Bindings, Database
from atelier.ledger.per_thread import PerThread

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
        # Of a new file only; what comes in no order touches half as many pages of this size.
        connection.execute("pragma page_size = 8192").fetchall()
        use_wal(connection, path)
        for pragma in (
            "synchronous = normal",
            "cache_size = -131072",
            "wal_autocheckpoint = 8000",
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
        self._connections = PerThread("index", self._connect)

    def rows(
        self, sql: str, values: Bindings = (), *, seconds: float = SECONDS
    ) -> Sequence[tuple[Any, ...]]:
        """Every row that a statement gives.

        Raises:
            ExhaustedError: it took longer than that.
            SetupError: the index cannot be read.
        """
        with failures(self._path):
            connection = self._connections.get()
            deadline = monotonic() + seconds
            connection.set_progress_handler(lambda: monotonic() > deadline, _STEPS)
            return connection.execute(sql, values).fetchall()

    def _connect(self) -> Interruptible:
        connection = cast("Interruptible", connect(self._path, Access.READ))
        connection.execute("pragma query_only = on").fetchall()
        return connection

    def close(self) -> None:
        """Close every connection, also those of other threads."""
        self._connections.close()


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
