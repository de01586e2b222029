"""Many processes, one ledger: each stage executes once, and a killed run loses nothing."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from project import DRIVER, Project, ran

from atelier import SetupError
from atelier.ledger.rows import Outcome, RunStatus
from atelier.ledger.sqlite import SqliteLedger

SLOW = """
import time
from typing import Annotated

from pydantic import BaseModel

from atelier import Artefact, Packet, Passage, Workflow, stage, terra
from atelier.isilon import JsonLines


class Entry(BaseModel):
    id: int
    text: str


class Draft(BaseModel):
    text: str


class Page(BaseModel):
    title: str
    passages: list[Passage]


class Evidence(Packet):
    name: str
    journal: Annotated[list[Entry], JsonLines("journal.jsonl")]


@stage
def draft(journal: list[Entry]) -> Draft:
    time.sleep(0.3)
    return Draft(text=" ".join(f"“{entry.text}.”" for entry in journal))


@stage(each="journal")
def lengths(journal: Entry) -> int:
    time.sleep(0.05)
    return len(journal.text)


grounded = terra.ground(draft)


@stage
def page(grounded: terra.Grounded, lengths: list[int]) -> Page:
    time.sleep(PAUSE)
    claims = [claim.claim for claim in grounded.claims]
    return Page(
        title="Journal",
        passages=[Passage(text=claim.text, claims=(claim.id,)) for claim in claims],
    )


flow = Workflow(
    "slow",
    packet=Evidence,
    stages=[draft, lengths, grounded, page],
    artefact=Artefact(page, "out/{name}.md"),
)
"""

FILES = {
    "flow.py": SLOW.replace("PAUSE", "0.1"),
    "journal.jsonl": "".join(
        f'{{"id": {n}, "text": "on day {n} I walked {n} miles before breakfast"}}\n'
        for n in range(1, 6)
    ),
}
STAGES = {"draft", "lengths", "grounded", "page"}


def ledger_of(project: Project) -> SqliteLedger:
    return SqliteLedger.open(project.folder / ".atelier" / "ledger.sqlite", read_only=True)


def test_eight_processes_execute_each_stage_once_and_agree(tmp_path: Path) -> None:
    project = Project(tmp_path / "project", FILES)
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: project.run("name=day"), range(8)))
    assert {run["status"] for run in runs} == {"complete"}
    assert sorted(name for run in runs for name in ran(run)) == sorted(STAGES)
    assert len({run["artefact"]["digest"] for run in runs}) == 1
    assert {run["artefact"]["path"] for run in runs} == {"out/day.md"}
    ledger = ledger_of(project)
    first = next(run for run in runs if "lengths" in ran(run))
    assert len(list(ledger.iter_element_rows(first["run"], "lengths"))) == 5
    ledger.close()


def test_a_killed_run_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    project = Project(tmp_path / "project", {**FILES, "flow.py": SLOW.replace("PAUSE", "30")})
    process = subprocess.Popen(
        [sys.executable, str(DRIVER), str(project.folder), "name=day"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    killed = wait_for_rows(project, {"draft", "lengths", "grounded"})
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (project.folder / "out").exists()
    project.edit("flow.py", "time.sleep(30)", "time.sleep(0)")
    run = project.run("name=day")
    assert (run["status"], ran(run)) == ("complete", ["page"])
    ledger = ledger_of(project)
    dead = ledger.find_run(killed)
    assert dead is not None
    assert dead.status is RunStatus.RUNNING  # its rows stand; readers see that its owner is gone
    kept = {row.stage: row.outcome for row in ledger.iter_stage_rows(killed)}
    assert kept == dict.fromkeys(("draft", "lengths", "grounded"), Outcome.RAN)
    ledger.close()


def wait_for_rows(project: Project, stages: set[str]) -> str:
    """The id of the run under way, once these stages have their rows."""
    path = project.folder / ".atelier" / "ledger.sqlite"
    for _ in range(600):
        time.sleep(0.05)
        try:
            ledger = SqliteLedger.open(path, read_only=True)
        except SetupError:
            continue  # it is being made
        for record in ledger.iter_runs(limit=1):
            rows = {row.stage for row in ledger.iter_stage_rows(record.start.run)}
            if stages <= rows:
                ledger.close()
                return record.start.run
        ledger.close()
    raise AssertionError(stages)


def test_terminated_runs_end_interrupted_and_go_on_from_there(tmp_path: Path) -> None:
    slow = SLOW.replace("PAUSE", "0").replace("time.sleep(0.3)", "time.sleep(2)")
    project = Project(tmp_path / "project", {**FILES, "flow.py": slow})
    atelier = Path(sys.executable).with_name("atelier")
    process = subprocess.Popen(
        [str(atelier), "run", str(project.folder), "name=day"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stopped = wait_for_rows(project, {"lengths"})
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 130
    ledger = ledger_of(project)
    record = ledger.find_run(stopped)
    assert record is not None
    assert record.status is RunStatus.INTERRUPTED
    ledger.close()
    run = project.run("name=day")
    assert (run["status"], sorted(ran(run))) == ("complete", ["grounded", "page"])
