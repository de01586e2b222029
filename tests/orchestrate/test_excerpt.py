"""Evidence that a stage picks itself: how it is shown, and that an answer cites nothing else."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from atelier import Ask, Cite, Excerpt, Excerpts, Harness, Packet, Workflow, elements, stage
from atelier.kernel.errors import SetupError, StageError
from atelier.kernel.evidence import Citation, Span
from atelier.models import Request
from atelier.orchestrate.excerpt import unshown
from atelier.testing import ScriptedModel


class Ticket(BaseModel):
    id: int
    text: str


class Week(Packet):
    tickets: list[Ticket]


class Noted(BaseModel):
    cites: list[Cite]


WEEK = Week(
    tickets=[
        Ticket(id=1, text="urgent: results are empty since the morning"),
        Ticket(id=2, text="umlauts find nothing at all in the search"),
        Ticket(id=3, text="urgent: the index is one day behind the tickets"),
    ]
)
FIRST, SECOND, THIRD = elements(WEEK)


def cites(*pairs: tuple[str, str]) -> str:
    return json.dumps({"cites": [{"handle": handle, "quote": quote} for handle, quote in pairs]})


def workflow(folder: Path, *, slots: tuple[str, ...] = ("picked",)) -> Workflow[Any]:
    (folder / "prompt.md").write_text("Read:\n{{picked}}\n")

    @stage(model="writer", prompt=str(folder / "prompt.md"), slots=slots)
    async def noted(ask: Ask[Noted], packet: Week) -> Noted:
        urgent = [item for item in elements(packet) if "urgent" in str(item.value)]
        return await ask(picked=Excerpts.of(urgent))

    return Workflow("w", packet=Week, stages=[noted])


def run(folder: Path, made: Workflow[Any], script: Sequence[Any]) -> tuple[Any, list[Request]]:
    model = ScriptedModel(script)
    with Harness.open(folder, models={"writer": model}) as harness:
        return harness.run_sync(made, WEEK), model.requests


def test_excerpts_stand_between_fences_under_their_handles(tmp_path: Path) -> None:
    quote = (FIRST.handle, "results are empty since the morning")
    done, (request,) = run(tmp_path, workflow(tmp_path), [cites(quote)])
    lines = request.messages[0].text.splitlines()
    assert lines[1].startswith("<evidence picked ")
    assert [line.split("]")[0] for line in lines[2:4]] == [f"[{FIRST.handle}", f"[{THIRD.handle}"]
    assert lines[4] == f"</evidence {lines[1].split()[-1]}"
    assert done.result("noted").requests == 1


def test_what_was_not_shown_cannot_be_cited_though_it_stands_in_the_packet(tmp_path: Path) -> None:
    hidden = cites((SECOND.handle, "umlauts find nothing at all"))
    good = cites((THIRD.handle, "the index is one day behind"))
    done, requests = run(tmp_path, workflow(tmp_path), [hidden, good])
    assert done.result("noted").requests == 2
    why = requests[1].messages[-1].text
    assert f"no element of the packet is called {SECOND.handle!r}" in why
    assert "umlauts" not in why.replace("umlauts find nothing at all", ""), "its own words alone"


def test_a_slot_that_is_neither_input_nor_declared_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"stage\(slots=\(\.\.\.\)\)"):
        _ = workflow(tmp_path, slots=()).graph


def test_of_an_element_those_words_are_shown_that_its_parts_name() -> None:
    excerpt = Excerpt(FIRST, (("/text", Span(start=8, end=25)), ("/text", Span(start=32, end=43))))
    assert excerpt.line == f'[{FIRST.handle}] {{"/text":"results are empty … the morning"}}'
    assert Excerpt(FIRST).line.endswith(
        '{"id":1,"text":"urgent: results are empty since the morning"}'
    )


def test_a_citation_is_shown_where_its_words_are() -> None:
    from atelier.terra import resolve_cite

    def citation(quote: str) -> Citation:
        found = resolve_cite(Cite(handle=FIRST.handle, quote=quote), [FIRST])
        assert isinstance(found, Citation)
        return found

    part = Excerpt(FIRST, (("/text", Span(start=8, end=25)),))
    assert part.shows(citation("results are empty"))
    assert not part.shows(citation("empty since the morning"))
    assert Excerpt(FIRST).shows(citation("empty since the morning"))
    assert not Excerpt(SECOND).shows(citation("results are empty"))


def test_a_stage_may_ask_many_things_at_once_and_each_attempt_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "prompt.md").write_text("{{picked}}")

    @stage(model="writer", prompt=str(tmp_path / "prompt.md"), slots=("picked",))
    async def noted(ask: Ask[Noted], packet: Week) -> list[Noted]:
        return await asyncio.gather(*(ask(picked=Excerpts.of([it])) for it in elements(packet)))

    def script(request: Request) -> str:
        line = request.messages[0].text.splitlines()[1]
        quote = json.loads(line.partition(" ")[2])["text"]
        return cites((line[1 : line.index("]")], quote))

    model = ScriptedModel(script)
    with Harness.open(tmp_path, models={"writer": model}) as harness:
        done = harness.run_sync(Workflow("w", packet=Week, stages=[noted]), WEEK)
        attempts = list(harness.ledger.iter_attempts(done.id))
        assert [one.cites[0].handle for one in done.value(noted)] == [
            item.handle for item in (FIRST, SECOND, THIRD)
        ]
    assert len({one.id for one in attempts}) == 3
    assert len({one.request for one in attempts}) == 3
    assert len({one.response for one in attempts}) == 3
    assert {one.outcome for one in attempts} == {"answered"}
    assert done.result("noted").requests == 3


def test_a_stage_that_goes_on_without_an_answer_has_a_value_for_this_run_only(
    tmp_path: Path,
) -> None:
    (tmp_path / "prompt.md").write_text("{{picked}}")

    @stage(model="writer", prompt=str(tmp_path / "prompt.md"), slots=("picked",))
    async def noted(ask: Ask[Noted], packet: Week) -> Noted:
        try:
            return await ask(picked=Excerpts.of(elements(packet)))
        except StageError:
            return Noted(cites=[])

    model = ScriptedModel(["no", "no", "no", cites()])
    made = Workflow("w", packet=Week, stages=[noted])
    with Harness.open(tmp_path, models={"writer": model}) as harness:
        first = harness.run_sync(made, WEEK)
        assert (first.status.value, first.result("noted").sound) == ("complete", False)
        assert "the answer that failed with ask.schema" in first.warnings[0]
        assert harness.run_sync(made, WEEK).result("noted").requests == 1
        third = harness.run_sync(made, WEEK)
    assert not third.result("noted").requests


class Journal(Packet):
    student: str
    journal: list[str]


def test_of_a_text_those_words_are_shown_that_its_parts_name() -> None:
    (item,) = elements(Journal(student="maya", journal=["I slept for six hours."]))
    cut = Excerpt(item, (("", Span(start=2, end=7)),))
    assert cut.line.endswith('] "slept"')
    assert "six hours" not in cut.line


def test_a_citation_of_what_was_not_shown_is_named() -> None:
    from atelier.terra import resolve_cite

    found = resolve_cite(Cite(handle=FIRST.handle, quote="results are empty"), [FIRST])
    assert list(unshown([found], [Excerpt(FIRST)])) == []
    assert list(unshown([found], [Excerpt(SECOND)])) == [
        "'results are empty' is not among the words that were shown"
    ]
