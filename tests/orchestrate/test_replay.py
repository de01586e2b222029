"""Replay: what a recorded run says when nobody can be asked, and what it is compared with."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from atelier import Ask, Cite, Harness, Packet, RunOptions, SetupError, Workflow, stage
from atelier.models import Request
from atelier.models.fault import Asked, Fault, Found, make_error
from atelier.orchestrate import question as asking
from atelier.orchestrate.replay import Compared, Replay, Verdict
from atelier.testing.provider import Asked as Incoming
from atelier.testing.provider import FakeProvider, RateLimit, Text
from atelier.testing.scripted import ScriptedModel


class Evidence(Packet):
    student: str
    notes: list[str]


class Draft(BaseModel):
    text: str
    cites: list[Cite] = []


MAYA = Evidence(student="maya", notes=["slept well", "ran", "ran"])
CLOSED = ScriptedModel([])


def said(text: str, **more: Any) -> str:
    return json.dumps({"text": text, **more})


def drafting(folder: Path, suffix: str = "") -> Any:
    """A stage that asks; one with another suffix is another recipe with the same request."""

    async def draft(ask: Ask[Draft], student: str) -> Draft:
        answer = await ask(student=student)
        return Draft(text=answer.text + suffix)

    return stage(model="writer", prompt=str(folder / "prompt.md"))(draft)


@stage
def page(draft: Draft) -> str:
    return draft.text.upper()


def workflow(folder: Path, suffix: str = "") -> Workflow[Any]:
    return Workflow("w", packet=Evidence, stages=[drafting(folder, suffix), page])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "prompt.md").write_text("How is {{student}}?")
    return tmp_path


@pytest.fixture
def open_with(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Harness]]:
    monkeypatch.setattr(asking, "random", lambda: 0.0)
    opened: list[Harness] = []

    def opener(**models: Any) -> Harness:
        opened.append(Harness.open(folder, models=models))
        return opened[-1]

    yield opener
    for harness in opened:
        harness.close()


def replay(folder: Path, flow: Workflow[Any], run: str, **models: Any) -> Replay:
    """Replay with models that have nothing to say, in a harness that cannot write."""
    closed = models or {"writer": CLOSED}
    with Harness.open(folder, models=closed, read_only=True) as harness:
        done = asyncio.run(harness.replay(flow, run))
    assert all(model.requests == [] for model in closed.values()), "nothing is sent"
    return done


def verdicts(done: Replay) -> list[str]:
    return [f"{one.stage}: {one.verdict.value}" for one in done.stages]


def the(done: Replay, name: str) -> Compared:
    return next(one for one in done.stages if one.stage == name)


def test_a_run_comes_out_the_same_from_its_receipts_rejected_ones_too(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    invented = said("no", cites=[{"handle": "notes-00000000", "quote": "slept badly"}])
    harness = open_with(writer=ScriptedModel(["no JSON", invented, said("fine")]))
    flow = workflow(folder)
    run = harness.run_sync(flow, MAYA)
    assert run.result("draft").requests == 3
    before = harness.ledger.find_row(2), list(harness.ledger.iter_runs(limit=9))
    done = replay(folder, flow, run.id)
    assert verdicts(done) == ["draft: same", "page: same"]
    assert done.same
    assert the(done, "draft").why == ""
    recorded, replayed = the(done, "page").recorded, the(done, "page").replayed
    assert recorded is not None
    assert replayed is not None
    assert (recorded.key, recorded.input) == (replayed.key, replayed.input)
    assert before == (harness.ledger.find_row(2), list(harness.ledger.iter_runs(limit=9)))
    assert harness.ledger.find_row(3) is None, "a replay adds no row"


def test_an_edited_prompt_asks_what_has_no_receipt(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    flow = workflow(folder)
    run = open_with(writer=ScriptedModel([said("fine")])).run_sync(flow, MAYA)
    (folder / "prompt.md").write_text("How was {{student}}?")
    done = replay(folder, flow, run.id)
    assert verdicts(done) == ["draft: no receipt", "page: differs"]
    asked = the(done, "draft")
    assert asked.why == "prompt changed: prompt.md"
    assert asked.request is not None
    assert the(done, "page").why == "Stage 'page' needs what draft did not give."
    assert not done.same
    assert done.as_json()["stages"][0]["replayed"]["error"] == "models.no_receipt"


def test_edited_code_that_asks_the_same_is_answered_and_named(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    run = open_with(writer=ScriptedModel([said("fine")])).run_sync(workflow(folder), MAYA)
    done = replay(folder, workflow(folder, suffix="!"), run.id)
    assert verdicts(done) == ["draft: differs", "page: differs"]
    assert the(done, "draft").why.startswith("code changed")
    assert the(done, "page").why == "input changed: draft/text"


def test_a_value_that_was_reused_is_replayed_from_the_run_that_made_it(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    harness = open_with(writer=ScriptedModel([said("first"), said("second")]))
    flow = workflow(folder)
    first = harness.run_sync(flow, MAYA)
    anew = RunOptions(refresh={"draft": "too short"})
    second = harness.run_sync(flow, MAYA, options=anew)
    served = harness.run_sync(flow, MAYA)
    called = harness.run_sync(workflow(folder, suffix="!"), MAYA)
    assert served.served == "cache"
    assert called.result("draft").requests == 0, "its call was recorded"
    for run in (first, second, served):
        assert replay(folder, flow, run.id).same, "each from the draw that it had"
    assert replay(folder, workflow(folder, suffix="!"), called.id).same


def test_what_no_key_sees_is_said_to_differ(
    open_with: Callable[..., Harness], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @stage
    def mood(student: str) -> str:
        import os  # the environment is what no key sees

        return f"{student} {os.environ['MOOD']}"

    flow = Workflow("w", packet=Evidence, stages=[mood])
    monkeypatch.setenv("MOOD", "happy")
    run = open_with().run_sync(flow, MAYA)
    assert replay(folder, flow, run.id).same
    monkeypatch.setenv("MOOD", "sad")
    done = replay(folder, flow, run.id)
    assert verdicts(done) == ["mood: differs"]
    assert "no key sees" in the(done, "mood").why


def test_each_element_of_a_mapped_stage_is_answered(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    (folder / "note.md").write_text("What of {{notes}}?")

    @stage(model="writer", prompt=str(folder / "note.md"), each="notes")
    async def told(ask: Ask[Draft], notes: str) -> Draft:
        return await ask(notes=notes)

    def answer(request: Request) -> str:
        return said(request.messages[0].text[-12:])

    flow = Workflow("w", packet=Evidence, stages=[told])
    harness = open_with(writer=ScriptedModel(answer))
    harness.run_sync(flow, Evidence(student="maya", notes=["ran"]))
    run = harness.run_sync(flow, MAYA)
    assert run.result("told").requests == 1, "one element was known"
    assert verdicts(replay(folder, flow, run.id)) == ["told: same"]


def test_the_answer_of_a_model_that_stood_in_stands_in_again(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    (folder / "atelier.toml").write_text(
        '[models.writer]\nuse = "own:first"\nfallback = ["spare"]\n'
        '[models.spare]\nuse = "own:spare"\n'
    )
    refused = make_error(Fault.QUOTA, Asked(model="own:first", model_class="writer"), Found())
    first, spare = ScriptedModel([refused]), ScriptedModel([said("from the spare")])
    flow = workflow(folder)
    run = open_with(writer=first, spare=spare).run_sync(flow, MAYA)
    done = replay(folder, flow, run.id, writer=ScriptedModel([]), spare=ScriptedModel([]))
    assert verdicts(done) == ["draft: same", "page: same"]


def test_stages_that_came_and_went_are_named(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    @stage
    def title(draft: Draft) -> str:
        return draft.text.title()

    run = open_with(writer=ScriptedModel([said("fine")])).run_sync(workflow(folder), MAYA)
    changed = Workflow("w", packet=Evidence, stages=[drafting(folder), title])
    done = replay(folder, changed, run.id)
    assert verdicts(done) == ["draft: same", "title: differs", "page: differs"]
    assert the(done, "title").why == "the recorded run has no such stage"
    assert the(done, "page").why == "the workflow has no such stage any more"


def test_a_failure_is_replayed_as_that_failure(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    flow = workflow(folder)
    run = open_with(writer=ScriptedModel(["no JSON"] * 3)).run_sync(flow, MAYA)
    assert run.status == "failed"
    done = replay(folder, flow, run.id)
    assert verdicts(done) == ["draft: same", "page: same"]
    assert done.stages[0].verdict is Verdict.SAME


def test_a_run_that_is_not_there_is_named(open_with: Callable[..., Harness], folder: Path) -> None:
    harness = open_with(writer=CLOSED)
    with pytest.raises(SetupError, match=r"\[replay.no_run\]"):
        asyncio.run(harness.replay(workflow(folder), "nobody"))


def test_a_provider_is_replayed_once_it_is_gone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "random", lambda: 0.0)

    def play(asked: Incoming) -> Any:
        return RateLimit(retry_after="0") if asked.repeat == 0 else Text(said("fine"))

    flow = workflow(folder)
    with FakeProvider(play) as provider:
        (folder / "atelier.toml").write_text(
            '[models.writer]\nuse = "desk:m"\nendpoint = "desk"\n'
            f'[endpoints.desk]\nurl = "{provider.url("openai")}"\n'
        )
        with Harness.open(folder) as harness:
            run = harness.run_sync(flow, MAYA)
        assert len(provider.requests) == 2
    with Harness.open(folder, read_only=True) as harness:
        done = asyncio.run(harness.replay(flow, run.id))
    assert done.same, "the refusal that only time mended is passed over"
