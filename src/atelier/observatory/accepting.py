"""A listening socket that has only so many connections open at a time."""

import os
from socket import socket
from typing import Any


class Bounded(socket):
    """What listens; a connection too many is closed as soon as it is made.

    It counts all that are open: those also that have not agreed on a cipher yet, of which the
    server hears nothing before they have.
    """

    def __init__(self, listening: socket, most: int) -> None:
        super().__init__(fileno=os.dup(listening.fileno()))
        self._most = most
        self._open: list[socket] = []

    def accept(self) -> tuple[socket, Any]:
        """The next connection.

        Raises:
            ConnectionAbortedError: it was one too many; an event loop goes on with the next.
        """
        connection, address = super().accept()
        self._open = [one for one in self._open if one.fileno() >= 0]
        if len(self._open) >= self._most:
            connection.close()
            raise ConnectionAbortedError
        self._open.append(connection)
        return connection, address
