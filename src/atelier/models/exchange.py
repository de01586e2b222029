"""One exchange over the network: a request out, a receipt back, under two deadlines and a cap."""

import asyncio
import logging
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx2

from atelier.models.fault import Asked, Fault, Found, ModelError, make_error
from atelier.models.receipt import make_receipt
from atelier.models.secret import Secret, redact

CAP = 32 * 2**20
# At its finest this library logs the headers of answers, where a provider may echo a credential.
for _name in ("httpcore2", "httpcore2.http11", "httpcore2.http2"):
    logging.getLogger(_name).setLevel(logging.INFO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long an answer may take: in all, and without a byte once it has begun.

    A stream is under the idle deadline from the start; any other answer may be long in coming.
    """

    total: float = 600.0
    idle: float = 120.0
    connect: float = 10.0


@dataclass(slots=True)
class _Progress:
    """How far an exchange came: what tells a request that was not sent from one in doubt."""

    sent: bool = False
    body: bytearray = field(default_factory=bytearray)

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """Note the moment from which the provider may have the request."""
        # A proxy is asked for a tunnel first, with a request of its own.
        to_proxy = getattr(info.get("request"), "method", b"") == b"CONNECT"
        if event.endswith("send_request_headers.started") and not to_proxy:
            self.sent = True


class _OversizedError(Exception):
    """A body beyond the cap."""


async def exchange(
    request: httpx2.Request,
    *,
    deadlines: Deadlines,
    stream: bool,
    asked: Asked,
    secrets: Iterable[Secret],
) -> bytes:
    """The receipt of a request; it is sent once, to its own address, over a connection of its own.

    A connection that was kept could have been closed by the other side just now, and a request
    that met this would be in doubt.

    Raises:
        TransientModelError: no whole answer came; says whether the request was sent.
    """
    secrets = list(secrets)
    progress = _Progress()
    # The deadlines are kept here; a library that waits by itself would not know of the other one.
    request.extensions = {
        "timeout": {"connect": deadlines.connect, "read": None, "write": None, "pool": None},
        "trace": progress.trace,
    }
    try:
        async with asyncio.timeout(deadlines.total), _client() as client:
            async with asyncio.timeout(deadlines.idle if stream else None):
                response = await client.send(request, stream=True)
            try:
                await _collect(response, progress.body, deadlines.idle)
            finally:
                await response.aclose()
    except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL, _OversizedError, OSError) as error:
        raise _failed(error, progress, asked=asked, secrets=secrets) from None
    headers = response.headers.multi_items()
    return make_receipt(response.status_code, headers, bytes(progress.body), secrets=secrets)


async def _collect(response: httpx2.Response, body: bytearray, idle: float) -> None:
    chunks = response.aiter_bytes()
    while True:
        async with asyncio.timeout(idle):
            chunk = await anext(chunks, None)
        if chunk is None:
            return
        body += chunk
        if len(body) > CAP:
            del body[CAP:]
            raise _OversizedError


def _client() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        verify=_certificates(),
        follow_redirects=False,
        limits=httpx2.Limits(max_keepalive_connections=0),
    )


@cache
def _certificates() -> ssl.SSLContext:
    """Read once a process: it takes longer than everything else that happens on this side."""
    return httpx2.create_ssl_context()


def _failed(
    error: Exception, progress: _Progress, *, asked: Asked, secrets: list[Secret]
) -> ModelError:
    said = f"more than {CAP} bytes" if isinstance(error, _OversizedError) else str(error)
    said = said or type(error).__name__
    return make_error(
        _fault(error, sent=progress.sent),
        asked,
        Found(
            said=redact(said.encode(), secrets).decode(),
            in_doubt=progress.sent,
            partial=redact(bytes(progress.body), secrets),
        ),
    )


def _fault(error: Exception, *, sent: bool) -> Fault:
    match error:
        case TimeoutError():
            return Fault.TIMEOUT
        case _ if not sent:
            return Fault.CONNECTION
        case _OversizedError() | httpx2.DecodingError():
            return Fault.PROTOCOL
        case httpx2.RemoteProtocolError() if not _is_closed(str(error)):
            return Fault.PROTOCOL
        case _:
            return Fault.CUT


def _is_closed(said: str) -> bool:
    """Whether a broken rule of the protocol was no more than an end that came too early."""
    return "peer closed" in said or "disconnected" in said
