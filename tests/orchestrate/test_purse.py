"""Waiting for room in a budget: as long as somebody's request may come to less, and no longer."""

import asyncio

from atelier.orchestrate.purse import Purse


def test_where_nobody_is_under_way_nobody_is_waited_for() -> None:
    purse = Purse()
    quiet = purse.quiet()
    asyncio.run(asyncio.wait_for(purse.one_ended(), 5))
    assert quiet == purse.quiet()


def test_it_is_known_whether_anybody_was_under_way_meanwhile() -> None:
    purse, call = Purse(), object()
    before = purse.quiet()
    purse.hold(call)
    assert purse.quiet() is None
    purse.free(call)
    assert purse.quiet() not in {None, before}


def test_each_end_lets_the_next_one_go_on_and_the_last_one_all() -> None:
    purse, calls, gone = Purse(), [object(), object()], list[int]()

    async def waits(number: int) -> None:
        await purse.one_ended()
        gone.append(number)

    async def main() -> list[int]:
        for call in calls:
            purse.hold(call)
        waiting = [asyncio.create_task(waits(number)) for number in range(4)]
        seen = list[int]()
        for call in calls:
            await asyncio.sleep(0.06)
            seen.append(len(gone))
            purse.free(call)
        await asyncio.wait_for(asyncio.gather(*waiting), 5)
        return seen

    assert asyncio.run(main()) == [0, 1]
    assert gone == [0, 1, 2, 3]


def test_whoever_gives_up_holds_up_nobody() -> None:
    purse, call = Purse(), object()

    async def main() -> None:
        purse.hold(call)
        first, second = (asyncio.create_task(purse.one_ended()) for _ in range(2))
        await asyncio.sleep(0.03)
        first.cancel()
        await asyncio.sleep(0.03)
        purse.free(call)
        await asyncio.wait_for(second, 5)

    asyncio.run(main())
