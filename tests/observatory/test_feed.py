"""What happens in a run: kept in order, read from any place, never held up by who reads it."""

import asyncio
import threading
from time import monotonic

from atelier.kernel.errors import StageError
from atelier.observatory.feed import Feeds, RunFeed, tell, tell_failure
from atelier.observatory.starting import Happening
from atelier.orchestrate.events import RunBegan, RunEnded, StageBegan, Warned


def numbers(found: list[Happening]) -> list[int]:
    return [item.number for item in found]


def test_a_reader_goes_on_after_the_last_number_it_has() -> None:
    feed = RunFeed()
    for event in (RunBegan("r", "w", ("a",)), StageBegan("a", "first"), Warned("careful")):
        tell(feed, event)
    assert numbers(asyncio.run(feed.after(0, seconds=0))) == [1, 2, 3]
    assert numbers(asyncio.run(feed.after(2, seconds=0))) == [3]
    assert numbers(asyncio.run(feed.after(9, seconds=0))) == []


def test_a_waiting_reader_is_woken_from_another_thread() -> None:
    feed = RunFeed()
    timer = threading.Timer(0.05, lambda: feed.add("warned", {"text": "x"}))
    timer.start()
    began = monotonic()
    assert numbers(asyncio.run(feed.after(0, seconds=20))) == [1]
    assert monotonic() - began < 10
    timer.join()


def test_a_run_does_not_wait_for_readers_that_do_not_read() -> None:
    async def main() -> int:
        feed = RunFeed()
        waiting = [asyncio.create_task(feed.after(0, seconds=20)) for _ in range(50)]
        await asyncio.sleep(0)
        for number in range(10_000):
            feed.add("warned", {"text": number})
        found = await asyncio.gather(*waiting)
        return min(len(item) for item in found)

    assert asyncio.run(main()) == 10_000


def test_a_stage_is_under_way_between_its_begin_and_its_end() -> None:
    feed = RunFeed()
    for stage in ("a", "b"):
        tell(feed, StageBegan(stage, "first run"))
    feed.add("stage-ended", {"stage": "a"})
    assert feed.under_way == {"b"}


def test_nothing_follows_the_end() -> None:
    feed = RunFeed()
    tell(feed, RunEnded("r", "complete"))
    tell(feed, Warned("late"))
    assert feed.is_over
    assert [item.kind for item in asyncio.run(feed.after(0, seconds=5))] == ["ended"]
    assert asyncio.run(feed.after(1, seconds=60)) == []


def test_a_run_that_gave_way_ends_with_its_error() -> None:
    feed = RunFeed()
    tell_failure(feed, StageError("ledger.full", "The disk is full.", next_step="Make room."))
    (last,) = asyncio.run(feed.after(0, seconds=0))
    assert (last.kind, last.data["error"]["code"], feed.is_over) == ("failed", "ledger.full", True)


def test_only_feeds_that_are_over_are_forgotten() -> None:
    feeds = Feeds()
    going = feeds.open("going")
    for number in range(500):
        feeds.open(str(number)).add("ended", {}, last=True)
    assert feeds.find("going") is going
    assert feeds.find("0") is None
    assert feeds.find("499") is not None
