"""Bringing what another thread has finished to the loop that waits for it, many at once."""

import asyncio
from collections import deque
from concurrent.futures import Future
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")


class _Landings:
    """What has ended in other threads, until the loop takes all of it in one call.

    Each wake-up of a loop is a system call; a group of commits becomes durable in one moment.
    """

    def __init__(self) -> None:
        self._ended: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()
        self._called = False

    def land(self, waiter: asyncio.Future[Any], ended: Future[Any]) -> None:
        """Note an end, in the thread that brought it."""
        self._ended.append((waiter, ended))
        loop = waiter.get_loop()
        if not self._called and not loop.is_closed():
            self._called = True
            loop.call_soon_threadsafe(self._take)

    def _take(self) -> None:
        self._called = False  # first: what ends from here on calls again
        while self._ended:
            waiter, ended = self._ended.popleft()
            if waiter.done():  # nobody waits any more
                continue
            error = ended.exception()
            if error is None:
                waiter.set_result(ended.result())
            else:
                waiter.set_exception(error)


_OF_LOOPS: WeakKeyDictionary[asyncio.AbstractEventLoop, _Landings] = WeakKeyDictionary()


def landed(future: Future[T]) -> asyncio.Future[T]:
    """A future of the running loop that ends as another thread's does.

    Cancelling it cancels what has not begun; what has begun goes on, and nobody is told.
    """
    loop = asyncio.get_running_loop()
    waiter: asyncio.Future[T] = loop.create_future()
    landings = _OF_LOOPS.get(loop)
    if landings is None:
        landings = _OF_LOOPS.setdefault(loop, _Landings())
    waiter.add_done_callback(lambda done: done.cancelled() and future.cancel())
    future.add_done_callback(lambda ended: landings.land(waiter, ended))
    return waiter
