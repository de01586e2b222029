"""Limits on what one request may take; runs know nothing of them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import Message, Receive

from atelier.observatory.doors.refusal import RefusalError


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bytes of a body, seconds for its arrival and for an answer, connections and streams."""

    body: int = 256 * 1024
    header_bytes: int = 32 * 1024
    header_seconds: float = 10.0
    body_seconds: float = 10.0
    answer_seconds: float = 30.0
    connections: int = 200
    streams: int = 32
    query: int = 8192


async def read_body(receive: Receive, headers: Mapping[str, str], limits: Limits) -> bytes:
    """A request's whole body.

    Raises:
        RefusalError: 413 where it is too large, 408 where it does not arrive, 400 where it stops.
    """
    stated = headers.get("content-length", "0")
    if not stated.isdecimal() or int(stated) > limits.body:
        raise _too_large(limits)
    data = bytearray()
    try:
        async with asyncio.timeout(limits.body_seconds):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise RefusalError(
                        "door.body", "The body broke off.", status=400, next_step="Send it again."
                    )
                data += message.get("body", b"")
                if len(data) > limits.body:
                    raise _too_large(limits)
                more = message.get("more_body", False)
    except TimeoutError as error:
        raise RefusalError(
            "door.slow",
            "The body took too long to arrive.",
            status=408,
            facts={"limit": f"{limits.body_seconds:g} s"},
            next_step="Send it again, in one go.",
        ) from error
    return bytes(data)


def after_body(receive: Receive) -> Receive:
    """What a handler receives once the body has been read: it is over, then the client's leaving."""
    told = False

    async def later() -> Message:
        nonlocal told
        if not told:
            told = True
            return {"type": "http.request", "body": b"", "more_body": False}
        return await receive()

    return later


def _too_large(limits: Limits) -> RefusalError:
    return RefusalError(
        "door.large",
        "The body is larger than anything that is asked for here.",
        status=413,
        facts={"limit": f"{limits.body} bytes"},
        next_step="Send less.",
    )
