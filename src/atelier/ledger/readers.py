"""The reading connections of a process: one per thread, closed with it or with the ledger."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from atelier.kernel.errors import SetupError
from atelier.ledger.connection import Access, connect, failures
from atelier.ledger.database import Bindings, Database
from atelier.ledger.migrate import Schema, require_current
from atelier.ledger.per_thread import PerThread

# Answers one statement.
Read = Callable[[str, Bindings], Sequence[tuple[Any, ...]]]


class Readers:
    """Runs named statements to their end, so that no reader holds an old snapshot open."""

    def __init__(self, path: Path, access: Access, schema: Schema) -> None:
        self._path = path
        self._access = access
        self._schema = schema
        self._connections = PerThread("ledger", self._connect)
        self._file: tuple[int, int] | None = None

    def rows(self, sql: str, values: Bindings = ()) -> Sequence[tuple[Any, ...]]:
        """Every row that a statement gives.

        Raises:
            AtelierError: the file cannot be read.
        """
        with self._answering() as connection:
            return connection.execute(sql, values).fetchall()

    @contextmanager
    def snapshot(self) -> Generator[Read]:
        """A way to run several statements that all see the ledger as it is at the first.

        Raises:
            AtelierError: the file cannot be read.
        """
        with self._answering() as connection:
            connection.execute("begin").fetchall()
            try:
                yield lambda sql, values: connection.execute(sql, values).fetchall()
            finally:
                connection.execute("commit").fetchall()

    @contextmanager
    def _answering(self) -> Generator[Database]:
        connection: Database | None = None
        try:
            connection = self._connections.get()
            yield connection
        except apsw.Error as error:
            with failures(self._path, connection):
                raise error from None

    def require_in_place(self) -> None:
        """Refuse to go on with a file that nobody else finds any more: who has it open reads it still.

        Raises:
            SetupError: it was removed, or another stands in its place.
        """
        if self._file is not None and _identity(self._path) != self._file:
            raise SetupError(
                "ledger.gone",
                "The ledger's file is gone, or another one stands in its place.",
                facts={"ledger": self._path},
                next_step="Put it back; or stop what reads it, and start it again over what is there.",
            )

    def _connect(self) -> Database:
        connection = connect(self._path, self._access)
        require_current(connection, self._path, self._schema)
        self._file = self._file or _identity(self._path)
        return connection

    def close(self) -> None:
        """Close every connection, also those of other threads."""
        self._connections.close()


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file a path names; None where it names none that can be read."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
