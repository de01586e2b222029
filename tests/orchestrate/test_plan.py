"""Plans and reasons: what would run, and why, with the changed thing by name."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, field_validator

from atelier import Harness, Packet, RunOptions, Workflow, stage
from atelier.kernel.canonical import canonical
from atelier.kernel.digest import digest_bytes
from atelier.orchestrate.plan import Plan
from atelier.orchestrate.reasons import changed_places


class Entry(BaseModel):
    text: str
    mood: str = ""


class Evidence(Packet):
    student: str
    journal: list[Entry]


broken: set[str] = set()


def evidence(*texts: str, student: str = "maya") -> Evidence:
    return Evidence(student=student, journal=[Entry(text=text) for text in texts])


@stage
def count(journal: list[Entry]) -> int:
    return len(journal)


@stage
def doubled(count: int) -> int:
    return count * 2


@stage
def total(count: int, doubled: int) -> int:
    return count + doubled


chain = Workflow("chain", packet=Evidence, stages=[count, doubled, total])


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    broken.clear()
    with Harness.open(tmp_path) as opened:
        yield opened


def standings(plan: Plan) -> dict[str, tuple[str, str]]:
    return {step.stage: (step.standing.value, step.reason) for step in plan.steps}


def test_a_refresh_is_planned_with_its_reason_and_what_hangs_on_it(harness: Harness) -> None:
    harness.run_sync(chain, evidence("a"))
    options = RunOptions(refresh={"doubled": "a second look"})
    plan = harness.plan(chain, evidence("a"), options=options)
    assert plan.served_from is None
    assert standings(plan) == {
        "count": ("reused", "same key"),
        "doubled": ("stale", "refreshed: a second look"),
        "total": ("pending", "may run, if doubled changes"),
    }


def test_a_stage_that_waits_for_two_names_both(harness: Harness) -> None:
    plan = harness.plan(chain, evidence("a"))
    assert standings(plan)["total"] == ("pending", "may run, if count or doubled changes")


def test_a_stage_that_failed_before_is_planned_anew_for_that(harness: Harness) -> None:
    @stage(rules="fragile: rules@1")
    def fragile(journal: list[Entry]) -> int:
        if "fragile" in broken:
            raise ValueError
        return len(journal)

    workflow = Workflow("fragile", packet=Evidence, stages=[fragile])
    broken.add("fragile")
    harness.run_sync(workflow, evidence("a"))
    plan = harness.plan(workflow, evidence("a"))
    assert standings(plan) == {"fragile": ("stale", "failed before: stage.raised")}


def test_a_plan_as_json_says_how_long_its_stages_took(harness: Harness) -> None:
    harness.run_sync(chain, evidence("a"))
    told = json.loads(json.dumps(harness.plan(chain, evidence("b", "c")).as_json()))
    first, *rest = told["stages"]
    assert (told["workflow"], told["served_from"]) == ("chain", None)
    assert (first["stage"], first["standing"]) == ("count", "stale")
    assert first["key"].startswith("sha256:")
    assert 0 < first["seconds"][0] <= first["seconds"][1]
    assert [step["standing"] for step in rest] == ["pending"] * 2
    assert told["would"]["seconds"] == first["seconds"]
    assert told["may"]["seconds"][0] == pytest.approx(sum(step["seconds"][0] for step in rest))
    assert told["would"]["usd"] is None, "nothing here asks a model"


def test_an_input_that_does_not_fit_is_planned_with_what_a_run_would_say(
    harness: Harness,
) -> None:
    class Picky(BaseModel):
        text: str

        @field_validator("text")
        @classmethod
        def _is_long(cls, text: str) -> str:
            if len(text) < 3:
                message = "too short"
                raise ValueError(message)
            return text

    @stage
    def picky(journal: list[Picky]) -> int:
        return len(journal)

    workflow = Workflow("picky", packet=Evidence, stages=[picky])
    sentence = "The input 'journal' does not fit its annotation."
    assert standings(harness.plan(workflow, evidence("a"))) == {"picky": ("stale", sentence)}
    error = harness.run_sync(workflow, evidence("a")).result("picky").error or {}
    assert (error["code"], error["sentence"]) == ("stage.input", sentence)
    assert "too short" in error["facts"]["why"]


@stage
def everything(packet: Evidence) -> int:
    return len(packet.journal) + len(packet.student)


whole = Workflow("whole", packet=Evidence, stages=[everything])


def test_a_stage_over_the_whole_packet_names_the_place_in_its_slice(harness: Harness) -> None:
    harness.run_sync(whole, evidence("a", "b"))
    run = harness.run_sync(whole, evidence("a", "c"))
    assert run.result("everything").reason == "input changed: packet/journal/1/text"


def test_a_stage_that_reads_a_file_is_unsound_and_says_so_each_time(
    harness: Harness, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("x")
    path = str(tmp_path / "notes.txt")

    @stage
    def reads(journal: list[Entry]) -> str:
        return Path(path).read_text()

    workflow = Workflow("reads", packet=Evidence, stages=[reads])
    first = harness.run_sync(workflow, evidence("a"))
    assert first.result("reads").sound is False
    assert first.warnings[0].startswith("reads: ")
    again = harness.run_sync(workflow, evidence("a"))
    assert (again.served, again.result("reads").outcome.value) == ("run", "ran")
    assert again.result("reads").reason.startswith("unseen: ")
    told = again.as_json()["stages"][0]
    assert told["unseen"][0]["what"] in again.result("reads").reason


def stored(*values: Any) -> tuple[dict[str, bytes], list[str]]:
    data = [canonical(value) for value in values]
    return {digest_bytes(one): one for one in data}, [digest_bytes(one) for one in data]


def packet(
    parameters: dict[str, str], slices: dict[str, str], obligations: Any = None
) -> dict[str, Any]:
    more = {} if obligations is None else {"obligations": obligations}
    return {"kind": "packet", "of": {"parameters": parameters, "slices": slices, **more}}


def test_a_packet_that_changed_names_parameters_slices_and_obligations() -> None:
    held, (one, two) = stored([{"text": "a"}], [{"text": "b"}])
    packets, digests = stored(
        packet({"student": "maya"}, {"journal": one}, {"journal": [1]}),
        packet({"student": "tomas"}, {"journal": two, "notes": one}, {"journal": [1]}),
        packet({"student": "maya"}, {"journal": one}, {"journal": []}),
        packet({"student": "maya"}, {"journal": "sha256:gone"}, {"journal": []}),
    )
    read = {**held, **packets}.get
    before, both, obliged, gone = digests
    assert changed_places(before, both, read) == ["/student", "/journal/0/text", "/notes"]
    assert changed_places(before, obliged, read) == ["/obligations"]
    assert changed_places(before, gone, read) == ["/journal"]
    assert changed_places(before, "sha256:gone", read) == []
