"""Single-flight: what two runs need at once is executed once, in this process and among others."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from atelier.ledger.leases import LeaseStore, Owner

T = TypeVar("T")

# How long to wait, in seconds, before asking again whether another process is done.
_POLLS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)


class Flights:
    """The keys that this process is executing; the lease store speaks for other processes."""

    def __init__(self, leases: LeaseStore, owner: Owner) -> None:
        self._leases = leases
        self._owner = owner
        self._open: dict[str, asyncio.Future[None]] = {}

    async def alone(self, key: str, once: Callable[[], Awaitable[T]]) -> T:
        """What `once` gives, run while nobody else is executing the key.

        `once` looks the key up first: whoever flew before may have committed its value.
        """
        polls = 0
        while True:
            if (flight := self._open.get(key)) is not None:
                await _landed(flight)
                continue
            self._open[key] = asyncio.get_running_loop().create_future()
            try:
                if self._leases.acquire([key], self._owner):
                    try:
                        return await once()
                    finally:
                        self._leases.release([key], self._owner)
            finally:
                self._land(key)
            await asyncio.sleep(_POLLS[min(polls, len(_POLLS) - 1)])
            polls += 1

    def _land(self, key: str) -> None:
        flight = self._open.pop(key)
        if not flight.done():
            flight.set_result(None)


async def _landed(flight: asyncio.Future[None]) -> None:
    if flight.get_loop() is asyncio.get_running_loop():
        await asyncio.shield(flight)
    else:  # another loop of this process: futures do not cross loops
        await asyncio.sleep(_POLLS[0])
