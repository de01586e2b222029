"""The story's clock: time by what happens, not by what the machine needs."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from atelier.demo.clock import ScriptedClock
from atelier.orchestrate.events import StageBegan, StageEnded

MOMENT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def ended(stage: str) -> StageEnded:
    result: Any = SimpleNamespace(stage=stage, outcome=SimpleNamespace(value="ran"))
    return StageEnded(result)


async def live(clock: ScriptedClock, stage: str, *, pause: float) -> tuple[float, float]:
    """When a stage begins and ends, while others run beside it."""
    clock.observe(StageBegan(stage, "first run"))
    began = clock.seconds()
    await asyncio.sleep(pause)
    clock.pass_by(3.0)
    done = clock.seconds()
    clock.observe(ended(stage))
    return began, done


async def a_run(*, first: float, second: float) -> dict[str, tuple[float, float]]:
    clock = ScriptedClock({"a": (), "b": (), "c": ("a", "b")})
    clock.begin(MOMENT)
    one, two = await asyncio.gather(live(clock, "a", pause=first), live(clock, "b", pause=second))
    three = await asyncio.create_task(live(clock, "c", pause=0.0))
    return {"a": one, "b": two, "c": three, "run": (clock.seconds(), clock.seconds())}


def test_a_stage_begins_when_what_it_needs_has_ended_and_lasts_what_passes_in_it() -> None:
    told = asyncio.run(a_run(first=0.0, second=0.0))
    assert 3.0 < told["a"][1] - told["a"][0] < 3.1
    assert told["c"][0] >= max(told["a"][1], told["b"][1])
    assert told["run"][0] >= told["c"][1]


def test_which_stage_the_machine_ends_first_does_not_change_the_times() -> None:
    assert asyncio.run(a_run(first=0.02, second=0.0)) == asyncio.run(a_run(first=0.0, second=0.02))


def test_a_wait_passes_at_once() -> None:
    clock = ScriptedClock({})
    clock.begin(MOMENT)
    before = clock.now()
    asyncio.run(clock.sleep(90.0))
    assert 90 < (clock.now() - before).total_seconds() < 91
