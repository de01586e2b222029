"""Streams whose events are not what the dialect promises."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from atelier.testing.provider.asked import Asked
from atelier.testing.provider.behaviour import Behaviour
from atelier.testing.provider.dialects import DIALECTS
from atelier.testing.provider.failure import Failure
from atelier.testing.provider.wire import Event, EventKind, Wire

Events = tuple[Event, ...]
_LAST: frozenset[EventKind] = frozenset({"close", "finish", "usage", "done"})


class StreamFlaw(StrEnum):
    """What is wrong with the events of a stream, which ends in order all the same."""

    NO_FINISH = "no reason to end"
    NO_DONE = "no last event"
    NO_USAGE = "no usage"
    ERROR_EVENT = "an error in the middle"
    DUPLICATED = "a chunk twice"
    REORDERED = "two chunks exchanged"
    MISSING = "a chunk missing"
    NOTHING = "no event at all"


@dataclass(frozen=True, slots=True)
class StreamFault(Behaviour):
    """Spoils the events of a stream in one way; an answer that is no stream stays whole."""

    flaw: StreamFlaw
    failure: Failure = Failure.OVERLOADED

    def wire(self, asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        if wire.events is None:
            return wire
        if self.flaw is StreamFlaw.ERROR_EVENT:
            error = DIALECTS[asked.dialect].failure_event(self.failure, asked)
            return replace(wire, events=(*_half(wire.events), error))
        return replace(wire, events=_FLAWS[self.flaw](wire.events))


@dataclass(frozen=True, slots=True)
class Comments(Behaviour):
    """Puts comments, which keep a connection alive, between the events of a stream."""

    text: str = "keep-alive"

    def wire(self, _asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        if wire.events is None:
            return wire
        comment = Event("open", f": {self.text}\n\n".encode())
        return replace(wire, events=tuple(one for item in wire.events for one in (comment, item)))


def _half(events: Events) -> Events:
    return events[: max(1, len(events) // 2)]


def _without(*kinds: EventKind) -> Callable[[Events], Events]:
    return lambda events: tuple(event for event in events if event.kind not in kinds)


def _deltas(events: Events) -> list[int]:
    """Where the chunks of the answer stand; the last chunk, where no other has a part of it."""
    places = [place for place, event in enumerate(events) if event.kind == "delta"]
    return places or [len(events) - 1]


def _duplicated(events: Events) -> Events:
    place = _deltas(events)[0]
    return (*events[: place + 1], *events[place:])


def _reordered(events: Events) -> Events:
    places = _deltas(events)
    left, right = (places[-2], places[-1]) if len(places) > 1 else (places[0], places[0])
    changed = list(events)
    changed[left], changed[right] = changed[right], changed[left]
    return tuple(changed)


def _missing(events: Events) -> Events:
    places = _deltas(events)
    place = places[len(places) // 2]
    return (*events[:place], *events[place + 1 :])


_FLAWS: dict[StreamFlaw, Callable[[Events], Events]] = {
    StreamFlaw.NO_FINISH: _without(*_LAST),
    StreamFlaw.NO_DONE: _without("done"),
    StreamFlaw.NO_USAGE: _without("usage"),
    StreamFlaw.DUPLICATED: _duplicated,
    StreamFlaw.REORDERED: _reordered,
    StreamFlaw.MISSING: _missing,
    StreamFlaw.NOTHING: lambda _: (),
}
