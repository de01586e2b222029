"""What was paid for is never paid for again: after an edit, and after a kill."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from project import JOURNAL, Project, entries, kill, ran

from atelier.kernel.money import parse_dollars
from atelier.ledger.rows import RunRecord
from atelier.ledger.sqlite import SqliteLedger
from atelier.testing.provider import CitingModel, FakeProvider, Price

FLOW = (
    JOURNAL
    + """
import asyncio


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
    return printed(grounded)


flow = Workflow(
    "paid",
    packet=Evidence,
    stages=[draft, grounded, title, page],
    artefact=Artefact(page, "out/{name}.md"),
)
"""
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
        "journal.jsonl": entries("On day DAY I walked DAY miles before breakfast."),
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
    process = project.start("name=day")
    project.wait_until(two_are_answered)
    kill(process)
    assert len(provider.requests) == before + 2
    run = project.run("name=day")
    assert run["status"] == "complete"
    assert len(provider.requests) == before + 4, "the third question, and the title"
    assert run["artefact"]["digest"] == whole["artefact"]["digest"]
    draft = next(item for item in run["stages"] if item["stage"] == "draft")
    assert draft["requests"] == 1
    assert parse_dollars(draft["avoided_usd"]) > 0


def two_are_answered(ledger: SqliteLedger, record: RunRecord) -> bool:
    outcomes = [attempt.outcome for attempt in ledger.iter_attempts(record.start.run)]
    return outcomes.count("answered") == 2
