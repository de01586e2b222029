"""Server-sent events: numbered, resumed by number, ended with the viewer's right or the server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from atelier.observatory.doors.refusal import RefusalError
from atelier.observatory.doors.session import Viewer
from atelier.observatory.starting import Feed, Happening

LOOK = 1.0
HEARTBEAT = 15.0
WRITE = 30.0
# What happens soon after is sent together: a reader sees no difference, and the run is left alone.
REST = 0.1


class Streams:
    """How many streams there may be, and whether they are to end because the server does."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._open = 0
        self.is_closing = False

    def close(self) -> None:
        """End every stream within a second, and begin no other."""
        self.is_closing = True

    def require_room(self) -> None:
        """Refuse one stream more than there may be.

        Raises:
            RefusalError: 429.
        """
        if self._open >= self._limit or self.is_closing:
            raise RefusalError(
                "door.streams",
                "Too many pages follow runs at once.",
                status=429,
                facts={"limit": self._limit},
                next_step="Close some of them, or read the run without following it.",
            )

    @contextmanager
    def counted(self) -> Generator[None]:
        """Count one stream while it lasts."""
        with self._lock:
            self._open += 1
        try:
            yield
        finally:
            with self._lock:
                self._open -= 1


class EventStream(Response):
    """The answer that goes on: as fast as its reader reads, and never faster."""

    media_type = "text/event-stream"

    def __init__(self, feed: Feed, *, after: int, viewer: Viewer, streams: Streams) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._pieces = pieces(feed, after=after, goes_on=_goes_on(viewer, streams))
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the run is over, the reader has gone, or its right to read has."""
        start = {"status": self.status_code, "headers": self.raw_headers}
        with self._streams.counted():
            left = asyncio.create_task(_wait_left(receive))
            try:
                await send({"type": "http.response.start", **start})
                if scope["method"] != "HEAD":
                    await self._send_all(send, left)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            finally:
                left.cancel()

    async def _send_all(self, send: Send, left: "asyncio.Task[None]") -> None:
        async for piece in self._pieces:
            if left.done():
                return
            try:
                async with asyncio.timeout(WRITE):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            except TimeoutError:  # nobody reads any more
                return


async def pieces(
    feed: Feed,
    *,
    after: int,
    goes_on: Callable[[], bool],
    seconds: Callable[[], float] = monotonic,
) -> AsyncIterator[bytes]:
    """The bytes of a stream; a comment now and then shows that the server is alive."""
    yield b"retry: 2000\n\n"
    said = seconds()
    while goes_on():
        was_over = feed.is_over
        found = await feed.after(after, seconds=LOOK)
        if found:
            yield b"".join(event_bytes(happening) for happening in found)
            after, said = found[-1].number, seconds()
            await asyncio.sleep(REST)
        if was_over and not found:
            yield b"event: over\ndata: {}\n\n"
            return
        if seconds() - said >= HEARTBEAT:
            said = seconds()
            yield b": still here\n\n"


def event_bytes(happening: Happening) -> bytes:
    r"""One event; JSON has no line break, so that no text of a run can begin another event.

    Example:
        >>> event_bytes(Happening(number=1, kind="warned", data={"text": "a\n\nid: 9"}))
        b'id: 1\nevent: warned\ndata: {"text":"a\\n\\nid: 9"}\n\n'
    """
    data = orjson.dumps(dict(happening.data))
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (happening.number, happening.kind.encode(), data)


def parse_last(text: str) -> int:
    """The number after which a browser goes on by itself; anything else begins anew.

    Example:
        >>> parse_last("12"), parse_last("x"), parse_last("")
        (12, 0, 0)
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _goes_on(viewer: Viewer, streams: Streams) -> Callable[[], bool]:
    return lambda: not streams.is_closing and viewer.is_valid()


async def _wait_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
