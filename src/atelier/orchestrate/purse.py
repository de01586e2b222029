"""Budgets in one process: whoever finds no room waits for what those under way come to."""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from atelier.ledger.rows import Cap
from atelier.ledger.store import BudgetError
from atelier.models.slots import Slots

_POLL = 0.02


class Purse:
    """The calls that hold of a budget the most that they can cost, until it is known what they did.

    What they hold is mostly far more. So a request that does not fit beside them may fit once one
    of them has ended; where none was under way, it never will. Who waits goes on in order: one for
    each that ends, and one behind each that found room.
    """

    def __init__(self) -> None:
        self._budgets: dict[Cap, _Budget] = {}

    @contextmanager
    def taking_part(self, call: object, caps: Sequence[Cap]) -> Generator[None]:
        """The time in which a call may send; what it holds by its end is free."""
        each = dict.fromkeys(caps)  # two budgets may say the same
        for cap in each:
            self._budgets.setdefault(cap, _Budget()).calls.add(id(call))
        try:
            yield
        finally:
            self.free(call, caps)
            for cap in each:
                budget = self._budgets[cap]
                budget.calls.discard(id(call))
                if not budget.calls:
                    del self._budgets[cap]

    def hold(self, call: object, caps: Sequence[Cap]) -> None:
        """A request of this call is on its way."""
        for cap in caps:
            self._budgets[cap].hold(id(call))

    def free(self, call: object, caps: Sequence[Cap]) -> None:
        """What this call holds is what it cost, or it holds nothing."""
        for cap in caps:
            self._budgets[cap].free(id(call))

    def ended(self, caps: Sequence[Cap]) -> dict[Cap, int]:
        """How many have ended in each budget; who is refused compares."""
        return {cap: self._budgets[cap].ended for cap in caps}

    async def chance(self, refused: BudgetError, before: dict[Cap, int]) -> bool:
        """Wait until there may be room; False where there never will.

        `before` is what had ended as the request that was refused began.
        """
        budget = self._budgets[refused.cap]
        if refused.wanted > refused.cap.limit:
            return False
        if budget.ended != before[refused.cap]:
            return True
        if not budget.under_way:
            return False
        await budget.chance()
        return True


@dataclass(slots=True)
class _Budget:
    calls: set[int] = field(default_factory=set[int])
    under_way: set[int] = field(default_factory=set[int])
    ended: int = 0
    waiting: int = 0
    chances: int = 0
    turn: Slots = field(default_factory=lambda: Slots(1))

    def hold(self, call: int) -> None:
        self.under_way.add(call)
        self._offer()

    def free(self, call: int) -> None:
        if call in self.under_way:
            self.under_way.discard(call)
            self.ended += 1
            self._offer()

    def _offer(self) -> None:
        self.chances = min(self.waiting, self.chances + 1)

    async def chance(self) -> None:
        self.waiting += 1
        try:
            await self.turn.acquire()
            try:
                while self.under_way and not self.chances:  # noqa: ASYNC110 - in any loop
                    await asyncio.sleep(_POLL)
                self.chances = max(0, self.chances - 1)
            finally:
                self.turn.release()
        finally:
            self.waiting -= 1
            self.chances = min(self.waiting, self.chances)
