"""What a prompt shows: elements under handles made from what the stage sees, and no more."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from atelier import Ask, Cite, Harness, Packet, RunOptions, Workflow, stage
from atelier.aggregate import elements
from atelier.models import Request
from atelier.testing.scripted import ScriptedModel


class Entry(BaseModel):
    text: str
    mood: str = "calm"


class Text(BaseModel):
    text: str


class Profile(BaseModel):
    name: str
    private: str = ""


class Name(BaseModel):
    name: str


class Evidence(Packet):
    student: str
    journal: list[Entry]
    profile: Profile | None = None
    other: list[Text] | None = None


class Draft(BaseModel):
    text: str
    cites: list[Cite] = []


WALK = "On Monday I walked four miles before breakfast."
REST = "Rain all day, so I stayed at home and read."


def evidence(*moods: str, **more: Any) -> Evidence:
    pairs = zip((WALK, REST), moods, strict=False)
    journal = [Entry(text=text, mood=mood) for text, mood in pairs]
    return Evidence(student="maya", journal=journal, **more)


@pytest.fixture
def open_with(tmp_path: Path) -> Iterator[Callable[..., Harness]]:
    (tmp_path / "prompt.md").write_text("{{journal}}")
    (tmp_path / "profile.md").write_text("{{profile}}")
    opened: list[Harness] = []

    def opener(model: ScriptedModel) -> Harness:
        opened.append(Harness.open(tmp_path, models={"writer": model}))
        return opened[-1]

    yield opener
    for harness in opened:
        harness.close()


def handles(request: Request) -> list[str]:
    lines = request.messages[0].text.splitlines()[1:-1]
    return [line[1 : line.index("]")] for line in lines]


def quoting(quote: str, *, index: int = 0) -> Callable[[Request], str]:
    def script(request: Request) -> str:
        cite = {"handle": handles(request)[index], "quote": quote}
        return json.dumps({"text": "She walked.", "cites": [cite]})

    return script


def lensed(folder: Path) -> Workflow[None]:
    @stage(model="writer", prompt=str(folder / "prompt.md"))
    async def draft(ask: Ask[Draft], journal: list[Text]) -> Draft:
        return await ask(journal=journal)

    return Workflow("lensed", packet=Evidence, stages=[draft])


def test_a_lens_shows_what_it_sees_and_an_edit_outside_it_changes_nothing(
    open_with: Callable[..., Harness], tmp_path: Path
) -> None:
    model = ScriptedModel(quoting("four miles before breakfast"))
    harness, workflow = open_with(model), lensed(tmp_path)
    first = harness.run_sync(workflow, evidence("glad", "low"))
    again = harness.run_sync(workflow, evidence("tired", "low"))
    assert "glad" not in model.requests[0].messages[0].text
    result = again.result("draft")
    assert (again.served, result.outcome.value, result.reason) == ("run", "reused", "same key")
    assert result.key == first.result("draft").key
    assert len(model.requests) == 1


def test_a_refresh_after_an_edit_outside_the_lens_sends_the_same_request(
    open_with: Callable[..., Harness], tmp_path: Path
) -> None:
    model = ScriptedModel(quoting("four miles before breakfast"))
    harness, workflow = open_with(model), lensed(tmp_path)
    harness.run_sync(workflow, evidence("glad", "low"))
    options = RunOptions(refresh={"draft": "again"})
    harness.run_sync(workflow, evidence("tired", "low"), options=options)
    one, two = model.requests
    assert one == two


def test_a_citation_under_a_handle_of_the_lens_resolves_to_the_whole_element(
    open_with: Callable[..., Harness], tmp_path: Path
) -> None:
    harness = open_with(ScriptedModel(quoting("four miles before breakfast")))
    packet = evidence("glad", "low")
    run = harness.run_sync(lensed(tmp_path), packet)
    (row,) = harness.ledger.iter_citations(run.result("draft").output or "")
    assert (row.slice, row.pointer, row.quote) == (
        "journal",
        "/text",
        "four miles before breakfast",
    )
    assert row.element == elements(packet)[0].digest


def test_a_slice_that_is_no_list_is_one_element_under_a_lens(
    open_with: Callable[..., Harness], tmp_path: Path
) -> None:
    @stage(model="writer", prompt=str(tmp_path / "profile.md"))
    async def greeting(ask: Ask[Draft], profile: Name | None) -> Draft:
        return await ask(profile=profile)

    model = ScriptedModel(['{"text": "Hello"}'])
    harness = open_with(model)
    workflow = Workflow("greets", packet=Evidence, stages=[greeting])
    harness.run_sync(workflow, evidence("glad", profile=Profile(name="Maya", private="one")))
    again = harness.run_sync(
        workflow, evidence("glad", profile=Profile(name="Maya", private="two"))
    )
    (line,) = model.requests[0].messages[0].text.splitlines()[1:-1]
    assert line.endswith('] {"name":"Maya"}')
    assert again.result("greeting").outcome.value == "reused"


def test_a_mapped_stage_is_shown_its_own_element_alone(
    open_with: Callable[..., Harness], tmp_path: Path
) -> None:
    @stage(model="writer", prompt=str(tmp_path / "prompt.md"), each="journal")
    async def note(ask: Ask[Draft], journal: Text) -> Draft:
        return await ask(journal=journal)

    def script(request: Request) -> str:
        (handle,) = handles(request)
        walked = "Monday" in request.messages[0].text
        quote = "walked four miles" if walked else "stayed at home"
        return json.dumps({"text": "Noted.", "cites": [{"handle": handle, "quote": quote}]})

    model = ScriptedModel(script)
    harness = open_with(model)
    workflow = Workflow("notes", packet=Evidence, stages=[note])
    run = harness.run_sync(workflow, evidence("glad", "low"))
    assert run.result("note").outcome.value == "ran", run.result("note").error
    texts = [request.messages[0].text for request in model.requests]
    assert sorted((WALK in text, REST in text) for text in texts) == [(False, True), (True, False)]
    harness.run_sync(workflow, evidence("tired", "merry"))
    assert len(model.requests) == 2


def test_a_handle_of_a_slice_that_the_stage_does_not_take_is_the_packets(
    open_with: Callable[..., Harness], tmp_path: Path
) -> None:
    packet = evidence("glad", other=[Text(text="Rest is a training day as well.")])
    (other,) = [item for item in elements(packet) if item.slice == "other"]
    cite = {"handle": other.handle, "quote": "Rest is a training day"}
    harness = open_with(ScriptedModel([json.dumps({"text": "So rest.", "cites": [cite]})]))
    run = harness.run_sync(lensed(tmp_path), packet)
    (row,) = harness.ledger.iter_citations(run.result("draft").output or "")
    assert row.element == other.digest


def test_a_citation_in_a_mapped_value_is_found_in_its_mapping(
    open_with: Callable[..., Harness], tmp_path: Path
) -> None:
    @stage(model="writer", prompt=str(tmp_path / "prompt.md"))
    async def by_topic(ask: Ask[Draft], journal: list[Entry]) -> dict[str, list[Cite]]:
        return {"walks": (await ask(journal=journal)).cites}

    harness = open_with(ScriptedModel(quoting("stayed at home", index=1)))
    workflow = Workflow("topics", packet=Evidence, stages=[by_topic])
    run = harness.run_sync(workflow, evidence("glad", "low"))
    (row,) = harness.ledger.iter_citations(run.result("by_topic").output or "")
    assert row.quote == "stayed at home"
