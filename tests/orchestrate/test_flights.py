"""Single-flight: one key, one execution, in a loop, across loops and among processes."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

import pytest

from atelier.kernel.errors import SetupError
from atelier.ledger.leases import Owner
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.memory_leases import MemoryLeases
from atelier.ledger.owner import this_process
from atelier.orchestrate.batched import Batched
from atelier.orchestrate.flights import CROWD, Flights

OURS = this_process()
T = TypeVar("T")
OTHER = Owner(OURS.host, OURS.boot, OURS.pid, OURS.started, "another token")


class Counting(MemoryLeases):
    """Leases that note how many keys each call is about."""

    def __init__(self) -> None:
        super().__init__()
        self.acquired: list[int] = []
        self.released: list[int] = []

    def acquire(self, keys: Sequence[str], owner: Owner, /) -> frozenset[str]:
        self.acquired.append(len(keys))
        return super().acquire(keys, owner)

    def release(self, keys: Sequence[str], owner: Owner, /) -> None:
        self.released.append(len(keys))
        super().release(keys, owner)


async def fly(flights: Flights, key: str, once: Callable[[], Awaitable[T]]) -> T:
    """What `once` gives, in a flight of its own."""
    async with flights.alone(key) as flight:
        await flight.lease()
        return await once()


def test_a_key_that_another_process_holds_is_waited_for() -> None:
    leases = MemoryLeases()
    flights = Flights(leases, OURS, MemoryLedger())
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
    flights = Flights(leases, OURS, MemoryLedger())

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
    flights = Flights(leases, OURS, MemoryLedger())

    async def main() -> None:
        leases.acquire(["k"], OURS)
        async with flights.alone("k"):
            pass

    asyncio.run(main())
    assert leases.find_holders(["k"]) == {"k": OURS}


def test_a_failure_gives_the_key_back_and_the_next_one_tries() -> None:
    leases = MemoryLeases()
    flights = Flights(leases, OURS, MemoryLedger())
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
    flights = Flights(MemoryLeases(), OURS, MemoryLedger())

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
    flights = Flights(MemoryLeases(), OURS, MemoryLedger())
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
    flights = Flights(MemoryLeases(), OURS, MemoryLedger())
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


def test_a_crowd_is_answered_by_one_look_and_one_lease() -> None:
    leases, ledger = Counting(), MemoryLedger()
    flights = Flights(leases, OURS, ledger)
    looked: list[int] = []
    flights.values = Batched(lambda keys: looked.append(len(keys)) or {}, lambda: True)

    async def one(key: str) -> None:
        async with flights.alone(key) as flight:
            assert await flights.values(key) is None
            assert await flight.lease() in {True, False}
            assert leases.find_holders([key]) == {key: OURS}

    async def main() -> None:
        await asyncio.gather(*(one(f"k{number}") for number in range(50)))

    asyncio.run(main())
    assert looked == [50]
    assert leases.acquired == [50]
    assert leases.released == [50]


@pytest.mark.parametrize("turns", range(5))
def test_who_is_cancelled_in_a_crowd_holds_nothing(turns: int) -> None:
    leases = MemoryLeases()
    flights = Flights(leases, OURS, MemoryLedger())

    async def one(key: str) -> None:
        async with flights.alone(key) as flight:
            await flight.lease()
            await asyncio.sleep(0.01)

    async def main() -> None:
        tasks = [asyncio.create_task(one(f"k{number}")) for number in range(CROWD + 2)]
        for _ in range(turns):
            await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)

    asyncio.run(main())
    assert leases.find_holders([f"k{number}" for number in range(CROWD + 2)]) == {}


def test_a_store_that_gives_way_is_told_to_each_of_a_crowd() -> None:
    def give_way(_: object) -> dict[str, int]:
        raise SetupError("ledger.busy", "Busy.", next_step="Wait.")

    async def main() -> list[object]:
        asking = Batched(give_way, lambda: True)
        return await asyncio.gather(*map(asking, "abc"), return_exceptions=True)

    assert [getattr(error, "code", None) for error in asyncio.run(main())] == ["ledger.busy"] * 3


def test_what_a_store_of_somebody_else_raises_leaves_nobody_waiting() -> None:
    def fall(_: object) -> dict[str, int]:
        raise OSError("the disk is gone")

    async def main() -> Sequence[object]:
        asking = Batched(fall, lambda: True)
        asked = asyncio.gather(*map(asking, "abc"), return_exceptions=True)
        return await asyncio.wait_for(asked, 5)

    assert [str(error) for error in asyncio.run(main())] == ["the disk is gone"] * 3


async def waits() -> str:
    await asyncio.Event().wait()
    return "never"


async def tidies_up() -> str:
    try:
        return await waits()
    finally:
        await asyncio.sleep(0.01)  # where no loop runs any more, this fails


@pytest.mark.parametrize("once", [waits, tidies_up])
@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("flying", [1, CROWD + 2])
def test_a_flight_whose_loop_has_ended_gives_its_key_back(
    once: Callable[[], Awaitable[str]], *, flying: int, kept: bool
) -> None:
    leases = MemoryLeases()
    flights = Flights(leases, OURS, MemoryLedger())
    keys = [f"k{number}" for number in range(flying)]

    async def again() -> list[str]:
        return await asyncio.gather(*(fly(flights, key, works) for key in keys))

    async def works() -> str:
        return "value"

    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # it would say of each task that it is pending
    left = [fly(flights, key, once) for key in keys]
    tasks = [loop.create_task(one) for one in left]
    loop.run_until_complete(asyncio.sleep(0.01))
    loop.close()
    assert leases.find_holders(keys) == dict.fromkeys(keys, OURS)
    if kept:
        assert asyncio.run(asyncio.wait_for(again(), 5)) == ["value"] * flying
    for one in left:
        with suppress(RuntimeError):
            one.close()  # as the collector does
    del tasks
    assert leases.find_holders(keys) == {}
    assert asyncio.run(asyncio.wait_for(again(), 5)) == ["value"] * flying


class Busy(MemoryLeases):
    """Leases that are not taken back for so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def release(self, keys: Sequence[str], owner: Owner, /) -> None:
        if self.times:
            self.times -= 1
            raise SetupError("ledger.busy", "Busy.", next_step="Wait.")
        super().release(keys, owner)


@pytest.mark.parametrize("flying", [1, CROWD + 2])
def test_a_key_that_is_not_taken_back_costs_nobody_his_value_and_goes_back_later(
    flying: int,
) -> None:
    leases = Busy(1)
    flights = Flights(leases, OURS, MemoryLedger())
    keys = [f"k{number}" for number in range(flying)]

    async def works() -> str:
        return "value"

    async def all_of_them() -> Sequence[object]:
        flown = (fly(flights, key, works) for key in keys)
        return await asyncio.wait_for(asyncio.gather(*flown), 5)

    assert asyncio.run(all_of_them()) == ["value"] * flying
    assert set(flights.owed) == set(leases.find_holders(keys))
    assert asyncio.run(all_of_them()) == ["value"] * flying
    assert (flights.owed, leases.find_holders(keys)) == ({}, {})


def test_whoever_fails_is_told_of_that_and_not_of_the_lease() -> None:
    flights = Flights(Busy(1), OURS, MemoryLedger())

    async def fails() -> str:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - it has no words of its own
        asyncio.run(fly(flights, "k", fails))
    assert flights.owed == {"k": "[ledger.busy] Busy."}
