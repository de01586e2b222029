"""A backtest that is killed goes on with what it had, and pays for one call twice at most."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from project import Project

from atelier.ledger.sqlite import SqliteLedger
from atelier.testing.provider import Asked, FakeProvider, Latency, Text

ATELIER = Path(sys.executable).parent / "atelier"
RUNS = 50
FLOW = """
from pydantic import BaseModel

from atelier import Ask, Packet, Workflow, stage


class Day(Packet):
    number: int


class Draft(BaseModel):
    text: str


@stage
def first(number: int) -> str:
    return f"Day {number}"


@stage
def second(first: str) -> str:
    return f"{first} was quiet."


@stage(model="writer", prompt="draft.md")
async def third(ask: Ask[Draft], second: str) -> str:
    return (await ask(second=second)).text


@stage
def fourth(third: str) -> str:
    return third.upper()


@stage
def fifth(fourth: str) -> str:
    return f"{fourth}!"


days = Workflow("days", packet=Day, stages=[first, second, third, fourth, fifth])
"""
TOML = """
[models.writer]
use = "openai:gpt-5-mini"
endpoint = "desk"

[endpoints.desk]
url = "{url}"
"""


def play(asked: Asked) -> Any:
    day = re.findall(r"Day \d+", asked.prompt)[-1]
    return Text(json.dumps({"text": f"{day}, says {asked.model}"})) | Latency(0.02)


def command(project: Project, *words: str) -> list[str]:
    return [str(ATELIER), "backtest", ".", "--model", "writer=openai:gpt-5", *words]


def production(folder: Path) -> dict[str, bytes]:
    """What is in every file outside the shadows, but the index that readers of a ledger share."""
    return {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
        and not {"backtests", "__pycache__"} & set(path.parts)
        and not path.name.endswith("-shm")
        and path.stat().st_size
    }


RECORD = f"""
import sys
from atelier import Harness
from atelier.project import load_target
target = load_target(".")
with Harness.open(target.project) as harness:
    for number in range({RUNS}):
        run = harness.run_sync(target.workflow, number=number)
        assert run.status == "complete", run.as_json()
"""


@pytest.mark.slow
def test_a_killed_backtest_sends_one_request_twice_at_most(tmp_path: Path) -> None:
    with FakeProvider(play) as provider:
        files = {"flow.py": FLOW, "draft.md": "{{second}}"}
        project = Project(
            tmp_path, {**files, "atelier.toml": TOML.format(url=provider.url("openai"))}
        )
        subprocess.run([sys.executable, "-c", RECORD], cwd=tmp_path, check=True)
        before, asked = production(tmp_path), len(provider.requests)
        assert asked == RUNS
        for target in (3, 20):  # killed twice, each time with a request on its way
            running = subprocess.Popen(command(project, "--quiet"), cwd=tmp_path)
            assert provider.wait_requests(asked + target, seconds=60)
            os.kill(running.pid, signal.SIGKILL)
            running.wait()
            sent = len(provider.requests) - asked
            assert target <= sent < RUNS
        done = subprocess.run(
            command(project, "--json"), cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        told = json.loads(done.stdout)
        sent = len(provider.requests) - asked
        assert RUNS <= sent <= RUNS + 2, "one more for each kill at most"
    assert production(tmp_path) == before
    ledger = SqliteLedger.open(tmp_path / ".atelier/ledger.sqlite", read_only=True)
    assert ledger.find_row(RUNS * 5) is not None
    assert ledger.find_row(RUNS * 5 + 1) is None, "production has no row more"
    ledger.close()
    assert told["total"]["runs"] == told["total"]["changed"] == RUNS
    shadow = SqliteLedger.open(tmp_path / told["folder"] / "ledger.sqlite", read_only=True)
    ran = [
        row.stage
        for run in shadow.iter_runs(limit=999)
        if run.start.namespace.startswith("backtest ")
        for row in shadow.iter_stage_rows(run.start.run)
        if row.outcome == "ran"
    ]
    shadow.close()
    assert {name: ran.count(name) for name in set(ran)} == {
        "third": RUNS,
        "fourth": RUNS,
        "fifth": RUNS,
    }
