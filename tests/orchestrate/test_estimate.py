"""What stages are likely to take: ranges from the ledger's history, told before and after a run."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from atelier import Ask, Harness, Packet, Workflow, stage
from atelier.ledger.rows import Outcome, Row
from atelier.orchestrate.estimate import Estimate, estimate, together
from atelier.orchestrate.plan import Standing
from atelier.testing.scripted import ScriptedModel


class Evidence(Packet):
    student: str


class Draft(BaseModel):
    text: str


def workflow(folder: Path) -> Workflow[Any]:
    @stage(model="writer", prompt=str(folder / "prompt.md"))
    async def draft(ask: Ask[Draft], student: str) -> Draft:
        return await ask(student=student)

    @stage
    def shout(draft: Draft) -> str:
        return draft.text.upper()

    return Workflow("w", packet=Evidence, stages=[draft, shout])


def row(**facts: Any) -> Row:
    return Row(run="r", stage="s", outcome=Outcome.RAN, recorded_at="", **facts)


def test_a_row_of_which_something_is_unknown_says_nothing_of_it() -> None:
    rows = [
        row(requests=1, input_tokens=10, output_tokens=4, original=None, seconds=1.0),
        row(requests=1, input_tokens=30, output_tokens=None, original=70, seconds=3.0),
        row(requests=0, original=0, seconds=0.5),
    ]
    assert estimate(rows) == Estimate(
        seconds=(0.5, 3.0), input_tokens=(10, 30), output_tokens=(4, 4), micros=(70, 70)
    )


def test_elements_reuse_and_failures_are_no_executions() -> None:
    skipped = [
        Row(run="r", stage="s", outcome=outcome, recorded_at="", seconds=9.0)
        for outcome in (Outcome.REUSED, Outcome.FAILED)
    ]
    assert estimate([*skipped, row(element="e", seconds=9.0)]) == Estimate()
    assert together([]) == Estimate()


def test_a_plan_and_a_run_tell_what_an_asking_stage_took_before(tmp_path: Path) -> None:
    (tmp_path / "prompt.md").write_text("How is {{student}}?")
    flow = workflow(tmp_path)
    answers = [json.dumps({"text": text}) for text in ("fine", "tired")]
    with Harness.open(tmp_path, models={"writer": ScriptedModel(answers[:1])}) as harness:
        first = harness.run_sync(flow, Evidence(student="maya"))
        assert first.expected == Estimate(), "nothing was known"
    with Harness.open(tmp_path, models={"writer": ScriptedModel(answers[1:])}) as harness:
        plan = harness.plan(flow, Evidence(student="tomas"))
        asked = plan.expected(Standing.STALE)
        assert asked.output_tokens == (len(answers[0]), len(answers[0]))
        assert asked.micros is None, "its price is unknown, and not zero"
        run = harness.run_sync(flow, Evidence(student="tomas"))
        assert run.result("draft").expected == plan.steps[0].estimate
        assert run.result("shout").expected is None, "it asks nobody"
