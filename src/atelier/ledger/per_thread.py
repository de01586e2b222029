"""A connection for every thread, and all of them closed at once."""

from collections.abc import Callable
from threading import Lock, local
from typing import Generic, TypeVar
from weakref import WeakSet

import apsw

from atelier.ledger.database import Database

C = TypeVar("C", bound=Database)


class PerThread(Generic[C]):
    """Opens a connection for each thread that asks, until it is closed; a thread's ends with it."""

    def __init__(self, name: str, make: Callable[[], C]) -> None:
        self._name = name
        self._make = make
        self._mine = local()
        self._open: WeakSet[C] = WeakSet()
        self._lock = Lock()
        self._closed = False

    def get(self) -> C:
        """The connection of this thread.

        Raises:
            apsw.ConnectionClosedError: they are closed.
        """
        connection: C | None = getattr(self._mine, "connection", None)
        if connection is None:
            with self._lock:
                if self._closed:
                    message = f"the {self._name} is closed"
                    raise apsw.ConnectionClosedError(message)
                connection = self._make()
                self._open.add(connection)
            self._mine.connection = connection
        return connection

    def close(self) -> None:
        """Close every connection, also those of other threads."""
        with self._lock:
            self._closed = True
            for connection in list(self._open):
                connection.close()
