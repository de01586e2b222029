"""Limits: in order of arrival, never above them, and a pause is everybody's."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.models.admission import Gates
from atelier.models.limits import Limits
from atelier.models.slots import Slots
from atelier.models.window import MINUTE, Window


class Hours:
    """A clock that stands still, but for who sleeps by it."""

    def __init__(self) -> None:
        self.at = 1000.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, tz=UTC)

    def seconds(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds
        await asyncio.sleep(0)


def together(*tasks: Coroutine[Any, Any, Any]) -> None:
    async def run() -> None:
        await asyncio.gather(*tasks)

    asyncio.run(run())


async def passing(gates: Gates, limits: Any, log: list[Any], name: Any, tokens: int = 0) -> None:
    async with gates.admitted(limits, tokens=tokens):
        log.append((name, gates._clock.seconds() - 1000))
        await asyncio.sleep(0)


def test_so_many_are_inside_at_once_and_who_came_first_goes_first() -> None:
    hours, inside, most, order = Hours(), 0, 0, []
    gates = Gates(hours, hours.sleep)

    async def one(number: int) -> None:
        nonlocal inside, most
        async with gates.admitted([("class:a", Limits(concurrency=2))]):
            order.append(number)
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    together(*(one(number) for number in range(9)))
    assert most == 2
    assert order == list(range(9))


def test_requests_of_a_minute_are_counted_over_any_minute() -> None:
    hours, log = Hours(), []
    gates = Gates(hours, hours.sleep)
    limits = [("class:a", Limits(requests_per_minute=2))]
    together(*(passing(gates, limits, log, number) for number in range(5)))
    assert log == [(0, 0), (1, 0), (2, 60), (3, 60), (4, 120)]


def test_tokens_are_settled_by_what_was_used() -> None:
    hours, log = Hours(), []
    gates = Gates(hours, hours.sleep)
    limits = [("class:a", Limits(tokens_per_minute=100))]

    async def run() -> None:
        async with gates.admitted(limits, tokens=100) as admission:
            admission.settle(None)
            admission.settle(10)
        await passing(gates, limits, log, "small", 90)
        await passing(gates, limits, log, "larger than a minute", 5000)

    asyncio.run(run())
    assert log == [("small", 0), ("larger than a minute", 60)]


def test_what_was_not_sent_takes_nothing_of_the_minute() -> None:
    hours, log = Hours(), []
    gates = Gates(hours, hours.sleep)
    limits = [("class:a", Limits(requests_per_minute=1, tokens_per_minute=10))]

    async def given_back() -> None:
        async with gates.admitted(limits, tokens=10) as admission:
            admission.give_back()

    together(given_back(), passing(gates, limits, log, "a", tokens=10))
    assert log == [("a", 0)]


def test_a_pause_of_a_key_holds_for_every_class_that_uses_it() -> None:
    hours, log = Hours(), []
    gates = Gates(hours, hours.sleep)
    gates.pause("key:K", 30)
    gates.pause("key:K", 5)  # a shorter one does not end it
    one = [("class:a", Limits()), ("key:K", Limits())]
    other = [("class:b", Limits()), ("key:K", Limits())]
    free = [("class:c", Limits()), ("key:L", Limits())]
    together(
        passing(gates, free, log, "c"),
        passing(gates, one, log, "a"),
        passing(gates, other, log, "b"),
    )
    assert log == [("c", 0), ("a", 30), ("b", 30)]


def test_a_class_at_its_limit_does_not_hold_up_another_of_the_same_key() -> None:
    hours, log = Hours(), []
    gates = Gates(hours, hours.sleep)
    slow = [("class:a", Limits(requests_per_minute=1)), ("key:K", Limits())]
    fast = [("class:b", Limits()), ("key:K", Limits())]
    together(
        passing(gates, slow, log, "a1"),
        passing(gates, slow, log, "a2"),
        passing(gates, fast, log, "b"),
    )
    assert [name for name, _ in log] == ["a1", "b", "a2"]


def test_who_gives_up_takes_no_place_with_them() -> None:
    async def run() -> None:
        slots = Slots(1)
        await slots.acquire()
        waiting = [asyncio.create_task(slots.acquire()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        slots.release()
        waiting[1].cancel()  # in the moment in which it may have been given the place
        await asyncio.wait_for(waiting[2], 1)
        slots.release()
        await asyncio.wait_for(slots.acquire(), 1)

    asyncio.run(run())


def test_a_place_goes_past_a_loop_that_is_closed() -> None:
    slots = Slots(1)

    async def leave_behind() -> None:
        await slots.acquire()
        slots._waiting.append(asyncio.get_running_loop().create_future())

    asyncio.run(leave_behind())
    slots.release()
    asyncio.run(slots.acquire())


def test_a_request_that_fails_gives_its_place_back() -> None:
    hours = Hours()
    gates = Gates(hours, hours.sleep)

    async def run() -> None:
        for _ in range(3):
            with pytest.raises(ValueError, match="no"):
                async with gates.admitted([("class:a", Limits(concurrency=1))]):
                    raise ValueError("no")

    asyncio.run(asyncio.wait_for(run(), 5))


@given(
    st.integers(1, 50),
    st.lists(st.tuples(st.floats(0, 100), st.integers(0, 60)), max_size=40),
)
def test_no_minute_ever_holds_more_than_the_limit(
    limit: int, asked: list[tuple[float, int]]
) -> None:
    window, now, granted = Window(limit), 0.0, list[tuple[float, int]]()
    for pause, amount in asked:
        now += pause
        now += window.wait(now, amount)
        window.wait(now, amount)
        window.grant(now, amount)
        granted.append((now, min(amount, limit)))
    for at, _ in granted:
        inside = sum(amount for when, amount in granted if at - MINUTE + 1e-6 < when <= at)
        # What is beyond the limit itself goes alone, so at most the limit counts of it.
        assert inside <= limit or len(granted) == 1
