"""What ends in other threads comes to the loop that waits: all of it, and in few calls."""

import asyncio
import gc
from threading import Event, Thread
from typing import Any
from weakref import ReferenceType, ref

import pytest

from atelier.ledger.pending import Pending
from atelier.orchestrate.landing import landed


def test_what_ends_at_once_wakes_the_loop_once() -> None:
    async def main() -> tuple[list[int], int]:
        loop, calls = asyncio.get_running_loop(), 0
        inner = loop.call_soon_threadsafe

        def counted(callback: Any, *args: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            return inner(callback, *args, **named)

        futures: list[Pending[int]] = [Pending() for _ in range(50)]
        waiters = [landed(future) for future in futures]
        loop.call_soon_threadsafe = counted
        thread = Thread(target=lambda: [one.set_result(at) for at, one in enumerate(futures)])
        thread.start()
        thread.join()  # the loop stands still meanwhile
        return await asyncio.gather(*waiters), calls

    values, calls = asyncio.run(main())
    assert values == list(range(50))
    assert calls == 1


def test_a_failure_comes_as_it_was_raised() -> None:
    async def main() -> None:
        future: Pending[int] = Pending()
        waiter = landed(future)
        future.set_exception(ValueError("no"))
        with pytest.raises(ValueError, match="no"):
            await waiter

    asyncio.run(main())


def test_who_gives_up_is_not_told_and_the_work_goes_on() -> None:
    async def main() -> None:
        pending = Pending[int]()
        waiter = landed(pending)
        waiter.cancel()
        await asyncio.sleep(0)
        assert not pending.done()
        pending.set_result(1)
        await asyncio.sleep(0)  # and nobody minds
        assert waiter.cancelled()

    asyncio.run(main())


def test_a_loop_that_closed_with_work_under_way_is_let_go() -> None:
    pending = Pending[int]()

    async def main() -> ReferenceType[asyncio.AbstractEventLoop]:
        landed(pending)
        return ref(asyncio.get_running_loop())

    loop = asyncio.run(main())
    pending.set_result(1)
    gc.collect()
    assert loop() is None


def test_what_ends_after_the_loop_is_told_to_nobody() -> None:
    future: Pending[int] = Pending()
    ended = Event()
    future.add_done_callback(lambda _: ended.set())

    async def main() -> None:
        landed(future)

    asyncio.run(main())
    future.set_result(1)
    assert ended.is_set()
