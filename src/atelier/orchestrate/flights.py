"""Single-flight: what two runs need at once is executed once, in this process and among others."""

import asyncio
from collections.abc import Sequence
from threading import Lock
from typing import Self

from atelier.kernel.errors import AtelierError
from atelier.ledger.leases import LeaseStore, Owner
from atelier.ledger.store import LedgerStore
from atelier.orchestrate.batched import Batched

# How long to wait, in seconds, before asking again whether another process is done.
_POLLS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)

# So many flights at once ask for their keys together.
CROWD = 8


class Flights:
    """The keys that this process is executing; the lease store speaks for other processes.

    A key that its store would not take back is `owed`: it goes back before another is asked for.

    Within a flight, `values` gives the row of a stage key's current draw, `calls` the answer of a
    call key's, and `orphans` the attempts of a call that have no outcome.
    """

    def __init__(self, leases: LeaseStore, owner: Owner, ledger: LedgerStore) -> None:
        self.leases = leases
        self.owner = owner
        self.open: dict[str, asyncio.Future[None]] = {}
        self.values = Batched(ledger.find_values, self._is_crowded)
        self.calls = Batched(ledger.find_calls, self._is_crowded)
        self.orphans = Batched(ledger.find_open_attempts, self._is_crowded)
        self.acquire = Batched(self._acquire, self._is_crowded)
        self.release = Batched(self.give_back, self._is_crowded)
        self._burying = Lock()
        self.owed: dict[str, str] = {}  # what a store would not take back yet, and what it said

    def alone(self, key: str) -> "Flight":
        """The one flight of a key: `async with` waits until nobody else in this process has one.

        Within it, look the key up; on a miss, `lease` it before the work.
        """
        return Flight(self, key)

    def bury(self, key: str, flight: asyncio.Future[None]) -> None:
        """Take a key from a flight whose loop was closed around it: it cannot land any more."""
        with self._burying:
            if self.open.get(key) is flight:
                self.give_back([key])
                del self.open[key]

    def _is_crowded(self) -> bool:
        return len(self.open) >= CROWD

    def give_back(self, keys: Sequence[str]) -> dict[str, bool]:
        """Let others have the keys; where the store fails, before this process asks it again."""
        try:
            self.leases.release(keys, self.owner)
        except BaseException as error:
            self.owed.update(dict.fromkeys(keys, str(error).partition("\n")[0]))
            raise
        return {}

    def _acquire(self, keys: Sequence[str]) -> dict[str, bool]:
        if self.owed:  # no owner is granted twice what it still holds, so it would wait for itself
            owed, self.owed = list(self.owed), {}
            self.give_back(owed)
        return dict.fromkeys(self.leases.acquire(keys, self.owner), True)


class Flight:
    """A key that is this task's to look up, and once it is leased, to execute."""

    def __init__(self, flights: Flights, key: str) -> None:
        self._flights = flights
        self._key = key
        self._wanted = False
        self._heard: object = None
        self._own: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        flights = self._flights
        own = self._own = asyncio.get_running_loop().create_future()
        while (first := flights.open.setdefault(self._key, own)) is not own:
            if first.get_loop().is_closed():
                flights.bury(self._key, first)
            else:
                await _landed(first)
        self._heard = flights.leases.heard()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        flights, own = self._flights, self._own
        if own is None or flights.open.get(self._key) is not own:
            return  # buried
        loop = own.get_loop()
        try:
            # Whoever is collected may not await, nor can he where his loop has ended.
            if self._wanted and (kind is GeneratorExit or not loop.is_running()):
                flights.give_back([self._key])
            elif self._wanted:
                await asyncio.shield(flights.release(self._key))
        except AtelierError:  # it is owed; what the flight was for is done, and stays so
            pass
        finally:
            del flights.open[self._key]
            if not own.done() and not loop.is_closed():
                own.set_result(None)

    async def lease(self) -> bool:
        """Wait until no other process executes the key.

        True if none can have done so since the flight began: what was looked up by then stands,
        and need not be looked up again.
        """
        flights, polls = self._flights, 0
        self._wanted = True  # it may be granted to one who is cancelled before he is told
        while not await flights.acquire(self._key):
            await asyncio.sleep(_POLLS[min(polls, len(_POLLS) - 1)])
            polls += 1
        return polls == 0 and flights.leases.heard() == self._heard


async def _landed(flight: asyncio.Future[None]) -> None:
    if flight.get_loop() is asyncio.get_running_loop():
        await asyncio.shield(flight)
    else:  # another loop of this process: futures do not cross loops
        await asyncio.sleep(_POLLS[0])
