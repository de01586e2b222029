"""A response as bytes: what is sent, and how."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Literal

EventKind = Literal["open", "delta", "close", "finish", "usage", "done", "error"]
PADDING_PIECE = 65_536
PLAIN_PIECES = 4


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream, whole, as it stands on the wire; its kind says what it carries."""

    kind: EventKind
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A response before it is cut into pieces; a stream has `events`, anything else a `body`.

    `worked` says whether the provider did the work, which is what it bills. `padding` spaces
    follow the body, and are made while they are sent.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)
    body: bytes = b""
    events: tuple[Event, ...] | None = None
    padding: int = 0
    length_error: int = 0
    worked: bool = True

    def with_headers(self, *headers: tuple[str, str]) -> tuple[tuple[str, str], ...]:
        """The headers with others set, each in the place of those of its name."""
        names = {name.lower() for name, _ in headers}
        kept = [(name, value) for name, value in self.headers if name.lower() not in names]
        return (*kept, *headers)


@dataclass(frozen=True, slots=True)
class Send:
    """Send these bytes. A piece of a body is an event of a stream, or a quarter of a plain body."""

    part: Literal["head", "body", "end"]
    data: bytes
    chunked: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Send nothing for a time; for ever, until the client leaves or the server closes."""

    seconds: float


@dataclass(frozen=True, slots=True)
class End:
    """Close the connection: in order, or by a reset."""

    by: Literal["close", "reset"]


Step = Send | Wait | End


def steps_of(wire: Wire, *, moment: float) -> Iterator[Step]:
    """The steps that send a response as HTTP/1.1 has it."""
    yield Send("head", _head(wire, moment))
    if wire.events is not None:
        for event in wire.events:
            yield Send("body", chunk(event.data), chunked=True)
        yield Send("end", chunk(b""), chunked=True)
        return
    yield from (Send("body", piece) for piece in _quarters(wire.body))
    for start in range(0, wire.padding, PADDING_PIECE):
        yield Send("body", b" " * min(PADDING_PIECE, wire.padding - start))


def chunk(data: bytes) -> bytes:
    r"""One chunk of a chunked body; the empty one ends it.

    Example:
        >>> chunk(b"hello"), chunk(b"")
        (b'5\r\nhello\r\n', b'0\r\n\r\n')
    """
    return b"%x\r\n%b\r\n" % (len(data), data)


def unchunk(data: bytes) -> bytes:
    """The content of one chunk."""
    return data[data.index(b"\r\n") + 2 : -2]


def event(kind: EventKind, data: str, *, name: str = "") -> Event:
    r"""A server-sent event.

    Example:
        >>> event("delta", "{}", name="ping").data
        b'event: ping\ndata: {}\n\n'
    """
    named = f"event: {name}\n" if name else ""
    return Event(kind, f"{named}data: {data}\n\n".encode("utf-8", "surrogatepass"))


def _head(wire: Wire, moment: float) -> bytes:
    headers = list(wire.headers)
    names = {name.lower() for name, _ in headers}
    if "date" not in names:
        headers.append(("date", formatdate(moment, usegmt=True)))
    if wire.events is not None:
        headers.append(("transfer-encoding", "chunked"))
    else:
        length = len(wire.body) + wire.padding + wire.length_error
        headers.append(("content-length", str(length)))
    lines = [f"HTTP/1.1 {wire.status} {_phrase(wire.status)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _phrase(status: int) -> str:
    known: Iterable[int] = {item.value for item in HTTPStatus}
    return HTTPStatus(status).phrase if status in known else "Overloaded"


def _quarters(body: bytes) -> Iterator[bytes]:
    size = max(1, -(-len(body) // PLAIN_PIECES))
    yield from (body[start : start + size] for start in range(0, len(body), size))
