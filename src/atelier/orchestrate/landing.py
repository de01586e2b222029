"""Bringing what another thread has finished to the loop that waits for it, many at once."""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Ending(Protocol[T_co]):
    """What ends in another thread, with a value or an exception."""

    def result(self) -> T_co:
        """The value."""
        ...

    def exception(self) -> BaseException | None:
        """What was raised."""
        ...

    def add_done_callback(self, callback: Callable[[Any], object], /) -> None:
        """Have it said in the thread that brings the end."""
        ...


class _Landings:
    """What has ended in other threads, until the loop takes all of it in one call.

    Each wake-up of a loop is a system call; a group of commits becomes durable in one moment.
    """

    def __init__(self) -> None:
        self._ended: deque[tuple[asyncio.Future[Any], Ending[Any]]] = deque()
        self._called = False

    def land(self, waiter: asyncio.Future[Any], ended: Ending[Any]) -> None:
        """Note an end, in the thread that brought it."""
        self._ended.append((waiter, ended))
        if not self._called:
            self._called = True
            try:
                waiter.get_loop().call_soon_threadsafe(self._take)
            except RuntimeError:  # the loop is closed: nobody waits in it, and nothing holds it
                self._ended.clear()

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
                waiter.set_exception(_raisable(error))


def _raisable(error: BaseException) -> BaseException:
    """An error that a future takes: `StopIteration` is none, and stands behind another."""
    if not isinstance(error, StopIteration):
        return error
    raisable = RuntimeError("StopIteration was raised")
    raisable.__cause__ = error
    return raisable


_OF_LOOPS: WeakKeyDictionary[asyncio.AbstractEventLoop, _Landings] = WeakKeyDictionary()


def landed(ending: Ending[T]) -> asyncio.Future[T]:
    """A future of the running loop that ends as another thread's work does.

    Cancelling it ends the waiting alone: the work goes on, and nobody is told.
    """
    loop = asyncio.get_running_loop()
    waiter: asyncio.Future[T] = loop.create_future()
    landings = _OF_LOOPS.get(loop)
    if landings is None:
        landings = _OF_LOOPS[loop] = _Landings()
    ending.add_done_callback(partial(landings.land, waiter))
    return waiter
