"""Budgets under fifty askers at once, in one process and in two."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from atelier import Ask, Harness, Packet, RunOptions, Workflow, stage
from atelier.ledger.rows import Cap
from atelier.ledger.sqlite import SqliteLedger
from atelier.testing.provider import FakeProvider, Latency, Price, Tokens, Usage

MODEL = "claude-haiku-4-5"
PRICES = {MODEL: Price(input=1_000_000, output=5_000_000)}
SPENT = Usage(Tokens(input=400, output=60))  # 700 micros
LIMIT = 20_000  # micros: what about ten of fifty requests may reserve at once


class Item(BaseModel):
    id: int


class Reply(BaseModel):
    text: str


class Evidence(Packet):
    part: str
    items: list[Item]


def flow(folder: Path) -> Workflow[Any]:
    @stage(model="writer", prompt=str(folder / "prompt.md"), each="items")
    async def reply(ask: Ask[Reply], items: Item) -> Reply:
        return await ask(items=items)

    return Workflow("w", packet=Evidence, stages=[reply])


def fifty(part: str) -> Evidence:
    first = sum(part.encode()) * 1000
    return Evidence(part=part, items=[Item(id=first + n) for n in range(50)])


def project(folder: Path, url: str, budget: str = "") -> None:
    (folder / "prompt.md").write_text("Say something of {{items}}.")
    (folder / "atelier.toml").write_text(
        f'[models.writer]\nuse = "anthropic:{MODEL}"\nendpoint = "here"\n'
        "sampling = {max_tokens = 100}\n"
        f'[endpoints.here]\nurl = "{url}"\ndialect = "anthropic"\n{budget}'
    )


def held(folder: Path, provider: FakeProvider) -> Mapping[str, int]:
    """What the ledger says was sent, and that it is what the provider says."""
    ledger = SqliteLedger.open(folder / ".atelier" / "ledger.sqlite", read_only=True)
    runs = [record.start.run for record in ledger.iter_runs(limit=99)]
    attempts = [one for run in runs for one in ledger.iter_attempts(run)]
    ledger.close()
    assert len(attempts) == len(provider.requests), "what is refused is not sent"
    assert sum(one.incurred or 0 for one in attempts) == provider.bill().micros
    return {"attempts": len(attempts), "most": max(one.reserved or 0 for one in attempts)}


@pytest.mark.slow
def test_fifty_at_once_never_exceed_the_cap_of_a_run(tmp_path: Path) -> None:
    with FakeProvider(SPENT | Latency(0.3), prices=PRICES) as provider:
        project(tmp_path, provider.url("anthropic"))
        options = RunOptions(caps=(Cap(limit=LIMIT, what="for one run"),))
        with Harness.open(tmp_path) as harness:
            run = asyncio.run(harness.run(flow(tmp_path), fifty("a"), options=options))
            said = json.dumps(run.stages[0].error)
        found = held(tmp_path, provider)
        assert provider.bill().micros <= LIMIT
        assert 0 < found["attempts"] <= LIMIT // 700
        assert found["attempts"] < 50
        assert "models.budget" in said
        assert "--max-usd" in said


@pytest.mark.slow
def test_a_budget_that_suffices_is_enough_for_any_number_at_once(tmp_path: Path) -> None:
    with FakeProvider(SPENT | Latency(0.02), prices=PRICES) as provider:
        project(tmp_path, provider.url("anthropic"))
        options = RunOptions(caps=(Cap(limit=50 * 700 + 3_000, what="for one run"),))
        with Harness.open(tmp_path) as harness:
            run = asyncio.run(harness.run(flow(tmp_path), fifty("a"), options=options))
        assert run.status == "complete", run.stages[0].error
        found = held(tmp_path, provider)
        assert (found["attempts"], provider.bill().micros) == (50, 50 * 700)
        assert 50 * found["most"] > 2 * provider.bill().micros, "not all of them fit at once"


@pytest.mark.slow
def test_two_processes_share_the_day_of_a_workflow(tmp_path: Path) -> None:
    limit = 30_000
    with FakeProvider(SPENT | Latency(0.2), prices=PRICES) as provider:
        project(tmp_path, provider.url("anthropic"), "[budget]\nday_usd = 0.03\n")
        asked = [
            subprocess.Popen(
                [sys.executable, __file__, str(tmp_path), part],
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": ""},
            )
            for part in "ab"
        ]
        said = [process.communicate(timeout=100)[0].decode() for process in asked]
        assert [process.returncode for process in asked] == [0, 0], said
        assert all("models.budget" in one for one in said)
        assert 0 < provider.bill().micros <= limit
        found = held(tmp_path, provider)
        # What was reserved is free again: more fitted than would have at once.
        assert found["attempts"] > limit // found["most"]


def main() -> None:
    folder = Path(sys.argv[1])
    with Harness.open(folder) as harness:
        run = harness.run_sync(flow(folder), fifty(sys.argv[2]))
        sys.stdout.write(json.dumps(run.stages[0].error))


if __name__ == "__main__":
    main()
