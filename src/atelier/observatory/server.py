"""The HTTP server: uvicorn on h11, with limits on what comes before a request is whole."""

import asyncio
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from ssl import SSLContext
from typing import Any, cast

import h11
from uvicorn import Config
from uvicorn import Server as Uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from atelier.observatory.accepting import Bounded
from atelier.observatory.doors.door import Door
from atelier.observatory.doors.limits import Limits
from atelier.observatory.encryption import encryption

_CLOSE_SECONDS = 5
_TURN_SECONDS = 0.0005
# Beside the connections that are served: those that still agree on a cipher, or are told to wait.
_SHAKING = 100


class Server(Uvicorn):
    """A server that leaves the process's signals alone: whoever started it drains the runs first."""

    def __init__(self, config: Config, context: SSLContext | None = None) -> None:
        super().__init__(config)
        self._context = context

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Nothing is captured."""
        yield

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen; by itself, uvicorn gives whoever connects a minute to agree on a cipher."""
        await self.lifespan.startup()
        protocol = cast("type[Limited]", self.config.http_protocol_class)
        self.servers = [
            await asyncio.get_running_loop().create_server(
                lambda: protocol(self.config, self.server_state, self.lifespan.state),
                sock=Bounded(one, protocol.limits.connections + _SHAKING),
                ssl=self._context,
                ssl_handshake_timeout=protocol.limits.header_seconds if self._context else None,
            )
            for one in sockets or ()
        ]
        self.started = True


class Limited(H11Protocol):
    """A connection; by itself, uvicorn waits for ever for a request's head."""

    limits = Limits()

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        # uvicorn asks whether anybody has a handler, and not whether a log was wanted.
        self.access_log = False
        self._due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Take a connection, or say that there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self._refuse(503, "Too many connections; close some, or try again later.")
            return
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Take bytes; the time for a head runs from its first byte to its last."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._forget_head()
        elif self._due is None:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._forget_head()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._due = self.loop.call_later(self.limits.header_seconds, self._late)

    def _forget_head(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _late(self) -> None:
        self._due = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._refuse(408, "The request's head took too long to arrive.")

    def _refuse(self, status: int, text: str) -> None:
        reason = {408: "Request Timeout", 503: "Service Unavailable"}[status]
        body = f"{text}\n".encode()
        head = (
            f"HTTP/1.1 {status} {reason}\r\ncontent-type: text/plain; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


def take_short_turns() -> None:
    """Let the thread of a run have its turn soon while another one draws a page.

    By itself, Python lets whoever computes go on for 5 ms, each time that a run has to wait.
    """
    sys.setswitchinterval(_TURN_SECONDS)


def make_server(app: Door, *, cert: Path | None = None, key: Path | None = None) -> Server:
    """A server for the application; it writes no log of requests.

    Raises:
        SetupError: the certificate and the key are no pair.
    """
    limits = app.limits
    return Server(
        Config(
            app,
            http=protocol_within(limits),
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",  # a page of anybody's makes it warn, as often as it likes
            access_log=False,
            server_header=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=limits.header_bytes,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=_CLOSE_SECONDS,
        ),
        encryption(cert, key),
    )


def protocol_within(limits: Limits) -> type[Limited]:
    """The protocol with these limits."""
    return type("Protocol", (Limited,), {"limits": limits})
