"""The reading connections of a process: one per thread, closed with it or with the ledger."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, local
from typing import Any
from weakref import WeakSet

import apsw

from atelier.ledger.connection import Access, connect, failures
from atelier.ledger.database import Bindings, Database
from atelier.ledger.migrate import Schema, require_current

# Answers one statement.
Read = Callable[[str, Bindings], Sequence[tuple[Any, ...]]]


class Readers:
    """Runs named statements to their end, so that no reader holds an old snapshot open."""

    def __init__(self, path: Path, access: Access, schema: Schema) -> None:
        self._path = path
        self._access = access
        self._schema = schema
        self._mine = local()
        self._open: WeakSet[Database] = WeakSet()
        self._lock = Lock()
        self._closed = False

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
        connection: Database | None = getattr(self._mine, "connection", None)
        if connection is None:
            connection = self._connect()
        try:
            yield connection
        except apsw.Error as error:
            with failures(self._path, connection):
                raise error from None

    def _connect(self) -> Database:
        with self._lock, failures(self._path):
            if self._closed:
                raise apsw.ConnectionClosedError("the ledger is closed")
            connection = connect(self._path, self._access)
            require_current(connection, self._path, self._schema)
            self._open.add(connection)
        self._mine.connection = connection
        return connection

    def close(self) -> None:
        """Close every connection, also those of other threads."""
        with self._lock:
            self._closed = True
            for connection in list(self._open):
                connection.close()
