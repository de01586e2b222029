"""Bodies that are not what their headers say, and bodies that are too much."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from gzip import compress

from atelier.testing.provider.asked import Asked
from atelier.testing.provider.behaviour import Behaviour
from atelier.testing.provider.wire import (
    PADDING_PIECE,
    End,
    Event,
    Send,
    Step,
    Wire,
    chunk,
    unchunk,
)

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class ContentType(Behaviour):
    """Says that the body is of this type, whatever it is."""

    kind: str = "text/plain"

    def wire(self, _asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        return replace(wire, headers=wire.with_headers(("content-type", self.kind)))


@dataclass(frozen=True, slots=True)
class TruncatedBody(Behaviour):
    """Sends a share of the body and a length that fits it, as if it were whole."""

    share: float = 0.5

    def wire(self, _asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        if wire.events is None:
            return replace(wire, body=wire.body[: int(len(wire.body) * self.share)])
        whole = b"".join(event.data for event in wire.events)
        return replace(wire, events=(Event("delta", whole[: int(len(whole) * self.share)]),))


@dataclass(frozen=True, slots=True)
class WrongLength(Behaviour):
    """Tells a length that is so many bytes more than the body has, or fewer; then closes."""

    by: int = 10

    def wire(self, _asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        return replace(wire, length_error=self.by)

    def steps(self, _asked: Asked, steps: Iterable[Step]) -> Iterable[Step]:
        """How that is sent."""
        yield from steps
        yield End("close")


@dataclass(frozen=True, slots=True)
class CutGzip(Behaviour):
    """Compresses the body and sends a share of that; the whole share is a sound body."""

    share: float = 0.5

    def wire(self, _asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        headers = wire.with_headers(("content-encoding", "gzip"))
        whole = wire.body
        if wire.events is not None:
            whole = b"".join(event.data for event in wire.events)
        packed = compress(whole, mtime=0)
        packed = packed[: int(len(packed) * self.share)]
        if wire.events is not None:
            return replace(wire, headers=headers, events=(Event("delta", packed),))
        return replace(wire, headers=headers, body=packed)


@dataclass(frozen=True, slots=True)
class WrongChunkSize(Behaviour):
    """Sends a body in chunks, and tells sizes that they do not have; then closes."""

    by: int = 7

    def wire(self, _asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        return _chunked(wire)

    def steps(self, _asked: Asked, steps: Iterable[Step]) -> Iterable[Step]:
        """How that is sent."""
        for step in steps:
            if isinstance(step, Send) and step.chunked and step.part == "body":
                content = unchunk(step.data)
                told = b"%x\r\n" % max(1, len(content) + self.by)
                yield Send("body", told + content + b"\r\n")
            else:
                yield step
        yield End("close")


@dataclass(frozen=True, slots=True)
class HugeBody(Behaviour):
    """Adds so many bytes that say nothing behind the body."""

    size: int = 100 * 1024 * 1024

    def wire(self, _asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        if wire.events is None:
            return replace(wire, padding=self.size)
        line = b":" + b" " * 65_533 + b"\n\n"
        comments = (Event("open", line),) * max(1, self.size // len(line))
        return replace(wire, events=(*wire.events[:1], *comments, *wire.events[1:]))


@dataclass(frozen=True, slots=True)
class TinyChunks(Behaviour):
    """Sends the body in chunks of so many bytes."""

    size: int = 1

    def wire(self, _asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        return _chunked(wire)

    def steps(self, _asked: Asked, steps: Iterable[Step]) -> Iterable[Step]:
        """How that is sent."""
        batch = self.size * _BATCH
        for step in steps:
            if not (isinstance(step, Send) and step.chunked and step.part == "body"):
                yield step
                continue
            content = unchunk(step.data)
            for start in range(0, len(content), batch):
                part = content[start : start + batch]
                data = b"".join(
                    chunk(part[place : place + self.size])
                    for place in range(0, len(part), self.size)
                )
                yield Send("body", data)


def _chunked(wire: Wire) -> Wire:
    if wire.events is not None:
        return wire
    whole, rest = divmod(wire.padding, PADDING_PIECE)
    padding = (Event("delta", b" " * PADDING_PIECE),) * whole
    last = (Event("delta", b" " * rest),) if rest else ()
    return replace(wire, events=(Event("delta", wire.body), *padding, *last), padding=0, body=b"")
