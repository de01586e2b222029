"""What a run held goes when it ends: nothing is left to the collector of cycles."""

import asyncio
import gc
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from atelier import Ask, Harness, Packet, Workflow, stage
from atelier.testing.scripted import ScriptedModel


class Evidence(Packet):
    student: str


class Reply(BaseModel):
    text: str


@stage
async def waited(student: str) -> Reply:
    await asyncio.sleep(0)
    return Reply(text=student)


async def asked(ask: Ask[Reply], waited: Reply) -> Reply:
    return await ask(waited=waited)


@stage
def said(asked: Reply) -> Reply:
    return asked


@pytest.fixture
def cycles() -> Iterator[list[object]]:
    """Our own objects that only the collector would have let go, once the test has ended its work."""
    found: list[object] = []
    gc.collect()
    gc.disable()
    try:
        yield found
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def test_a_run_that_has_ended_leaves_no_cycle(tmp_path: Path, cycles: list[object]) -> None:
    (tmp_path / "prompt.md").write_text("What of {{waited}}?")
    asking = stage(model="writer", prompt=str(tmp_path / "prompt.md"))(asked)
    flow = Workflow("flow", packet=Evidence, stages=[waited, asking, said])
    writer = ScriptedModel(lambda request: json.dumps({"text": request.messages[0].text}))
    with Harness.open(tmp_path, models={"writer": writer}) as h:
        h.run_sync(flow, Evidence(student="maya"))  # what is made once is made
        gc.collect()
        run = h.run_sync(flow, Evidence(student="tom"))
        assert [result.outcome.value for result in run.stages] == ["ran"] * 3
        del run
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        cycles += [one for one in gc.garbage if type(one).__module__.startswith("atelier.")]
    assert [type(one).__name__ for one in cycles] == []
