"""Single-flight inside one process: what two runs need at once is executed once."""

import asyncio
from collections.abc import Sequence


class Flights:
    """The keys that this process is executing; leases speak for other processes.

    A waiter learns only that the flight is over, and looks the value up in the ledger.
    """

    def __init__(self) -> None:
        self._open: dict[str, asyncio.Future[None]] = {}

    def take(self, keys: Sequence[str]) -> list[str]:
        """The keys that nobody in this process was executing; the caller is, from now on."""
        loop = asyncio.get_running_loop()
        free = [key for key in dict.fromkeys(keys) if key not in self._open]
        for key in free:
            self._open[key] = loop.create_future()
        return free

    def land(self, keys: Sequence[str]) -> None:
        """End these flights and wake whoever waits."""
        for key in keys:
            flight = self._open.pop(key, None)
            if flight is not None and not flight.done():
                flight.get_loop().call_soon_threadsafe(_finish, flight)

    async def wait(self, key: str) -> None:
        """Return once the flight of this key is over; at once if there is none."""
        flight = self._open.get(key)
        if flight is None:
            return
        if flight.get_loop() is asyncio.get_running_loop():
            await asyncio.shield(flight)
        else:  # another loop of this process; its thread lands the flight
            await asyncio.sleep(0.005)


def _finish(flight: asyncio.Future[None]) -> None:
    if not flight.done():
        flight.set_result(None)
