"""How the bytes of a response leave: late, slowly, in part, or with the connection cut."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf

from atelier.testing.provider.asked import Asked
from atelier.testing.provider.behaviour import Behaviour
from atelier.testing.provider.wire import End, Send, Step, Wait, chunk, unchunk


@dataclass(frozen=True, slots=True)
class Latency(Behaviour):
    """Waits before the first byte."""

    seconds: float

    def steps(self, _asked: Asked, steps: Iterable[Step]) -> Iterable[Step]:
        """How that is sent."""
        yield Wait(self.seconds)
        yield from steps


@dataclass(frozen=True, slots=True)
class Hang(Behaviour):
    """Sends nothing more after so many pieces of the body; without a number, nothing at all.

    A piece is an event of a stream, or a quarter of a plain body. The connection stays open until
    the client leaves or the provider is closed.
    """

    after: int | None = None

    def steps(self, _asked: Asked, steps: Iterable[Step]) -> Iterable[Step]:
        """How that is sent."""
        yield from _first(steps, self.after)
        yield Wait(inf)


@dataclass(frozen=True, slots=True)
class Reset(Behaviour):
    """Resets the connection after so many pieces of the body; without a number, at once.

    The request was received whole in any case.
    """

    after: int | None = None

    def steps(self, _asked: Asked, steps: Iterable[Step]) -> Iterable[Step]:
        """How that is sent."""
        yield from _first(steps, self.after)
        yield End("reset")


@dataclass(frozen=True, slots=True)
class Eof(Behaviour):
    """Closes the connection in order after so many pieces of the body; without a number, at once."""

    after: int | None = None

    def steps(self, _asked: Asked, steps: Iterable[Step]) -> Iterable[Step]:
        """How that is sent."""
        yield from _first(steps, self.after)
        yield End("close")


@dataclass(frozen=True, slots=True)
class Drip(Behaviour):
    """Sends a few bytes at a time, with a pause before each: a slow loris.

    With `head` unset, the head leaves at once.
    """

    seconds: float = 1.0
    size: int = 1
    head: bool = True

    def steps(self, _asked: Asked, steps: Iterable[Step]) -> Iterable[Step]:
        """How that is sent."""
        for step in steps:
            if not isinstance(step, Send) or (step.part == "head" and not self.head):
                yield step
                continue
            for data in _cut(step.data, self.size):
                yield Wait(self.seconds)
                yield Send(step.part, data)


@dataclass(frozen=True, slots=True)
class KeepAlive(Behaviour):
    """Sends comments for ever, and never an event."""

    seconds: float = 0.05

    def steps(self, _asked: Asked, steps: Iterable[Step]) -> Iterable[Step]:
        """How that is sent."""
        chunked = True
        for step in steps:
            if isinstance(step, Send) and step.part == "head":
                chunked = b"transfer-encoding: chunked" in step.data
                yield step
                break
        comment = b": keep-alive\n\n"
        while True:
            yield Send("body", chunk(comment) if chunked else b" ")
            yield Wait(self.seconds)


@dataclass(frozen=True, slots=True)
class EventPace(Behaviour):
    """Pauses before each piece of the body."""

    seconds: float

    def steps(self, _asked: Asked, steps: Iterable[Step]) -> Iterable[Step]:
        """How that is sent."""
        for step in steps:
            if isinstance(step, Send) and step.part == "body":
                yield Wait(self.seconds)
            yield step


@dataclass(frozen=True, slots=True)
class SplitCharacters(Behaviour):
    """Cuts a body in the middle of every character that is more than one byte."""

    seconds: float = 0.0

    def steps(self, _asked: Asked, steps: Iterable[Step]) -> Iterable[Step]:
        """How that is sent."""
        for step in steps:
            if not isinstance(step, Send) or step.part != "body":
                yield step
                continue
            content = unchunk(step.data) if step.chunked else step.data
            for piece in _inside_characters(content):
                yield Wait(self.seconds)
                yield Send("body", chunk(piece) if step.chunked else piece, step.chunked)


def _first(steps: Iterable[Step], after: int | None) -> Iterator[Step]:
    """The steps before the piece of the body that follows so many of them."""
    if after is None:
        # A wait that comes before the first byte is still kept.
        yield from _waits(steps)
        return
    sent = 0
    for step in steps:
        if isinstance(step, Send) and step.part != "head":
            if sent == after or step.part == "end":
                return
            sent += 1
        yield step


def _waits(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        if not isinstance(step, Wait):
            return
        yield step


def _cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def _inside_characters(data: bytes) -> Iterator[bytes]:
    """The bytes, cut behind the first byte of each character that has more."""
    start = 0
    for place, byte in enumerate(data):
        if byte >= 0xC0:
            yield data[start : place + 1]
            start = place + 1
    if start < len(data):
        yield data[start:]
