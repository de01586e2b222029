"""One connection of the fake provider, from its first request to its end."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterable
from contextlib import suppress
from math import isinf
from socket import SO_LINGER, SOL_SOCKET
from struct import pack
from typing import Any

from atelier.testing.provider.incoming import Incoming, read_incoming
from atelier.testing.provider.wire import End, Send, Step, Wait

_FULL = 1 << 18
# Closed with this, a socket drops what it holds and tells the peer so.
_AT_ONCE = pack("ii", 1, 0)


async def serve(
    reader: StreamReader, writer: StreamWriter, answer: Callable[[Incoming], Iterable[Step]]
) -> None:
    """Answer the requests of a connection, one after the other."""
    try:
        while True:
            incoming = await read_incoming(reader)
            if incoming is None:
                return
            steps = answer(incoming)
            if not incoming.complete or not await _take(steps, reader, writer):
                return
            if not incoming.keeps:
                return
    except ConnectionError:
        return
    finally:
        await _closed(writer)


async def _take(steps: Iterable[Step], reader: StreamReader, writer: StreamWriter) -> bool:
    """Take every step; whether the connection is still good."""
    for step in steps:
        match step:
            case Send():
                writer.write(step.data)
                if _waiting(writer) > _FULL:
                    await writer.drain()
            case Wait(seconds) if isinf(seconds):
                await writer.drain()
                await _left(reader)
                return False
            case Wait(seconds):
                await writer.drain()
                await asyncio.sleep(seconds)
            case End():
                await _flushed(writer)
                if step.by == "reset":
                    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, _AT_ONCE)
                    writer.transport.abort()
                return False
        if writer.is_closing():
            return False
    await writer.drain()
    return True


async def _left(reader: StreamReader) -> None:
    """Wait until the client leaves."""
    while await reader.read(1 << 16):
        pass


async def _flushed(writer: StreamWriter) -> None:
    """Wait until the system has taken every byte, so that a reset cuts where it should."""
    transport: Any = writer.transport
    transport.set_write_buffer_limits(0)
    await writer.drain()


def _waiting(writer: StreamWriter) -> int:
    transport: Any = writer.transport
    return int(transport.get_write_buffer_size())


async def _closed(writer: StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError, TimeoutError):
        await asyncio.wait_for(writer.wait_closed(), 1.0)
