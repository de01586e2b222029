import asyncio
from inspect import signature
from typing import Any

from pydantic import BaseModel

from atelier import Cite, Packet, Workflow, stage, terra
from atelier.aggregate import elements
from atelier.kernel.evidence import Verdict
from atelier.kernel.form import form_of


class Turn(BaseModel):
    speaker: str
    text: str


class Session(Packet):
    student: str
    transcript: list[Turn]


class Draft(BaseModel):
    text: str
    cites: list[Cite] = []
    mood: str = ""


@stage
def draft(transcript: list[Turn]) -> Draft:
    return Draft(text=f"{transcript[0].speaker}: “{transcript[0].text}”")


SESSION = Session(student="maya", transcript=[Turn(speaker="Maya", text="I won the long race.")])


def test_the_stage_is_called_grounded_and_wired_by_the_drafts_name() -> None:
    made = terra.ground(draft)
    assert made.name == "grounded"
    assert list(signature(made.function).parameters) == ["ask", "draft", "packet", "aside"]
    assert made.rules == "terra: rules@1 judging@1"


def test_the_stage_grounds_through_the_public_interface() -> None:
    made = terra.ground(draft)
    aside: dict[str, Any] = {}
    prose = terra.Prose(text=draft.function(SESSION.transcript).text)
    found = asyncio.run(made.function(None, draft=prose, packet=SESSION, aside=aside))
    assert [claim.verdict for claim in found.claims] == [Verdict.SUPPORTED]
    assert found.claims[0].citations[0].address.element == elements(SESSION)[0].digest
    assert aside["searched"] == {"transcript": 1}


def test_a_grounded_value_reads_back_from_its_canonical_bytes() -> None:
    text = "Maya: “I won the long race.” She paid 500 euros. What now?"
    value = terra.Grounded(text=text, claims=terra.ground_text(text, elements(SESSION)))
    form = form_of(terra.Grounded)
    assert form.decode(form.encode(value)) == value


def test_the_graph_accepts_a_draft_with_more_fields_than_terra_reads() -> None:
    workflow = Workflow("w", packet=Session, stages=[draft, terra.ground(draft)])
    assert set(workflow.graph.nodes) == {"draft", "grounded"}
