"""How the fake provider behaves: values that compose, each changing one thing of an exchange."""

from collections.abc import Iterable
from dataclasses import dataclass

from atelier.testing.provider.asked import Asked
from atelier.testing.provider.reply import Reply
from atelier.testing.provider.wire import Step, Wire


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One change: of what the model says, of the response that tells it, or of how that is sent.

    `left | right` does what `left` does, then what `right` does. Where no part says an answer, an
    obedient model gives it. A subclass overrides what it changes, and must be a pure function.

    Example:
        >>> from atelier.testing.provider import Latency, Text
        >>> Text("Hello.") | Latency(0.05)
        Together(parts=(Text(text='Hello.'), Latency(seconds=0.05)))
    """

    def reply(self, _asked: Asked, reply: Reply, /) -> Reply:
        """What the model says."""
        return reply

    def wire(self, _asked: Asked, wire: Wire, /) -> Wire:
        """The response that tells it."""
        return wire

    def steps(self, _asked: Asked, steps: Iterable[Step], /) -> Iterable[Step]:
        """How that is sent."""
        return steps

    def __or__(self, other: "Behaviour") -> "Behaviour":
        return Together((*_parts(self), *_parts(other)))


@dataclass(frozen=True, slots=True)
class Together(Behaviour):
    """Behaviours one after the other."""

    parts: tuple[Behaviour, ...]

    def reply(self, asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        for part in self.parts:
            reply = part.reply(asked, reply)
        return reply

    def wire(self, asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        for part in self.parts:
            wire = part.wire(asked, wire)
        return wire

    def steps(self, asked: Asked, steps: Iterable[Step]) -> Iterable[Step]:
        """How that is sent."""
        for part in self.parts:
            steps = part.steps(asked, steps)
        return steps


def _parts(behaviour: Behaviour) -> tuple[Behaviour, ...]:
    return behaviour.parts if isinstance(behaviour, Together) else (behaviour,)
