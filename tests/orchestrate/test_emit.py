"""The end of a run: the file that it leaves, a person's edits kept, and what a reader is told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel

from atelier import Artefact, Harness, Packet, Passage, RunOptions, Workflow, isilon, stage, terra
from atelier.ledger.rows import RunStatus
from atelier.orchestrate.events import RunEvent, Warned

SAID = "I walked four miles before breakfast."


class Evidence(Packet):
    student: str
    journal: Annotated[str, isilon.Text("{student}.txt")]


class Draft(BaseModel):
    text: str


class Page(BaseModel):
    passages: list[Passage]


broken: set[str] = set()


@stage
def draft(journal: str) -> Draft:
    return Draft(text=f"“{SAID}”")


@stage(rules="mood: rules@1")
def mood(journal: str) -> str:
    if "mood" in broken:
        message = "the mood is broken"
        raise ValueError(message)
    return "glad"


@stage
def after_mood(mood: str) -> str:
    return mood.upper()


grounded = terra.ground(draft)


@stage
def page(grounded: terra.Grounded, mood: str | None = None, after_mood: str | None = None) -> Page:
    claims = tuple(item.claim.id for item in grounded.claims)
    return Page(passages=[Passage(text=f"“{SAID}”", claims=claims)])


pages = Workflow(
    "pages",
    packet=Evidence,
    stages=[draft, grounded, mood, after_mood, page],
    artefact=Artefact(page, "{student}.md"),
)


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    broken.clear()
    (tmp_path / "atelier.toml").write_text("")
    (tmp_path / "maya.txt").write_text(f"Monday.\nA grey day.\n{SAID}\nThen I slept.\n")
    with Harness.open(tmp_path) as opened:
        yield opened


def printed(harness: Harness) -> str:
    return (harness.runtime.project / "maya.md").read_text()


def test_a_quote_deep_in_a_text_names_its_own_line(harness: Harness) -> None:
    harness.run_sync(pages, student="maya")
    assert "maya.txt:3" in printed(harness)


def test_an_edited_file_is_kept_and_the_run_warns_once_also_when_served(harness: Harness) -> None:
    harness.run_sync(pages, student="maya")
    path = harness.runtime.project / "maya.md"
    path.write_text("mine")
    seen: list[RunEvent] = []
    run = harness.run_sync(
        pages, student="maya", options=RunOptions(observe=seen.append, refresh={"page": "again"})
    )
    assert run.artefact is not None
    assert (run.artefact.action, path.read_text()) == ("kept", "mine")
    assert run.warnings == (run.artefact.warning,)
    assert [event.text for event in seen if isinstance(event, Warned)] == list(run.warnings)
    served = harness.run_sync(pages, student="maya")
    assert (served.served, served.warnings) == ("cache", run.warnings)
    over = harness.run_sync(pages, student="maya", options=RunOptions(overwrite=True))
    assert over.artefact is not None
    assert (over.artefact.action, path.read_text()) == ("replaced", printed(harness))


def test_a_file_that_an_earlier_run_wrote_is_replaced(harness: Harness) -> None:
    harness.run_sync(pages, student="maya")
    (harness.runtime.project / "maya.txt").write_text(f"{SAID}\n")
    run = harness.run_sync(pages, student="maya")
    assert run.artefact is not None
    assert (run.artefact.action, run.warnings) == ("replaced", ())
    assert "maya.txt:1" in printed(harness)


def test_a_reader_is_told_what_is_missing_and_why(harness: Harness) -> None:
    broken.add("mood")
    run = harness.run_sync(pages, student="maya")
    assert run.status is RunStatus.DEGRADED
    assert run.result("page").missing == ("mood", "after_mood")
    text = printed(harness)
    assert "Without mood: Stage 'mood' raised ValueError." in text
    assert "Without after_mood: it was blocked" in text
    broken.clear()
    assert harness.run_sync(pages, student="maya").status is RunStatus.COMPLETE
    assert "Without" not in printed(harness)


def test_a_run_whose_page_has_no_value_leaves_no_file(harness: Harness) -> None:
    @stage(rules="fails: rules@1")
    def fails(grounded: terra.Grounded) -> Page:
        raise ValueError

    workflow = Workflow(
        "none",
        packet=Evidence,
        stages=[draft, grounded, fails],
        artefact=Artefact(fails, "{student}.md"),
    )
    run = harness.run_sync(workflow, student="maya")
    assert (run.status, run.artefact) == (RunStatus.FAILED, None)
    assert not (harness.runtime.project / "maya.md").exists()


def test_a_second_collection_of_equal_files_comes_from_the_memo(harness: Harness) -> None:
    first = harness.run_sync(pages, student="maya")
    again = harness.run_sync(pages, student="maya")
    assert (again.served, again.packet) == ("cache", first.packet)
