"""Many processes, one ledger: each stage executes once, and a killed run loses nothing."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from project import JOURNAL, Project, entries, has_rows, kill, ran

from atelier.ledger.rows import Outcome, RunStatus

SLOW = (
    JOURNAL
    + """
import time


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
    return printed(grounded)


flow = Workflow(
    "slow",
    packet=Evidence,
    stages=[draft, lengths, grounded, page],
    artefact=Artefact(page, "out/{name}.md"),
)
"""
)

FILES = {
    "flow.py": SLOW.replace("PAUSE", "0.1"),
    "journal.jsonl": entries("on day DAY I walked DAY miles before breakfast"),
}
STAGES = {"draft", "lengths", "grounded", "page"}


def test_eight_processes_execute_each_stage_once_and_agree(tmp_path: Path) -> None:
    project = Project(tmp_path / "project", FILES)
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: project.run("name=day"), range(8)))
    assert {run["status"] for run in runs} == {"complete"}
    assert sorted(name for run in runs for name in ran(run)) == sorted(STAGES)
    assert len({run["artefact"]["digest"] for run in runs}) == 1
    assert {run["artefact"]["path"] for run in runs} == {"out/day.md"}
    first = next(run for run in runs if "lengths" in ran(run))
    with project.ledger() as ledger:
        assert len(list(ledger.iter_element_rows(first["run"], "lengths"))) == 5


def test_a_killed_run_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    project = Project(tmp_path / "project", {**FILES, "flow.py": SLOW.replace("PAUSE", "30")})
    process = project.start("name=day")
    killed = project.wait_until(has_rows("draft", "lengths", "grounded"))
    kill(process)
    assert not (project.folder / "out").exists()
    project.edit("flow.py", "time.sleep(30)", "time.sleep(0)")
    run = project.run("name=day")
    assert (run["status"], ran(run)) == ("complete", ["page"])
    with project.ledger() as ledger:
        dead = ledger.find_run(killed)
        kept = {row.stage: row.outcome for row in ledger.iter_stage_rows(killed)}
    assert dead is not None
    assert dead.status is RunStatus.RUNNING  # its rows stand; readers see that its owner is gone
    assert kept == dict.fromkeys(("draft", "lengths", "grounded"), Outcome.RAN)


def test_terminated_runs_end_interrupted_and_go_on_from_there(tmp_path: Path) -> None:
    slow = SLOW.replace("PAUSE", "0").replace("time.sleep(0.3)", "time.sleep(2)")
    project = Project(tmp_path / "project", {**FILES, "flow.py": slow})
    atelier = Path(sys.executable).with_name("atelier")
    process = subprocess.Popen(
        [str(atelier), "run", str(project.folder), "name=day"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stopped = project.wait_until(has_rows("lengths"))
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 130
    with project.ledger() as ledger:
        record = ledger.find_run(stopped)
    assert record is not None
    assert record.status is RunStatus.INTERRUPTED
    run = project.run("name=day")
    assert (run["status"], sorted(ran(run))) == ("complete", ["grounded", "page"])
