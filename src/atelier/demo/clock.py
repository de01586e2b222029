"""A clock that tells a story's time: each stage has a time of its own, however threads interleave."""

import asyncio
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from atelier.kernel.digest import digest_bytes
from atelier.orchestrate.events import RunEvent, StageBegan, StageEnded

_EPOCH = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Hand:
    """How far one stage is into its run, and how far each look at the clock takes it."""

    seconds: float
    step: float
    owner: "asyncio.Task[Any] | None" = None

    def look(self) -> float:
        """What it shows; it moves on where its own stage looks.

        What begins in the context of a stage looks before or after it has ended, by chance.
        """
        if self.owner is None or self.owner is _this_task():
            self.seconds += self.step
        return round(self.seconds, 6)

    def stop(self) -> float:
        """Where it stands from here on: whoever comes after a stage begins in its context."""
        self.step = 0.0
        return self.seconds


class ScriptedClock:
    """Time that moves by what happens in a run, and not by what the machine needs for it.

    A stage begins when what it needs has ended. Whoever reads the clock moves it a little; a model
    that answers moves it by the seconds that it would have taken. So equal histories are recorded
    with equal times.
    """

    def __init__(self, upstream: Mapping[str, Sequence[str]]) -> None:
        self._upstream = upstream
        self._start = _EPOCH
        self._hands: dict[str, _Hand] = {}
        self._ended: dict[str, float] = {}
        self._run = _Hand(0.0, 0.004)
        self._own: ContextVar[_Hand | None] = ContextVar("hand", default=None)

    def begin(self, moment: datetime) -> None:
        """Set the clock for a run."""
        self._start = moment
        self._hands = {}
        self._ended = {}
        self._run = _Hand(0.0, 0.004)
        self._own = ContextVar("hand", default=None)

    def observe(self, event: RunEvent) -> None:
        """Give a stage its own hand as it begins, and keep where it ended."""
        if isinstance(event, StageBegan):
            pace = _step(f"{event.stage} {self._start}")
            hand = _Hand(self._begins(event.stage), pace, _this_task())
            self._hands[event.stage] = hand
            self._own.set(hand)
        elif isinstance(event, StageEnded):
            name = event.result.stage
            own = self._hands.get(name)
            self._ended[name] = own.stop() if own is not None else self._begins(name)

    def pass_by(self, seconds: float) -> None:
        """Let time pass in the stage that this is called in."""
        self._hand().seconds += seconds

    async def sleep(self, seconds: float) -> None:
        """Wait as the story does: at once."""
        self.pass_by(seconds)

    def now(self) -> datetime:
        """The wall time of the stage that asks, or of the run."""
        return self._start + timedelta(seconds=self.seconds_in())

    def seconds(self) -> float:
        """Seconds since a moment long ago."""
        return (self._start - _EPOCH).total_seconds() + self.seconds_in()

    def seconds_in(self) -> float:
        """Seconds since the run began; each look takes a little."""
        return self._hand().look()

    def _hand(self) -> _Hand:
        own = self._own.get()
        if own is not None:
            return own
        self._run.seconds = max(self._run.seconds, *self._ended.values(), 0.0)
        return self._run

    def _begins(self, stage: str) -> float:
        """When what a stage needs has its value, be it durable by now or not."""
        return max((self._reached(name) for name in self._upstream.get(stage, ())), default=0.0)

    def _reached(self, stage: str) -> float:
        hand = self._hands.get(stage)
        return hand.seconds if hand is not None else self._ended.get(stage, 0.0)


def _this_task() -> "asyncio.Task[Any] | None":
    try:
        return asyncio.current_task()
    except RuntimeError:  # a thread without a loop
        return None


def _step(text: str) -> float:
    """A pace between 5 and 60 ms, the same for the same text."""
    return 0.005 + int(digest_bytes(text.encode())[7:11], 16) % 56 / 1000
