"""Budgets in one process: whoever finds no room waits for what those under way come to."""

import asyncio

from atelier.models.slots import Slots

_POLL = 0.02


class Purse:
    """The calls that hold of a budget the most that they can cost, until it is known what they did.

    What they hold is mostly far more. So a request that does not fit beside them may fit once one
    of them has ended; where none was under way, it never will.
    """

    def __init__(self) -> None:
        self._under_way: set[int] = set()
        self._begun = 0
        self._turn = Slots(1)

    def hold(self, call: object) -> None:
        """A request of this call is on its way."""
        self._begun += 1
        self._under_way.add(id(call))

    def free(self, call: object) -> None:
        """What this call holds is what it cost, or it holds nothing."""
        self._under_way.discard(id(call))

    def quiet(self) -> int | None:
        """A number while none is under way, and another one once any has been; None else."""
        return None if self._under_way else self._begun

    async def one_ended(self) -> None:
        """Wait until one of those under way has ended; at once where none is.

        One end lets one of those who wait go on, in the order in which they came.
        """
        await self._turn.acquire()
        try:
            waited_for = set(self._under_way)
            while waited_for and waited_for <= self._under_way:  # noqa: ASYNC110 - in any loop
                await asyncio.sleep(_POLL)
        finally:
            self._turn.release()
