"""Waiting for room in a budget: as long as somebody's request may come to less, and no longer."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

from atelier.ledger.rows import Cap
from atelier.ledger.store import BudgetError
from atelier.orchestrate.purse import Purse

CAP = Cap(limit=100, what="for this run", run="r1")
OTHER = Cap(limit=100, what="for this run", run="r2")


class Call:
    """Somebody who may send, and what room there is for it."""

    def __init__(self, purse: Purse, cap: Cap = CAP) -> None:
        self.purse = purse
        self.caps = (cap,)

    def refused(self, wanted: int = 60) -> BudgetError:
        return BudgetError(self.caps[0], spent=50, wanted=wanted)

    async def chance(self, wanted: int = 60) -> bool:
        before = self.purse.ended(self.caps)
        return await asyncio.wait_for(self.purse.chance(self.refused(wanted), before), 5)

    def hold(self) -> None:
        self.purse.hold(self, self.caps)

    def free(self) -> None:
        self.purse.free(self, self.caps)


def taking_part(stack: ExitStack, *calls: Call) -> Sequence[Call]:
    for call in calls:
        stack.enter_context(call.purse.taking_part(call, call.caps))
    return calls


def test_where_nobody_is_under_way_there_never_will_be_room() -> None:
    purse = Purse()
    with ExitStack() as stack:
        (call,) = taking_part(stack, Call(purse))
        assert not asyncio.run(call.chance())


def test_what_is_more_than_the_budget_waits_for_nobody() -> None:
    purse = Purse()
    with ExitStack() as stack:
        one, other = taking_part(stack, Call(purse), Call(purse))
        one.hold()
        assert not asyncio.run(other.chance(wanted=101))


def test_nobody_waits_for_calls_of_another_budget() -> None:
    purse = Purse()
    with ExitStack() as stack:
        one, other = taking_part(stack, Call(purse, OTHER), Call(purse))
        one.hold()
        assert not asyncio.run(other.chance())


def test_whoever_was_refused_while_another_ended_tries_again_at_once() -> None:
    purse = Purse()
    with ExitStack() as stack:
        one, late, other = taking_part(stack, Call(purse), Call(purse), Call(purse))
        one.hold()
        late.hold()
        before = purse.ended(other.caps)
        one.free()
        assert asyncio.run(asyncio.wait_for(purse.chance(other.refused(), before), 5))


def test_each_end_lets_one_go_on_and_who_finds_room_lets_the_next_one_try() -> None:
    purse, gone = Purse(), list[int]()

    async def waits(number: int, call: Call) -> None:
        assert await call.chance()
        gone.append(number)
        if number == 0:
            call.hold()  # it found room: perhaps there is more

    async def main(slow: Call, quick: Call, waiting: Sequence[Call]) -> list[int]:
        slow.hold()
        quick.hold()
        tasks = [asyncio.create_task(waits(*pair)) for pair in enumerate(waiting)]
        await asyncio.sleep(0.06)
        seen = [len(gone)]
        quick.free()
        await asyncio.sleep(0.12)
        seen.append(len(gone))  # the first, and the one behind it, though `slow` goes on
        slow.free()
        waiting[0].free()
        await asyncio.wait_for(asyncio.gather(*tasks), 5)
        return seen

    with ExitStack() as stack:
        slow, quick, *waiting = taking_part(stack, *(Call(purse) for _ in range(6)))
        assert asyncio.run(main(slow, quick, waiting)) == [0, 2]
    assert gone == [0, 1, 2, 3]


def test_whoever_gives_up_holds_up_nobody() -> None:
    purse = Purse()

    async def main(holding: Call, first: Call, second: Call) -> None:
        holding.hold()
        tasks = [asyncio.create_task(one.chance()) for one in (first, second)]
        await asyncio.sleep(0.03)
        tasks[0].cancel()
        await asyncio.sleep(0.03)
        holding.free()
        assert await asyncio.wait_for(tasks[1], 5)

    with ExitStack() as stack:
        holding, first, second = taking_part(stack, *(Call(purse) for _ in range(3)))
        asyncio.run(main(holding, first, second))


def test_what_a_call_holds_at_its_end_is_free_and_a_budget_of_nobody_is_forgotten() -> None:
    purse = Purse()
    with ExitStack() as stack:
        (staying,) = taking_part(stack, Call(purse))
        with purse.taking_part(object(), (CAP,)):
            purse.hold(staying, (CAP,))
        left = Call(purse)
        with purse.taking_part(left, left.caps):
            left.hold()
        assert purse.ended((CAP,)) == {CAP: 1}
    with purse.taking_part(left, (CAP, CAP)):
        assert purse.ended((CAP,)) == {CAP: 0}
