"""What was paid for is never paid for again: after an edit, and after a kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import DRIVER, Project, ran

from atelier import SetupError
from atelier.kernel.money import parse_dollars
from atelier.ledger.sqlite import SqliteLedger
from atelier.testing.provider import CitingModel, FakeProvider, Price

FLOW = """
import asyncio
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


def joined(texts: list[str]) -> str:
    parts = [text.strip() for text in texts]
    return " ".join(parts)


@stage(model="writer", prompt="prompt.md")
async def draft(ask: Ask[Draft], journal: list[Entry], name: str) -> Draft:
    first = await ask(journal=journal, name=f"What was first, {name}?")
    second = await ask(journal=journal, name="And then?")
    await asyncio.sleep(PAUSE)
    third = await ask(journal=journal, name="What came of it?")
    return Draft(text=joined([first.text, second.text, third.text]))


grounded = terra.ground(draft)


@stage(model="writer", prompt="title.md")
async def title(ask: Ask[Draft], draft: Draft) -> Draft:
    return await ask(draft=draft)


@stage
def page(grounded: terra.Grounded, title: Draft) -> Page:
    claims = [claim.claim for claim in grounded.claims]
    return Page(
        title="Journal",
        passages=[Passage(text=claim.text, claims=(claim.id,)) for claim in claims],
    )


flow = Workflow(
    "paid",
    packet=Evidence,
    stages=[draft, grounded, title, page],
    artefact=Artefact(page, "out/{name}.md"),
)
"""
JOURNAL = "".join(
    f'{{"id": {n}, "text": "On day {n} I walked {n} miles before breakfast."}}\n'
    for n in range(1, 6)
)
PRICES = {"claude-haiku-4-5": Price(input=1_000_000, output=5_000_000)}


def made(folder: Path, provider: FakeProvider, pause: str = "0") -> Project:
    settings = (
        '[models.writer]\nuse = "anthropic:claude-haiku-4-5"\nendpoint = "here"\n'
        "sampling = {max_tokens = 200}\n"
        f'[endpoints.here]\nurl = "{provider.url("anthropic")}"\ndialect = "anthropic"\n'
    )
    files = {
        "flow.py": FLOW.replace("PAUSE", pause),
        "atelier.toml": settings,
        "journal.jsonl": JOURNAL,
        "prompt.md": "{{name}}\n\n{{journal}}\n",
        "title.md": "A title for this:\n\n{{draft}}\n",
    }
    return Project(folder, files)


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with FakeProvider(CitingModel(), prices=PRICES) as provider:
        yield provider


@pytest.mark.slow
def test_a_renamed_local_variable_costs_nothing_and_wakes_nothing_below(
    tmp_path: Path, provider: FakeProvider
) -> None:
    project = made(tmp_path / "project", provider)
    first = project.run("name=day")
    assert (first["status"], len(provider.requests)) == ("complete", 4)
    assert parse_dollars(first["incurred_usd"]) == provider.bill().micros
    project.edit("flow.py", "parts = [text.strip()", "stripped = [text.strip()")
    project.edit("flow.py", '" ".join(parts)', '" ".join(stripped)')
    second = project.run("name=day")
    assert (second["status"], ran(second)) == ("complete", ["draft"])
    assert len(provider.requests) == 4
    draft = next(item for item in second["stages"] if item["stage"] == "draft")
    spent = next(item for item in first["stages"] if item["stage"] == "draft")
    assert (draft["requests"], draft["incurred_usd"]) == (0, "0")
    assert draft["avoided_usd"] == spent["incurred_usd"] != "0"
    assert second["artefact"]["digest"] == first["artefact"]["digest"]


@pytest.mark.slow
def test_a_stage_that_was_killed_between_its_calls_pays_for_the_rest_alone(
    tmp_path: Path, provider: FakeProvider
) -> None:
    whole = made(tmp_path / "whole", provider, pause="1.0").run("name=day")
    before = len(provider.requests)
    project = made(tmp_path / "killed", provider, pause="1.0")
    process = subprocess.Popen(
        [sys.executable, str(DRIVER), str(project.folder), "name=day"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_answered(project, 2)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert len(provider.requests) == before + 2
    run = project.run("name=day")
    assert run["status"] == "complete"
    assert len(provider.requests) == before + 4, "the third question, and the title"
    assert run["artefact"]["digest"] == whole["artefact"]["digest"]
    draft = next(item for item in run["stages"] if item["stage"] == "draft")
    assert draft["requests"] == 1
    assert parse_dollars(draft["avoided_usd"]) > 0


def wait_answered(project: Project, count: int) -> None:
    """Until so many answers are committed."""
    path = project.folder / ".atelier" / "ledger.sqlite"
    outcomes: list[str] = []
    for _ in range(1000):
        time.sleep(0.02)
        try:
            ledger = SqliteLedger.open(path, read_only=True)
        except SetupError:
            continue  # it is being made
        outcomes = [
            attempt.outcome
            for record in ledger.iter_runs(limit=1)
            for attempt in ledger.iter_attempts(record.start.run)
        ]
        ledger.close()
        if outcomes.count("answered") == count:
            return
    raise AssertionError(outcomes)
