"""Backtest: what runs when one thing is swapped, what it leaves alone, and what it comes to."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from atelier import (
    Artefact,
    Ask,
    Harness,
    Packet,
    Passage,
    RunOptions,
    SetupError,
    Workflow,
    stage,
    terra,
)
from atelier.ledger.layered import BROUGHT
from atelier.ledger.rows import Outcome
from atelier.ledger.sqlite import SqliteLedger
from atelier.models import Request
from atelier.orchestrate.backtest import Backtest
from atelier.orchestrate.selection import Selection
from atelier.orchestrate.swap import Swap, SwapKind
from atelier.testing.provider import Asked, FakeProvider, Text
from atelier.testing.scripted import ScriptedModel


class Evidence(Packet):
    student: str
    number: int
    notes: list[str]


class Draft(BaseModel):
    text: str


class Page(BaseModel):
    passages: list[Passage]


@stage
def first(notes: list[str]) -> str:
    return " ".join(notes)


@stage
def second(first: str, number: int) -> str:
    return f"{first} Day {number}."


@stage
def fifth(grounded: terra.Grounded) -> Page:
    return Page(
        passages=[Passage(text=one.claim.text, claims=(one.claim.id,)) for one in grounded.claims]
    )


def evidence(number: int) -> Evidence:
    return Evidence(
        student="maya" if number % 2 else "ines", number=number, notes=[f"Ran {number} km."]
    )


def workflow(folder: Path) -> Workflow[Any]:
    @stage(model="writer", prompt=str(folder / "draft.md"))
    async def draft(ask: Ask[Draft], second: str) -> terra.Prose:
        return terra.Prose(text=(await ask(second=second)).text)

    return Workflow(
        "week",
        packet=Evidence,
        stages=[first, second, draft, terra.ground(draft), fifth],
        artefact=Artefact(fifth, "pages/{student}-{number}.md"),
    )


def careful(request: Request) -> str:
    """Says what stands in the prompt."""
    return json.dumps({"text": request.messages[0].text.split(" Day ")[0].removeprefix("Of: ")})


def boastful(request: Request) -> str:
    return json.dumps(
        {"text": f"{json.loads(careful(request))['text']} Everybody cheered in Lisbon."}
    )


TO_RIVAL = Swap(SwapKind.MODEL, "writer", "own:rival")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "draft.md").write_text("Of: {{second}}")
    return tmp_path


def record(folder: Path, numbers: range, model: ScriptedModel | None = None) -> list[str]:
    """Run the workflow for each number, as production does."""
    with Harness.open(folder, models={"writer": model or ScriptedModel(careful)}) as harness:
        flow = workflow(folder)
        return [harness.run_sync(flow, evidence(number)).id for number in numbers]


def backtest(
    folder: Path, swap: Swap = TO_RIVAL, *, model: Any = None, **selected: Any
) -> Backtest:
    models = {"writer": model or ScriptedModel(boastful)}
    with Harness.open(folder, models=models, read_only=True) as harness:
        return asyncio.run(harness.backtest(workflow(folder), Selection(**selected), swap))


def production(folder: Path) -> dict[str, bytes]:
    """What is in every file outside the shadows, but the index that readers of a ledger share."""
    return {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "backtests" not in path.parts and not path.name.endswith("-shm")
        if path.stat().st_size  # a reader makes an empty log
    }


def executed(folder: Path, done: Backtest) -> Counter[str]:
    """How often each stage was executed for a backtest, in every run of its shadow."""
    shadow = SqliteLedger.open(folder / done.folder / "ledger.sqlite", read_only=True)
    rows = [
        row
        for run in shadow.iter_runs(limit=999)
        if run.start.namespace != BROUGHT
        for row in shadow.iter_stage_rows(run.start.run)
    ]
    shadow.close()
    return Counter(row.stage for row in rows if row.outcome is Outcome.RAN)


def test_fifty_runs_execute_nothing_above_the_swapped_stage(folder: Path) -> None:
    record(folder, range(50))
    before = production(folder)
    rival = ScriptedModel(boastful)
    done = backtest(folder, model=rival)
    assert production(folder) == before, "the ledger, its blobs and the artefacts are as they were"
    assert (len(done.runs), len(rival.requests)) == (50, 50)
    assert executed(folder, done) == {"draft": 50, "grounded": 50, "fifth": 50}
    assert {tuple(one.ran) for one in done.runs} == {("draft", "grounded", "fifth")}
    assert done.runs[0].ran["draft"] == "model changed"
    assert done.before.contested == 0
    assert done.after.contested == 50
    assert done.before.supported == done.after.supported == 50
    assert all("Lisbon" in one.diff for one in done.runs)
    again = backtest(folder, model=rival)
    assert len(rival.requests) == 50, "the same question goes on with what is there"
    assert executed(folder, done) == {"draft": 50, "grounded": 50, "fifth": 50}
    assert [one.after.contested for one in again.runs] == [1] * 50
    assert again.question.id == done.question.id


def test_the_shadow_names_no_row_that_it_does_not_have(folder: Path) -> None:
    runs = record(folder, range(3))
    done = backtest(folder)
    shadow = SqliteLedger.open(folder / done.folder / "ledger.sqlite", read_only=True)
    with Harness.open(folder, read_only=True) as harness:
        for one in done.runs:
            rows = {row.stage: row for row in shadow.iter_stage_rows(one.shadow)}
            theirs = {row.stage: row for row in harness.ledger.iter_stage_rows(one.run)}
            for name in ("first", "second"):
                made = shadow.find_row(rows[name].served_from or 0)
                assert made is not None
                assert (made.run, made.stage, made.output) == (one.run, name, theirs[name].output)
    namespaces = {run.start.run: run.start.namespace for run in shadow.iter_runs(limit=99)}
    assert {run for run, namespace in namespaces.items() if namespace == BROUGHT} == set(runs)
    assert {namespace for run, namespace in namespaces.items() if run not in runs} == {
        f"backtest {run}" for run in runs
    }
    shadow.close()
    pages = list((folder / done.folder).rglob("*.md"))
    assert sorted(page.name for page in pages) == ["ines-0.md", "ines-2.md", "maya-1.md"]
    assert all("Lisbon" in page.read_text() for page in pages)


def test_a_swap_that_changes_nothing_says_so(folder: Path) -> None:
    record(folder, range(2))
    (folder / "other.md").write_text("Of: {{second}}\n")
    done = backtest(
        folder, Swap(SwapKind.PROMPT, "draft", "other.md"), model=ScriptedModel(careful)
    )
    assert [list(one.ran) for one in done.runs] == [["draft"], ["draft"]], "early cutoff"
    assert done.runs[0].ran["draft"].startswith("prompt changed")
    assert [one.diff for one in done.runs] == ["", ""]
    assert (done.runs[0].gained, done.runs[0].lost) == (0, 0)


def test_another_stage_may_stand_in_for_one(folder: Path) -> None:
    record(folder, range(2))
    (folder / "other.py").write_text(
        "from atelier import stage\n\n\n"
        "@stage\ndef shorter(first: str, number: int) -> str:\n"
        '    return first.replace("km", "miles")\n'
    )
    done = backtest(
        folder,
        Swap(SwapKind.STAGE, "second", "other.py:shorter"),
        model=ScriptedModel(careful),
    )
    assert [list(one.ran) for one in done.runs] == [["second", "draft", "grounded", "fifth"]] * 2
    assert all("+" in one.diff and "miles" in one.diff for one in done.runs)
    assert all(one.lost == 1 for one in done.runs)


@pytest.mark.parametrize(
    ("selected", "numbers"),
    [
        ({}, [4, 3, 2, 1, 0]),
        ({"limit": 2}, [4, 3]),
        ({"where": {"student": "maya"}}, [3, 1]),
        ({"where": {"student": "ines", "number": "2"}}, [2]),
        ({"since": "2020-01-01"}, [4, 3, 2, 1, 0]),
    ],
)
def test_runs_are_selected_by_what_they_were_of(
    folder: Path, selected: dict[str, Any], numbers: list[int]
) -> None:
    runs = record(folder, range(5))
    record(folder, range(1))  # a run that is served is none of its own
    done = backtest(folder, **selected)
    assert [runs.index(one.run) for one in done.runs] == numbers


@pytest.mark.parametrize(
    ("swap", "selected", "code"),
    [
        (TO_RIVAL, {"since": "2999"}, "backtest.no_runs"),
        (TO_RIVAL, {"where": {"nobody": "1"}}, "backtest.no_runs"),
        (Swap(SwapKind.MODEL, "reader", "own:b"), {}, "backtest.unused_class"),
        (Swap(SwapKind.PROMPT, "first", "draft.md"), {}, "backtest.no_prompt"),
        (Swap(SwapKind.PROMPT, "nobody", "draft.md"), {}, "backtest.no_stage"),
        (Swap(SwapKind.STAGE, "first", "absent.py:a"), {}, "project.no_target"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_and_leaves_nothing(
    folder: Path, swap: Swap, selected: dict[str, Any], code: str
) -> None:
    record(folder, range(1))
    with pytest.raises(SetupError) as caught:
        backtest(folder, swap, **selected)
    assert caught.value.code == code
    assert not (folder / ".atelier/backtests").exists()


def test_a_question_is_named_by_what_it_asks(folder: Path) -> None:
    record(folder, range(2))
    asked: list[dict[str, Any]] = [{}, {"limit": 1}, {"where": {"student": "maya"}}]
    ids = {backtest(folder, **selected).question.id for selected in asked}
    assert len(ids) == 3


def test_a_budget_holds_for_the_whole_backtest(folder: Path) -> None:
    def play(asked: Asked) -> Text:
        text = asked.prompt.split("Of: ")[1].split(" Day ")[0]
        return Text(json.dumps({"text": text}))

    with FakeProvider(play) as provider:
        (folder / "atelier.toml").write_text(
            '[models.writer]\nuse = "openai:gpt-5-mini"\nendpoint = "desk"\n'
            "sampling = { max_tokens = 100 }\n"
            f'[endpoints.desk]\nurl = "{provider.url("openai")}"\n'
        )
        flow = workflow(folder)
        with Harness.open(folder) as harness:
            runs = [harness.run_sync(flow, evidence(number)) for number in range(4)]
            assert {run.status for run in runs} == {"complete"}
            (sent_once,) = harness.ledger.iter_attempts(runs[0].id)
        asked = len(provider.requests)
        swap = Swap(SwapKind.MODEL, "writer", "openai:gpt-5")

        def spend(max_micros: int) -> Backtest:
            with Harness.open(folder, read_only=True) as harness:
                return asyncio.run(harness.backtest(flow, Selection(), swap, max_micros=max_micros))

        # The other model's price is five times this one's, and an answer costs 100 micros.
        limit = 5 * (sent_once.reserved or 0) + 150
        tight = spend(limit)
        sent = len(provider.requests) - asked
        assert sent == 2, "what could exceed it is not sent"
        assert (tight.incurred or 0) <= limit
        assert not tight.whole
        assert {one.status for one in tight.runs} == {"complete", "failed"}
        wide = spend(1_000_000)
        assert wide.whole
        assert len(provider.requests) - asked == 4, "what was paid for is not paid again"
        assert wide.incurred is not None
        assert wide.incurred > (tight.incurred or 0)
        assert wide.avoided == 0, "no answer of another model is of use"


def test_answers_that_production_has_are_not_asked_for(folder: Path) -> None:
    both = ScriptedModel(careful)
    record(folder, range(2), both)
    (folder / "atelier.toml").write_text('[models.writer]\nuse = "own:rival"\n')
    record(folder, range(1))
    (folder / "atelier.toml").unlink()
    rival = ScriptedModel(careful)
    done = backtest(folder, model=rival)
    assert len(rival.requests) == 1, "one of the two had been answered by the rival before"
    assert done.whole


def test_refreshed_values_and_missing_artefacts_are_compared_as_they_were(folder: Path) -> None:
    @stage(model="writer", prompt=str(folder / "draft.md"))
    async def plain(ask: Ask[Draft], second: str) -> Draft:
        return await ask(second=second)

    flow = Workflow("plain", packet=Evidence, stages=[first, second, plain])
    with Harness.open(folder, models={"writer": ScriptedModel(careful)}) as harness:
        harness.run_sync(flow, evidence(1))
        harness.run_sync(flow, evidence(1), options=RunOptions(refresh={"plain": "again"}))
    models = {"writer": ScriptedModel(boastful)}
    with Harness.open(folder, models=models, read_only=True) as harness:
        done = asyncio.run(harness.backtest(flow, Selection(), TO_RIVAL))
    assert [list(one.ran) for one in done.runs] == [["plain"], []]
    assert all(one.diff.splitlines()[-1].endswith("Lisbon.") for one in done.runs)


def test_whoever_watches_is_told_of_each_pair(folder: Path) -> None:
    record(folder, range(2))
    seen: list[str] = []
    watch: Callable[[Any], None] = lambda one: seen.append(one.run)  # noqa: E731
    models = {"writer": ScriptedModel(boastful)}
    with Harness.open(folder, models=models, read_only=True) as harness:
        asked = harness.backtest(workflow(folder), Selection(), TO_RIVAL, observe=watch)
        done = asyncio.run(asked)
    assert seen == [one.run for one in done.runs]
    told = json.loads(json.dumps(done.as_json()))
    assert told["total"]["runs"] == told["total"]["changed"] == 2
    assert told["swap"] == {"kind": "model", "name": "writer", "value": "own:rival"}
