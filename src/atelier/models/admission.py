"""Who may ask now: limits of a model class and of a key, and the pause that a provider asks for.

It holds in one process; nothing of it is in any key.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from atelier.kernel.clock import Clock
from atelier.models.limits import Limits
from atelier.models.slots import Slots
from atelier.models.window import Grant, Window

Sleep = Callable[[float], Awaitable[None]]


@dataclass(slots=True)
class Admission:
    """Leave to send one request: what its gates have noted of it, requests and tokens."""

    waited: float
    requests: Sequence[Grant] = field(default=())
    tokens: Sequence[Grant] = field(default=())

    def settle(self, tokens: int | None) -> None:
        """Correct the estimate by what was used; unknown leaves it as it is."""
        if tokens is not None:
            for grant in self.tokens:
                grant.amount = tokens

    def give_back(self) -> None:
        """Nothing was sent: let others have the minute's share."""
        for grant in (*self.requests, *self.tokens):
            grant.amount = 0


class Gates:
    """The gates of a process, by name: `class:writer`, `key:OPENAI_API_KEY`.

    Requests pass each gate in order of arrival. Whoever is first waits for the minute and the
    pause; the others wait behind, so nobody is overtaken and nobody wakes in vain.
    """

    def __init__(self, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._gates: dict[str, _Gate] = {}

    def admitted(self, limits: Sequence[tuple[str, Limits]], *, tokens: int = 0) -> "_Passage":
        """Leave to send one request, held while the block runs.

        Args:
            limits: The gates to pass, always in the same order, with the limits of each. The first
                request through a gate sets its limits.
            tokens: An estimate of what the request takes; `settle` corrects it.
        """
        gates = [self._gate(name, limit) for name, limit in limits]
        return _Passage(gates, tokens, clock=self._clock, sleep=self._sleep)

    def pause(self, name: str, seconds: float) -> None:
        """Let nobody through a gate for a while: its provider asked for it.

        A shorter pause does not end a longer one.
        """
        gate = self._gate(name, Limits())
        gate.paused_until = max(gate.paused_until, self._clock.seconds() + seconds)

    def _gate(self, name: str, limits: Limits) -> "_Gate":
        gate = self._gates.get(name)
        if gate is None or (gate.limits == Limits() and limits != Limits()):
            paused = gate.paused_until if gate is not None else 0.0
            gate = self._gates[name] = _Gate(limits, paused)
        return gate


class _Passage:
    """One request's way through its gates, and the places that it holds until it is sent."""

    __slots__ = ("_clock", "_gates", "_held", "_sleep", "_tokens")

    def __init__(
        self, gates: Sequence["_Gate"], tokens: int, *, clock: Clock, sleep: Sleep
    ) -> None:
        self._gates = gates
        self._tokens = tokens
        self._clock = clock
        self._sleep = sleep
        self._held: list[Slots] = []

    async def __aenter__(self) -> Admission:
        began = self._clock.seconds()
        turns: list[Slots] = []
        try:
            for gate in self._gates:
                await _take(gate.slots, self._held)
                await _take(gate.turn, turns)
                while (seconds := gate.wait(self._clock.seconds(), self._tokens)) > 0:
                    await self._sleep(seconds)
            now = self._clock.seconds()
            # Granted at once: what was free while this one stood at a later gate still is,
            # since nobody passes a gate while its turn is taken.
            granted = [gate.grant(now, self._tokens) for gate in self._gates]
        except BaseException:
            _release(self._held)
            raise
        finally:
            _release(turns)
        requests, counted = zip(*granted, strict=True) if granted else ((), ())
        return Admission(waited=now - began, requests=requests, tokens=counted)

    async def __aexit__(self, *_: object) -> None:
        _release(self._held)


class _Gate:
    """One gate: places, the turn to wait at its head, the minute, and the pause."""

    def __init__(self, limits: Limits, paused_until: float) -> None:
        self.limits = limits
        self.paused_until = paused_until
        self.slots = Slots(limits.concurrency)
        self.turn = Slots(1)
        self._requests = Window(limits.requests_per_minute)
        self._tokens = Window(limits.tokens_per_minute)

    def wait(self, now: float, tokens: int) -> float:
        """Seconds that the first in line has still to wait."""
        return max(
            self._requests.wait(now, 1), self._tokens.wait(now, tokens), self.paused_until - now
        )

    def grant(self, now: float, tokens: int) -> tuple[Grant, Grant]:
        """Note one request of so many tokens."""
        return self._requests.grant(now, 1), self._tokens.grant(now, tokens)


async def _take(slots: Slots, held: list[Slots]) -> None:
    if not slots.try_acquire():
        await slots.acquire()
    held.append(slots)


def _release(held: list[Slots]) -> None:
    while held:
        held.pop().release()
