"""A workflow as a drawing: what each stage reads and asks, what is optional, where it ends."""

from pathlib import Path

from pydantic import BaseModel

from atelier import Artefact, Ask, Packet, Passage, Workflow, stage
from atelier.orchestrate.drawn import drawing_of


class Week(Packet):
    name: str
    notes: list[str]


class Page(BaseModel):
    passages: list[Passage]


@stage(each="notes")
def long(notes: str) -> int:
    return len(notes)


@stage
def whole(packet: Packet) -> str:
    return str(packet)


@stage
def page(long: list[int], name: str, whole: str | None = None) -> Page:
    return Page(passages=[])


week = Workflow(
    "week", packet=Week, stages=[long, whole, page], artefact=Artefact(page, "pages/{name}.md")
)


def test_each_stage_says_what_it_reads() -> None:
    told = {node.title: node.captions for node in drawing_of(week.graph).nodes}
    assert told == {
        "long": ("reads each of notes",),
        "whole": ("reads the packet",),
        "page": ("reads name",),
        "artefact": ("pages/{name}.md",),
    }


def test_optional_inputs_are_told_apart_and_the_artefact_ends_it() -> None:
    found = [(link.source, link.target, link.optional) for link in drawing_of(week.graph).links]
    assert found == [
        ("long", "page", False),
        ("whole", "page", True),
        ("page", "(artefact)", False),
    ]


def test_a_notebook_shows_the_picture() -> None:
    shown = week._repr_svg_()
    assert shown.startswith("<svg ")
    assert ">whole</text>" in shown


def test_what_asks_a_model_says_so_and_without_an_artefact_the_stages_end_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "draft.md").write_text("{{notes}}")
    (tmp_path / "review.md").write_text("{{draft}}")

    @stage(model="writer", prompt=str(tmp_path / "draft.md"))
    async def draft(ask: Ask[str], notes: list[str]) -> str:
        return await ask(notes=notes)

    @stage(model="reviewer", prompt=str(tmp_path / "review.md"), required=False)
    async def review(ask: Ask[str] | None, draft: str) -> str:
        return draft if ask is None else await ask(draft=draft)

    drawn = drawing_of(Workflow("asked", packet=Week, stages=[draft, review]).graph)
    assert {node.title: node.captions for node in drawn.nodes} == {
        "draft": ("asks writer", "reads notes"),
        "review": ("may ask reviewer",),
    }
    assert [link.target for link in drawn.links] == ["review"]
