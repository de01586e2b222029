"""Single-flight: one key, one execution, in a loop, across loops and among processes."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from atelier.ledger.leases import Owner
from atelier.ledger.memory_leases import MemoryLeases
from atelier.ledger.owner import this_process
from atelier.orchestrate.flights import Flights

OURS = this_process()
T = TypeVar("T")
OTHER = Owner(OURS.host, OURS.boot, OURS.pid, OURS.started, "another token")


async def fly(flights: Flights, key: str, once: Callable[[], Awaitable[T]]) -> T:
    """What `once` gives, in a flight of its own."""
    async with flights.alone(key) as flight:
        await flight.lease()
        return await once()


def test_a_key_that_another_process_holds_is_waited_for() -> None:
    leases = MemoryLeases()
    flights = Flights(leases, OURS)
    seen: list[str] = []

    async def once() -> str:
        seen.append("ours")
        return "value"

    async def main() -> str:
        assert leases.acquire(["k"], OTHER) == {"k"}
        flight = asyncio.create_task(fly(flights, "k", once))
        await asyncio.sleep(0.03)
        seen.append("theirs")
        leases.release(["k"], OTHER)
        return await flight

    assert asyncio.run(main()) == "value"
    assert seen == ["theirs", "ours"]
    assert leases.find_holders(["k"]) == {}


def test_what_was_looked_up_stands_where_nobody_else_came() -> None:
    leases = MemoryLeases()
    flights = Flights(leases, OURS)

    async def flown(*, between: Callable[[], object]) -> bool:
        async with flights.alone("k") as flight:
            between()
            return await flight.lease()

    async def main() -> list[bool]:
        first = await flown(between=lambda: None)
        quiet = await flown(between=lambda: None)
        disturbed = await flown(between=lambda: leases.acquire(["other"], OTHER))
        return [first, quiet, disturbed, await flown(between=lambda: None)]

    assert asyncio.run(main()) == [False, True, False, True], "at first, nothing is known of others"


def test_a_flight_without_a_lease_gives_nothing_back() -> None:
    leases = MemoryLeases()
    flights = Flights(leases, OURS)

    async def main() -> None:
        leases.acquire(["k"], OURS)
        async with flights.alone("k"):
            pass

    asyncio.run(main())
    assert leases.find_holders(["k"]) == {"k": OURS}


def test_a_failure_gives_the_key_back_and_the_next_one_tries() -> None:
    leases = MemoryLeases()
    flights = Flights(leases, OURS)
    turns = iter(["fails", "works"])

    async def once() -> str:
        turn = next(turns)
        await asyncio.sleep(0.01)
        if turn == "fails":
            raise ValueError(turn)
        return turn

    async def main() -> list[str | BaseException]:
        both = (fly(flights, "k", once), fly(flights, "k", once))
        return list(await asyncio.gather(*both, return_exceptions=True))

    failed, worked = asyncio.run(main())
    assert isinstance(failed, ValueError)
    assert worked == "works"
    assert leases.find_holders(["k"]) == {}


def test_a_waiter_that_is_cancelled_does_not_cancel_the_flight() -> None:
    flights = Flights(MemoryLeases(), OURS)

    async def once() -> str:
        await asyncio.sleep(0.03)
        return "value"

    async def main() -> str:
        flight = asyncio.create_task(fly(flights, "k", once))
        await asyncio.sleep(0)
        waiter = asyncio.create_task(fly(flights, "k", once))
        await asyncio.sleep(0)
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
        return await flight

    assert asyncio.run(main()) == "value"


def test_a_cancelled_flight_lets_its_waiter_fly() -> None:
    flights = Flights(MemoryLeases(), OURS)
    began: list[int] = []

    async def once() -> int:
        began.append(len(began))
        if began == [0]:
            await asyncio.sleep(60)
        return began[-1]

    async def main() -> int:
        flight = asyncio.create_task(fly(flights, "k", once))
        await asyncio.sleep(0)
        waiter = asyncio.create_task(fly(flights, "k", once))
        await asyncio.sleep(0)
        flight.cancel()
        return await waiter

    assert asyncio.run(main()) == 1


def test_two_loops_of_one_process_do_not_overlap() -> None:
    flights = Flights(MemoryLeases(), OURS)
    flying = 0
    most: list[int] = []

    async def once() -> None:
        nonlocal flying
        flying += 1
        most.append(flying)
        await asyncio.sleep(0.02)
        flying -= 1

    both = threading.Barrier(2, timeout=10)

    def loop() -> None:
        both.wait()
        asyncio.run(asyncio.wait_for(fly(flights, "k", once), 10))

    threads = [threading.Thread(target=loop) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1]
