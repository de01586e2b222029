"""Asking: what is sent, what is refused and asked again, and what stands in the ledger of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from atelier import (
    Artefact,
    Ask,
    Cite,
    ExhaustedError,
    Harness,
    Packet,
    Passage,
    TransientError,
    Workflow,
    stage,
    terra,
)
from atelier.ledger.rows import RunStatus
from atelier.models import Request
from atelier.orchestrate import question as asking
from atelier.testing.scripted import ScriptedModel

PROMPT = "Read this:\n{{journal}}\nand answer for {{student}}.\n"


class Entry(BaseModel):
    id: int
    text: str


class Evidence(Packet):
    student: str
    journal: list[Entry]


class Draft(BaseModel):
    """A draft, and what it quotes."""

    text: str
    cites: list[Cite] = []


class Page(BaseModel):
    passages: list[Passage]


EVIDENCE = Evidence(
    student="maya",
    journal=[
        Entry(id=1, text="On Monday I walked four miles before breakfast."),
        Entry(id=2, text="Rain all day, so I stayed at home and read."),
    ],
)


@pytest.fixture
def open_with(tmp_path: Path) -> Iterator[Callable[..., Harness]]:
    (tmp_path / "prompt.md").write_text(PROMPT)
    (tmp_path / "page.md").write_text("{{grounded}}")
    opened: list[Harness] = []

    def opener(**models: ScriptedModel) -> Harness:
        harness = Harness.open(tmp_path, models=models)
        opened.append(harness)
        return harness

    yield opener
    for harness in opened:
        harness.close()


def draft_stage(folder: Path) -> Any:
    @stage(model="writer", prompt=str(folder / "prompt.md"))
    async def draft(ask: Ask[Draft], journal: list[Entry], student: str) -> Draft:
        return await ask(journal=journal, student=student)

    return draft


def answer(text: str, *cites: tuple[str, str]) -> str:
    return json.dumps({"text": text, "cites": [{"handle": h, "quote": q} for h, q in cites]})


def test_evidence_is_fenced_under_handles_and_texts_are_as_they_are(
    open_with: Callable[..., Harness], tmp_path: Path
) -> None:
    model = ScriptedModel([answer("four miles")])
    harness = open_with(writer=model)
    harness.run_sync(Workflow("w", packet=Evidence, stages=[draft_stage(tmp_path)]), EVIDENCE)
    (request,) = model.requests
    lines = request.messages[0].text.splitlines()
    assert lines[1].startswith("<evidence journal ")
    assert lines[2].startswith("[journal-")
    assert lines[2].endswith('"text":"On Monday I walked four miles before breakfast."}')
    assert lines[-1] == "and answer for maya."
    assert request.schema["description"] == "A draft, and what it quotes."


def test_the_same_inputs_make_the_same_request(
    open_with: Callable[..., Harness], tmp_path: Path
) -> None:
    models = [ScriptedModel([answer("a")]), ScriptedModel([answer("b")])]
    for model in models:
        harness = open_with(writer=model)
        harness.project.home.rename(tmp_path / f"gone-{id(model)}")
        workflow = Workflow("w", packet=Evidence, stages=[draft_stage(tmp_path)])
        fresh = Harness.open(tmp_path, models={"writer": model})
        fresh.run_sync(workflow, EVIDENCE)
        fresh.close()
    assert models[0].requests[0].as_json() == models[1].requests[0].as_json()


def test_an_answer_of_another_form_is_asked_again_with_the_reason(
    open_with: Callable[..., Harness], tmp_path: Path
) -> None:
    model = ScriptedModel(['{"txt": "x"}', answer("four miles")])
    harness = open_with(writer=model)
    run = harness.run_sync(Workflow("w", packet=Evidence, stages=[draft_stage(tmp_path)]), EVIDENCE)
    assert run.result("draft").requests == 2
    again = model.requests[1].messages
    assert [turn.role for turn in again] == ["user", "assistant", "user"]
    assert "/text: Field required" in again[2].text
    attempts = list(harness.ledger.iter_attempts(run.id))
    assert [(one.number, one.outcome) for one in attempts] == [(1, "rejected"), (2, "answered")]
    assert len({one.call for one in attempts}) == 1


def test_an_answer_that_says_one_thing_twice_is_asked_which_of_them_it_means(
    open_with: Callable[..., Harness], tmp_path: Path
) -> None:
    model = ScriptedModel(['{"text": "nine miles", "text": "four miles"}', answer("four miles")])
    harness = open_with(writer=model)
    run = harness.run_sync(Workflow("w", packet=Evidence, stages=[draft_stage(tmp_path)]), EVIDENCE)
    assert run.result("draft").requests == 2
    assert "the key 'text' stands twice" in model.requests[1].messages[2].text


def test_a_forged_citation_is_asked_again_and_a_true_one_recorded(
    open_with: Callable[..., Harness], tmp_path: Path
) -> None:
    handles: list[str] = []

    def script(request: Request) -> str:
        line = request.messages[0].text.splitlines()[2]
        handles.append(line[1 : line.index("]")])
        quote = (
            "nine miles before breakfast" if len(handles) == 1 else "four miles before breakfast"
        )
        return answer("She walked.", (handles[0], quote))

    harness = open_with(writer=ScriptedModel(script))
    run = harness.run_sync(Workflow("w", packet=Evidence, stages=[draft_stage(tmp_path)]), EVIDENCE)
    assert run.result("draft").requests == 2
    (citation,) = harness.ledger.iter_citations(run.result("draft").output or "")
    assert citation.quote == "four miles before breakfast"


def test_after_the_last_refusal_the_stage_fails_and_the_next_run_starts_afresh(
    open_with: Callable[..., Harness], tmp_path: Path
) -> None:
    model = ScriptedModel(["no", "no", "no", answer("at last")])
    harness = open_with(writer=model)
    workflow = Workflow("w", packet=Evidence, stages=[draft_stage(tmp_path)])
    run = harness.run_sync(workflow, EVIDENCE)
    result = run.result("draft")
    assert (run.status, result.requests) == (RunStatus.FAILED, 3)
    assert (result.error or {})["code"] == "ask.schema"
    again = harness.run_sync(workflow, EVIDENCE)
    assert again.result("draft").reason == "failed before: ask.schema"
    assert again.result("draft").requests == 1


def test_a_transient_failure_is_sent_again_and_an_exhausted_one_is_not(
    open_with: Callable[..., Harness], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "random", lambda: 0.0)
    limit = TransientError("models.limit", "Too many requests.", next_step="Wait.")
    quota = ExhaustedError("models.quota", "The quota is used up.", next_step="Raise it.")
    workflow = Workflow("w", packet=Evidence, stages=[draft_stage(tmp_path)])
    harness = open_with(writer=ScriptedModel([limit, answer("a")]))
    assert harness.run_sync(workflow, EVIDENCE).result("draft").requests == 2
    harness.close()
    harness = open_with(writer=ScriptedModel([quota, answer("a")]))
    other = EVIDENCE.model_copy(update={"student": "tomas"})
    result = harness.run_sync(workflow, other).result("draft")
    assert (result.requests, (result.error or {})["code"]) == (1, "models.quota")


def test_an_unfilled_slot_fails_the_stage_and_sends_nothing(
    open_with: Callable[..., Harness], tmp_path: Path
) -> None:
    @stage(model="writer", prompt=str(tmp_path / "prompt.md"))
    async def forgets(ask: Ask[Draft], journal: list[Entry], student: str) -> Draft:
        return await ask(journal=journal)

    model = ScriptedModel([])
    harness = open_with(writer=model)
    run = harness.run_sync(Workflow("w", packet=Evidence, stages=[forgets]), EVIDENCE)
    assert (run.result("forgets").error or {})["code"] == "prompt.unfilled"
    assert model.requests == []


def page_workflow(folder: Path) -> Workflow[Page]:
    @stage
    def draft(journal: list[Entry]) -> Draft:
        return Draft(text="“I walked four miles before breakfast.”")

    grounded = terra.ground(draft)

    @stage(model="writer", prompt=str(folder / "page.md"))
    async def page(ask: Ask[Page], grounded: terra.Grounded) -> Page:
        return await ask(grounded=grounded)

    return Workflow(
        "page", packet=Evidence, stages=[draft, grounded, page], artefact=Artefact(page, "p.md")
    )


def printed(claims: list[str], *texts: str) -> str:
    return json.dumps({"passages": [{"text": text, "claims": claims} for text in texts]})


INVENTED = [f"She walked {number} miles before breakfast." for number in range(5, 105)]


def test_an_invented_number_is_asked_again_and_then_printed_flagged_100_of_100(
    open_with: Callable[..., Harness], tmp_path: Path
) -> None:
    ids: list[str] = []

    def script(request: Request) -> str:
        if not ids:
            marker = request.messages[0].text.index('"id":"') + 6
            ids.append(request.messages[0].text[marker : marker + 8])
        return printed(ids, "“I walked four miles before breakfast.”", *INVENTED)

    model = ScriptedModel(script)
    harness = open_with(writer=model)
    run = harness.run_sync(page_workflow(tmp_path), EVIDENCE)
    assert run.result("page").requests == 3
    assert "states 5" in model.requests[1].messages[-1].text
    text = (tmp_path / "p.md").read_text()
    for sentence in INVENTED:
        (line,) = [line for line in text.splitlines() if line.startswith(sentence)]
        assert "**[contested: not grounded]**" in line
    (good,) = [line for line in text.splitlines() if line.startswith("“I walked four")]
    assert "contested" not in good


def test_an_answer_that_passes_the_door_the_second_time_is_printed_plain(
    open_with: Callable[..., Harness], tmp_path: Path
) -> None:
    seen: list[str] = []

    def script(request: Request) -> str:
        marker = request.messages[0].text.index('"id":"') + 6
        seen.append(request.messages[0].text[marker : marker + 8])
        text = (
            "She walked nine miles."
            if len(seen) == 1
            else "“I walked four miles before breakfast.”"
        )
        return printed(seen[:1], text)

    harness = open_with(writer=ScriptedModel(script))
    run = harness.run_sync(page_workflow(tmp_path), EVIDENCE)
    assert run.result("page").requests == 2
    assert "contested" not in (tmp_path / "p.md").read_text()
    assert run.output.passages[0].text.startswith("“I walked four")
