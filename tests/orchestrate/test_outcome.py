"""What a run gives back: values by stage, sums of cost, and words where there is no value."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from atelier import Artefact, Harness, Packet, Passage, SetupError, Workflow, stage, terra
from atelier.ledger.rows import Outcome, RunStatus
from atelier.orchestrate.outcome import Run, StageResult


class Evidence(Packet):
    student: str


class Draft(BaseModel):
    text: str


class Page(BaseModel):
    passages: list[Passage]


@stage
def draft(student: str) -> Draft:
    return Draft(text=f"How is {student}?")


grounded = terra.ground(draft)


@stage
def page(student: str, grounded: terra.Grounded) -> Page:
    return Page(passages=[Passage(text=f"How is {student}?")])


pages = Workflow(
    "pages",
    packet=Evidence,
    stages=[draft, grounded, page],
    artefact=Artefact(page, "{student}.md"),
)
MAYA = Evidence(student="maya")


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    with Harness.open(tmp_path) as opened:
        yield opened


def test_the_output_of_a_run_is_read_after_its_harness_is_closed(tmp_path: Path) -> None:
    with Harness.open(tmp_path) as harness:
        ran = harness.run_sync(pages, MAYA)
        served = harness.run_sync(pages, MAYA)
    assert ran.output == served.output == Page(passages=[Passage(text="How is maya?")])
    assert ran.value(page) == ran.output


def test_a_harness_that_was_closed_may_be_opened_anew_and_serves(tmp_path: Path) -> None:
    with Harness.open(tmp_path) as harness:
        first = harness.run_sync(pages, MAYA)
    with Harness.open(tmp_path) as harness:
        again = asyncio.run(harness.run(pages, MAYA))
    assert (again.served, again.served_from) == ("cache", first.id)


def test_an_unknown_stage_is_refused_with_the_names_that_there_are(harness: Harness) -> None:
    run = harness.run_sync(pages, MAYA)
    with pytest.raises(SetupError) as caught:
        run.result("gone")
    assert (caught.value.code, caught.value.facts["stages"]) == (
        "run.unknown_stage",
        "draft, grounded, page",
    )


def test_a_value_is_asked_for_by_its_stage(harness: Harness) -> None:
    run = harness.run_sync(pages, MAYA)
    with pytest.raises(SetupError) as caught:
        run.value("page")  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.facts["got"]) == ("run.not_a_stage", "'page'")


def test_a_run_as_json_names_its_artefact_and_its_source(harness: Harness) -> None:
    harness.run_sync(pages, MAYA)
    told = harness.run_sync(pages, MAYA).as_json()
    assert (told["served"], told["status"]) == ("cache", "complete")
    assert told["artefact"]["path"] == "maya.md"
    assert told["artefact"]["action"] == "unchanged"
    assert told["stages"][0]["reason"] == f"run {told['served_from']}"
    assert "error" not in told["stages"][0]


def result(stage: str, **facts: Any) -> StageResult:
    return StageResult(stage=stage, outcome=Outcome.RAN, reason="first run", **facts)


def run_of(*results: StageResult) -> Run[None]:
    def read(_stage: str, _digest: str) -> Any:
        raise AssertionError

    return Run(
        id="r",
        workflow="w",
        status=RunStatus.COMPLETE,
        served="run",
        packet="sha256:",
        stages=results,
        artefact=None,
        read=read,
    )


def test_costs_are_summed_and_an_unknown_part_makes_the_sum_unknown() -> None:
    known = run_of(result("a", incurred=1_500_000), result("b", avoided=250_000))
    assert (known.incurred, known.avoided) == (1_500_000, 250_000)
    unknown = run_of(result("a", incurred=None), result("b", incurred=5))
    assert (unknown.incurred, unknown.as_json()["incurred_usd"]) == (None, None)


def test_what_is_missing_and_why_stands_in_the_json_of_a_stage() -> None:
    told = result("a", missing=("b",), error={"code": "x.y"}, unseen=({"what": "open"},)).as_json()
    assert told["missing"] == ["b"]
    assert told["error"] == {"code": "x.y"}
    assert told["unseen"] == [{"what": "open"}]
