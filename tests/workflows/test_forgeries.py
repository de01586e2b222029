"""A thousand forged citations, of which none is accepted; a thousand genuine ones, all of them."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from atelier import Ask, Cite, Harness, Packet, Workflow, stage
from atelier.aggregate import elements
from atelier.ledger.rows import RunStatus
from atelier.orchestrate.outcome import Run
from atelier.terra.quotes import QuoteFault, resolve_cite
from atelier.testing.provider import Behaviour, CitingModel, FakeProvider, Forgery, ForgingModel

BATCH = 25
WORDS = (
    "harbour",
    "lantern",
    "gravel",
    "orchard",
    "saddle",
    "copper",
    "meadow",
    "violin",
    "thunder",
    "ribbon",
)


class Entry(BaseModel):
    id: int
    text: str


class Findings(BaseModel):
    cites: list[Cite] = Field(min_length=BATCH, max_length=BATCH)


class Evidence(Packet):
    part: int
    journal: list[Entry]


def packet(part: int) -> Evidence:
    """Entries of which no two have a sentence in common."""
    entries = [
        Entry(
            id=n,
            text=f"Entry {part}-{n} tells of the {WORDS[n % 10]} beside the {WORDS[(n + part) % 10]} gate, "
            f"number {part * 100 + n}. The evening was quiet there.",
        )
        for n in range(BATCH)
    ]
    return Evidence(part=part, journal=entries)


def flow(folder: Path) -> Workflow[Any]:
    @stage(model="writer", prompt=str(folder / "prompt.md"), tries=1)
    async def findings(ask: Ask[Findings], journal: list[Entry]) -> Findings:
        return await ask(journal=journal)

    return Workflow("w", packet=Evidence, stages=[findings])


def run_batches(folder: Path, behaviour: Behaviour, parts: range) -> tuple[list[Run[Any]], Any]:
    (folder / "prompt.md").write_text("Cite what matters.\n\n{{journal}}")
    with FakeProvider(behaviour) as provider:
        (folder / "atelier.toml").write_text(
            '[models.writer]\nuse = "openai:gpt-5-mini"\nendpoint = "here"\n'
            f'[endpoints.here]\nurl = "{provider.url("openai")}"\n'
        )
        with Harness.open(folder) as harness:
            runs = [harness.run_sync(flow(folder), packet(part)) for part in parts]
            attempts = [one for run in runs for one in harness.ledger.iter_attempts(run.id)]
            said = [harness.runtime.content.read(one.response or "") for one in attempts]
            outputs = [run.stages[0].output for run in runs]
            kept = [row for out in outputs if out for row in harness.ledger.iter_citations(out)]
        return runs, (attempts, said, kept)


@pytest.mark.slow
def test_a_thousand_forged_citations_are_refused(tmp_path: Path) -> None:
    forgeries = list(Forgery)
    per = -(-1000 // (BATCH * len(forgeries)))
    forged = 0
    for forgery in forgeries:
        folder = tmp_path / forgery.name
        folder.mkdir()
        runs, (attempts, said, kept) = run_batches(folder, ForgingModel(forgery), range(per))
        assert [run.status for run in runs] == [RunStatus.FAILED] * per
        assert [one.outcome for one in attempts] == ["rejected"] * per
        assert {(run.stages[0].error or {})["code"] for run in runs} == {"ask.citation"}
        assert kept == []
        for number, answer in enumerate(said):
            body = json.loads(json.loads(answer)["body"])
            cites = json.loads(body["choices"][0]["message"]["content"])["cites"]
            shown = elements(packet(number))
            found = [resolve_cite(Cite(**cite), shown) for cite in cites]
            assert {type(one) for one in found} == {QuoteFault}, "each of them, by itself"
            forged += len(cites)
    assert forged >= 1000


@pytest.mark.slow
def test_a_thousand_genuine_citations_are_accepted(tmp_path: Path) -> None:
    batches = 1000 // BATCH
    runs, (attempts, _, kept) = run_batches(tmp_path, CitingModel(), range(batches))
    assert {str(run.stages[0].error) for run in runs} == {"None"}
    assert [one.outcome for one in attempts] == ["answered"] * batches
    assert len(kept) == 1000
