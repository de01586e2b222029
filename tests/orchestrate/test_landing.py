"""What ends in other threads comes to the loop that waits: all of it, and in few calls."""

import asyncio
from concurrent.futures import Future
from threading import Event, Thread
from typing import Any

import pytest

from atelier.orchestrate.landing import landed


def test_what_ends_at_once_wakes_the_loop_once() -> None:
    async def main() -> tuple[list[int], int]:
        loop, calls = asyncio.get_running_loop(), 0
        inner = loop.call_soon_threadsafe

        def counted(callback: Any, *args: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            return inner(callback, *args, **named)

        futures: list[Future[int]] = [Future() for _ in range(50)]
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
        future: Future[int] = Future()
        waiter = landed(future)
        future.set_exception(ValueError("no"))
        with pytest.raises(ValueError, match="no"):
            await waiter

    asyncio.run(main())


def test_cancelling_cancels_what_has_not_begun() -> None:
    async def main() -> None:
        waiting: Future[int] = Future()
        running: Future[int] = Future()
        running.set_running_or_notify_cancel()
        waiters = [landed(waiting), landed(running)]
        for waiter in waiters:
            waiter.cancel()
        await asyncio.sleep(0)
        assert waiting.cancelled()
        assert not running.cancelled()
        running.set_result(1)
        await asyncio.sleep(0)  # and nobody minds

    asyncio.run(main())


def test_what_ends_after_the_loop_is_told_to_nobody() -> None:
    future: Future[int] = Future()
    ended = Event()
    future.add_done_callback(lambda _: ended.set())

    async def main() -> None:
        landed(future)

    asyncio.run(main())
    future.set_result(1)
    assert ended.is_set()
