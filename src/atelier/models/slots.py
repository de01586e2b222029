"""A number of places that are taken in order of arrival, from any loop of the process."""

import asyncio
import threading
from collections import deque


class Slots:
    """So many may hold a place at once; None is no limit. Who came first is served first."""

    def __init__(self, count: int | None) -> None:
        self._free = count
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._lock = threading.Lock()

    def try_acquire(self) -> bool:
        """Take a place if one is free: nobody waits then."""
        if self._free is None:
            return True
        with self._lock:
            if self._free == 0:
                return False
            self._free -= 1
            return True

    async def acquire(self) -> None:
        """Take a place, once those who came before have one."""
        with self._lock:
            if self._free is None:
                return
            if self._free > 0:
                self._free -= 1
                return
            place = asyncio.get_running_loop().create_future()
            self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            # Where the place was given in the same moment, it goes on to the next.
            if place.done() and not place.cancelled():
                self.release()
            raise

    def release(self) -> None:
        """Give a place back; it goes to whoever has waited longest."""
        with self._lock:
            if self._free is None:
                return
            while self._waiting:
                place = self._waiting.popleft()
                if _told(self, place):
                    return
            self._free += 1


def _told(slots: Slots, place: "asyncio.Future[None]") -> bool:
    """Whether a place could be handed over, in the loop of the one who waits."""

    def hand_over() -> None:
        if place.done():  # given up in between
            slots.release()
        else:
            place.set_result(None)

    try:
        place.get_loop().call_soon_threadsafe(hand_over)
    except RuntimeError:  # that loop is closed, and nobody waits in it any more
        return False
    return True
