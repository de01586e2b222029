"""A small project in a folder, written and edited by tests, run in fresh processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import host

from atelier import SetupError
from atelier.ledger.rows import RunRecord
from atelier.ledger.sqlite import SqliteLedger

DRIVER = Path(__file__).with_name("driver.py")

# A journal that is drafted, and a page of what the draft says, as the first half of a flow.
JOURNAL = """
from typing import Annotated

from pydantic import BaseModel

from atelier import Artefact, Ask, Packet, Passage, Workflow, stage, terra
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


def printed(grounded: terra.Grounded) -> Page:
    claims = [claim.claim for claim in grounded.claims]
    return Page(
        title="Journal",
        passages=[Passage(text=claim.text, claims=(claim.id,)) for claim in claims],
    )
"""


def entries(text: str) -> str:
    """The journal's file: five days of one text, in which `DAY` stands for the number."""
    texts = (text.replace("DAY", str(day)) for day in range(1, 6))
    return "".join(
        json.dumps({"id": day, "text": told}) + "\n" for day, told in enumerate(texts, start=1)
    )


class Project:
    """A folder with a workflow; every run is a process of its own."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self.folder = folder
        for name, text in files.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace one passage, and keep the file's times: an edit within the same second."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        times = path.stat()
        path.write_text(text.replace(old, new), encoding="utf-8")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    def run(self, *given: str, home: Path | None = None, **environment: str) -> dict[str, Any]:
        """What `atelier run --json` would say, with the stages' values."""
        env = {**os.environ, **environment}
        if home is not None:
            env["ATELIER_HOME"] = str(home)
        done = host.run(DRIVER, [str(self.folder), *given], env)
        assert done.code == 0, done.err
        return json.loads(done.out)

    def start(self, *given: str) -> "subprocess.Popen[bytes]":
        """A run that goes on by itself."""
        return subprocess.Popen(
            [sys.executable, str(DRIVER), str(self.folder), *given],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @contextmanager
    def ledger(self) -> Generator[SqliteLedger]:
        """The project's ledger, for reading."""
        path = self.folder / ".atelier" / "ledger.sqlite"
        ledger = SqliteLedger.open(path, read_only=True)
        try:
            yield ledger
        finally:
            ledger.close()

    def wait_until(self, holds: Callable[[SqliteLedger, RunRecord], bool]) -> str:
        """The id of the newest run, once this holds of it."""
        for _ in range(1500):
            time.sleep(0.02)
            try:
                with self.ledger() as ledger:
                    for record in ledger.iter_runs(limit=1):
                        if holds(ledger, record):
                            return record.start.run
            except SetupError:
                continue  # it is being made
        raise AssertionError(holds)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End a process at once, as the power would."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def has_rows(*stages: str) -> Callable[[SqliteLedger, RunRecord], bool]:
    """Whether these stages of a run have their rows."""

    def holds(ledger: SqliteLedger, record: RunRecord) -> bool:
        return {*stages} <= {row.stage for row in ledger.iter_stage_rows(record.start.run)}

    return holds


def ran(run: Mapping[str, Any]) -> list[str]:
    """The names of the stages that executed, in order."""
    return [stage["stage"] for stage in run["stages"] if stage["outcome"] == "ran"]


def reason(run: Mapping[str, Any], stage: str) -> str:
    """Why a stage ran, or did not."""
    return next(item["reason"] for item in run["stages"] if item["stage"] == stage)
