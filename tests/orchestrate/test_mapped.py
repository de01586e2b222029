"""Mapped stages: refreshed, damaged, waited for, and what the manifest says of each element."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import apsw
import pytest
from pydantic import BaseModel

from atelier import Harness, Packet, RunOptions, Workflow, stage
from atelier.kernel.canonical import read
from atelier.ledger.rows import Outcome, Row
from atelier.orchestrate.mapped import next_draw


class Entry(BaseModel):
    text: str
    mood: str = ""


class Text(BaseModel):
    text: str


class Evidence(Packet):
    student: str
    journal: list[Entry]


calls: list[str] = []
draws: list[int] = []


@stage(each="journal", rules="lengths: rules@1")
def lengths(journal: Text) -> int:
    calls.append(journal.text)
    return len(journal.text) + len(draws)


@stage
def total(lengths: list[int]) -> int:
    return sum(lengths)


mapped = Workflow("mapped", packet=Evidence, stages=[lengths, total])


def evidence(*texts: str, mood: str = "") -> Evidence:
    return Evidence(student="maya", journal=[Entry(text=text, mood=mood) for text in texts])


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    calls.clear()
    draws.clear()
    with Harness.open(tmp_path) as opened:
        yield opened


def damage(folder: Path, digest: str) -> None:
    database = apsw.Connection(str(folder / ".atelier" / "ledger.sqlite"))
    database.execute("update blob set data = zeroblob(length(data)) where digest = ?", (digest,))
    database.close()


def elements_of(harness: Harness, run: str) -> list[Row]:
    return list(harness.ledger.iter_element_rows(run, "lengths"))


def test_a_refresh_executes_every_element_and_appends_their_draws(harness: Harness) -> None:
    harness.run_sync(mapped, evidence("a", "bb"))
    calls.clear()
    draws.append(1)
    options = RunOptions(refresh={"lengths": "count anew"})
    run = harness.run_sync(mapped, evidence("a", "bb"), options=options)
    assert sorted(calls) == ["a", "bb"]
    assert run.value(total) == 5
    rows = elements_of(harness, run.id)
    assert [(row.draw, row.reason) for row in rows] == [(1, "refreshed: count anew")] * 2
    calls.clear()
    served = harness.run_sync(mapped, evidence("bb", "a"))
    assert (calls, served.value(total)) == ([], 5)


def test_a_damaged_element_alone_is_executed_again(harness: Harness, tmp_path: Path) -> None:
    first = harness.run_sync(mapped, evidence("a", "bb"))
    (hurt,) = [row for row in elements_of(harness, first.id) if row.output and row.draw == 0][:1]
    damage(tmp_path, hurt.output or "")
    calls.clear()
    run = harness.run_sync(mapped, evidence("a", "bb", "ccc"))
    assert len(calls) == 2
    assert "ccc" in calls
    assert run.value(total) == 6
    manifest = harness.runtime.content.read(run.result("lengths").output or "")
    assert manifest == b"[1,2,3]"


def test_what_the_elements_lens_does_not_see_executes_nothing(harness: Harness) -> None:
    harness.run_sync(mapped, evidence("a", "bb", mood="glad"))
    calls.clear()
    run = harness.run_sync(mapped, evidence("a", "bb", mood="low"))
    assert calls == []
    assert run.result("total").outcome is Outcome.REUSED


def test_the_manifest_says_of_each_element_how_it_came(harness: Harness) -> None:
    @stage(each="journal", rules="picky: rules@1")
    def picky(journal: Text) -> int:
        if journal.text == unwanted[0]:
            message = "no such text"
            raise ValueError(message)
        return len(journal.text)

    unwanted = ["bb"]
    workflow = Workflow("picky", packet=Evidence, stages=[picky])
    harness.run_sync(workflow, evidence("a"))
    run = harness.run_sync(workflow, evidence("bb", "a", "ccc"))
    (row,) = [row for row in harness.ledger.iter_stage_rows(run.id) if row.stage == "picky"]
    entries = read(harness.runtime.content.read(row.manifest or "") or b"")["of"]
    assert [entry["outcome"] for entry in entries] == ["failed", "reused", "ran"]
    assert [entry["output"] is None for entry in entries] == [True, False, False]
    assert entries[0]["error"]["code"] == "stage.raised"
    assert row.outcome is Outcome.FAILED


def test_an_element_that_another_process_executes_is_waited_for(harness: Harness) -> None:
    flights = harness.runtime.flights
    leases = flights.leases
    other = replace(harness.runtime.owner, token="another token")  # noqa: S106 - no password
    first = harness.run_sync(mapped, evidence("a"))
    (row,) = elements_of(harness, first.id)
    key = row.key or ""
    assert leases.acquire([key], other) == {key}
    calls.clear()
    options = RunOptions(refresh={"lengths": "why not"})
    timer = threading.Timer(0.05, lambda: (calls.append("released"), leases.release([key], other)))
    timer.start()
    harness.run_sync(mapped, evidence("a"), options=options)
    timer.join()
    assert calls == ["released", "a"]


def test_two_runs_at_once_share_the_elements_that_they_have_in_common(harness: Harness) -> None:
    @stage(each="journal", rules="slow: rules@1")
    async def slow(journal: Text) -> int:
        calls.append(journal.text)
        await asyncio.sleep(0.02)
        return len(journal.text)

    workflow = Workflow("slow", packet=Evidence, stages=[slow])

    async def both() -> None:
        one = harness.run(workflow, evidence("a", "bb"))
        two = harness.run(workflow, evidence("bb", "ccc"))
        await asyncio.gather(one, two)

    asyncio.run(both())
    assert sorted(calls) == ["a", "bb", "ccc"]


def test_a_mapped_stage_that_is_unsound_executes_every_element_again(
    harness: Harness, tmp_path: Path
) -> None:
    (tmp_path / "x.txt").write_text("x")
    path = str(tmp_path / "x.txt")

    @stage(each="journal")
    def reads(journal: Text) -> str:
        return journal.text + Path(path).read_text()

    workflow = Workflow("reads", packet=Evidence, stages=[reads])
    for _ in range(2):
        run = harness.run_sync(workflow, evidence("a"))
        assert run.value(reads) == ["ax"]
        assert (run.served, run.result("reads").outcome) == ("run", Outcome.RAN)
        assert run.result("reads").sound is False


def row_of(output: str, draw: int) -> Row:
    return Row(
        run="r",
        stage="s",
        outcome=Outcome.RAN,
        reason="",
        recorded_at="",
        output=output,
        draw=draw,
    )


def test_a_draw_is_repaired_in_place_and_else_follows() -> None:
    assert next_draw(None, "x", refresh=True) == 0
    assert next_draw(row_of("x", 2), "x", refresh=False) == 2
    assert next_draw(row_of("x", 2), "x", refresh=True) == 3
    assert next_draw(row_of("x", 2), "y", refresh=False) == 3
