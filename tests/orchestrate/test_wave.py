"""A value is handed on before it is durable; what rests on it stands only if the value does."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, field_validator

from atelier import Harness, Packet, RunOptions, Workflow, stage
from atelier.kernel.digest import digest
from atelier.ledger.rows import Outcome
from atelier.ledger.store import Commit
from atelier.orchestrate.events import RunEvent, StageBegan
from atelier.testing.ledger_samples import add, ran, start


class Evidence(Packet):
    student: str


@stage
def noted(student: str) -> str:
    return f"{student} slept"


@stage
def shouted(noted: str) -> str:
    return noted.upper()


@stage
def framed(shouted: str) -> str:
    return f"[{shouted}]"


@stage
def failing(noted: str) -> str:
    if noted == "maya slept":
        raise ValueError(noted)
    return noted


@stage(each="letters")
def doubled(letters: str) -> str:
    return letters * 2


@stage
def letters(noted: str) -> list[str]:
    return sorted(set(noted))


@stage
def patient(noted: str) -> str:
    time.sleep(0.3)
    return noted.upper()


@stage
def copied(noted: str) -> list[str]:
    return [noted] * 40_000


@stage
def counted(copied: list[str]) -> int:
    return len(copied)


class Said(BaseModel):
    text: str
    loud: bool = False


class Quiet(BaseModel):
    text: str

    @field_validator("text")
    @classmethod
    def is_quiet(cls, text: str) -> str:
        if text.startswith("maya"):
            raise ValueError("no names")
        return text


@stage
def said(noted: str) -> Said:
    return Said(text=noted)


@stage
def whispered(said: Quiet) -> str:
    return said.text.lower()


MAYA = Evidence(student="maya")
THEIRS = '"maya wrote"'


class Rival:
    """Another process that commits a value for the first stage while this one executes it."""

    def __init__(self, harness: Harness, workflow: Workflow[Any]) -> None:
        self._ledger = harness.ledger
        self._key = harness.plan(workflow, MAYA).steps[0].key
        self.began: list[str] = []

    def observe(self, event: RunEvent) -> None:
        if isinstance(event, StageBegan):
            self.began.append(event.stage)
            if self.began == ["noted"]:
                value = digest("maya wrote")
                row = ran("rival", "noted", key=self._key, output=value)
                commit = Commit(rows=(row,), blobs={value: THEIRS.encode()})
                add(self._ledger, start("rival"), commit)


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    with Harness.open(tmp_path) as opened:
        yield opened


def test_what_began_on_a_value_that_lost_its_key_runs_again_on_the_one_that_won(
    harness: Harness,
) -> None:
    chain = Workflow("chain", packet=Evidence, stages=[noted, shouted, framed])
    rival = Rival(harness, chain)
    run = harness.run_sync(chain, MAYA, options=RunOptions(observe=rival.observe))
    assert run.value(framed) == "[MAYA WROTE]"
    assert rival.began.count("noted") == 1
    assert rival.began.count("shouted") == 2, "first on the value that was overtaken"
    rows = list(harness.ledger.iter_stage_rows(run.id))
    assert [(row.stage, row.outcome) for row in rows] == [
        ("noted", Outcome.REUSED),
        ("shouted", Outcome.RAN),
        ("framed", Outcome.RAN),
    ], "one row a stage, each of what the run rests on"
    assert rows[1].consumed[0].whole == rows[0].output == digest("maya wrote")
    assert rows[2].consumed[0].whole == rows[1].output == digest("MAYA WROTE")


def test_a_failure_on_a_value_that_lost_its_key_is_none_of_the_run(harness: Harness) -> None:
    chain = Workflow("chain", packet=Evidence, stages=[noted, failing])
    rival = Rival(harness, chain)
    run = harness.run_sync(chain, MAYA, options=RunOptions(observe=rival.observe))
    assert run.status.value == "complete"
    assert run.value(failing) == "maya wrote"
    rows = list(harness.ledger.iter_stage_rows(run.id))
    assert [row.stage for row in rows] == ["noted", "failing"]


def test_what_ends_after_its_value_lost_its_key_is_not_kept(harness: Harness) -> None:
    chain = Workflow("chain", packet=Evidence, stages=[noted, patient])
    rival = Rival(harness, chain)
    run = harness.run_sync(chain, MAYA, options=RunOptions(observe=rival.observe))
    assert run.value(patient) == "MAYA WROTE"
    assert rival.began.count("patient") == 2
    assert len(list(harness.ledger.iter_stage_rows(run.id))) == 2


def test_a_large_value_is_handed_on_once_its_file_is_written(harness: Harness) -> None:
    chain = Workflow("chain", packet=Evidence, stages=[noted, copied, counted])
    run = harness.run_sync(chain, MAYA)
    assert run.value(counted) == 40_000
    assert harness.ledger.find_blob(run.result("copied").output or "") is None, "it is a file"
    assert harness.run_sync(chain, MAYA).served == "cache"


def test_a_lens_that_refuses_a_value_judges_what_is_durable(harness: Harness) -> None:
    chain = Workflow("chain", packet=Evidence, stages=[noted, said, whispered])
    run = harness.run_sync(chain, MAYA)
    error = run.result("whispered").error or {}
    assert error["code"] == "stage.input"
    assert "no names" in error["facts"]["why"]
    assert harness.run_sync(chain, Evidence(student="ines")).value(whispered) == "ines slept"


def test_a_mapped_stage_waits_for_a_durable_value(harness: Harness) -> None:
    mapped = Workflow("mapped", packet=Evidence, stages=[noted, letters, doubled])
    rival = Rival(harness, mapped)
    run = harness.run_sync(mapped, MAYA, options=RunOptions(observe=rival.observe))
    assert rival.began.count("doubled") == 1
    assert run.value(letters) == sorted(set("maya wrote"))
    assert len(list(harness.ledger.iter_element_rows(run.id, "doubled"))) == len(run.value(letters))
