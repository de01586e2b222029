import json
from collections.abc import Callable
from typing import Any

import pytest

from atelier.ledger.rows import ArtefactRow
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.artefact import ArtefactView, LineView, view_artefact
from atelier.observatory.reading.plain import to_json
from atelier.observatory.reading.recognised import recognise

SENT = "I sent the methods chapter to Henrik on Monday"


@pytest.fixture
def emission(made: Any, archive: Archive) -> ArtefactRow:
    return next(archive.ledger.iter_artefacts(run=made.edited.start.run))


@pytest.fixture
def view(archive: Archive, emission: ArtefactRow) -> ArtefactView:
    return view_artefact(archive, emission)


def line_with(view: ArtefactView, words: str) -> LineView:
    return next(line for line in view.lines if words in line.text and line.part == "text")


def test_a_sentence_leads_to_spans_with_speaker_and_time(view: ArtefactView) -> None:
    line = line_with(view, f"Maya: “{SENT}”")
    cited = [one for one in view.citations if one.id in line.citations]
    first = cited[0]
    assert (first.slice, first.origin.speaker, first.origin.time) == (
        "transcript",
        "Maya",
        "00:02:29",
    )
    transcript = next(item for item in view.evidence if item.name == "transcript")
    element = transcript.elements[first.position or 0]
    text = next(each for each in element.texts if each.pointer == first.pointer)
    (piece,) = [piece for piece in text.pieces if first.id in piece.citations]
    assert piece.text == first.quote == SENT
    assert piece.start == first.start


def test_every_citation_is_lit_by_exactly_its_quote(view: ArtefactView) -> None:
    lit: dict[str, str] = {}
    for item in view.evidence:
        for element in item.elements:
            for text in element.texts:
                for piece in text.pieces:
                    for name in piece.citations:
                        lit[name] = lit.get(name, "") + piece.text
    assert lit == {one.id: one.quote for one in view.citations if one.position is not None}
    assert len(lit) == len(view.citations)


def test_a_span_leads_to_every_claim_that_rests_on_it(view: ArtefactView) -> None:
    transcript = next(item for item in view.evidence if item.name == "transcript")
    pieces = [piece for text in transcript.elements[23].texts for piece in text.pieces]
    (piece,) = [piece for piece in pieces if piece.text == SENT]
    texts = [claim.text for claim in view.claims if claim.claim in piece.claims]
    assert len(texts) == 2
    assert any(text.startswith("Maya said") for text in texts)


def test_a_contested_claim_has_both_sides(view: ArtefactView) -> None:
    line = line_with(view, f"Maya: “{SENT}”")
    (claim,) = [claim for claim in view.claims if claim.claim in line.claims]
    assert (claim.verdict, line.flag) == ("contested", "contested")
    assert (claim.decided_by, claim.stage) == ("rule", "contested")
    assert len(claim.supports) == len(claim.contradicts) == 1
    assert {check.by for check in claim.checks} == {"terra: rules@1"}
    assert claim.searched is not None
    assert claim.searched.elements["transcript"] == 204


def test_a_sentence_without_claims_leads_to_what_its_footnotes_quote(view: ArtefactView) -> None:
    line = line_with(view, "what stands in its way?")
    assert line.claims == ()
    cited = [one for one in view.citations if one.id in line.citations]
    assert [one.slice for one in cited] == ["commitments", "transcript"]


def test_elements_say_what_must_be_addressed(view: ArtefactView) -> None:
    commitments = next(item for item in view.evidence if item.name == "commitments")
    assert sum(element.is_obliged for element in commitments.elements) == 4
    assert commitments.cited == 4


def test_an_edited_file_keeps_its_lines_and_shows_the_editors(made: Any, archive: Archive) -> None:
    path = made.root / "artefacts/maya/s12.md"
    text = path.read_text().replace("I sent the methods", "I SENT the methods", 1)
    edited = text.replace("## What moved", "My own words.\n\n## What moved").encode()
    found = recognise(archive, edited)
    assert found is not None
    view = view_artefact(archive, found.row, found=found)
    assert view.state == "edited"
    assert line_with(view, f"Maya: “{SENT}”").now.startswith("  Maya: “I SENT")
    assert [line.text for line in view.added] == ["My own words."]
    assert sum(bool(line.now) for line in view.lines) == 1


def test_what_is_gone_is_named_and_the_rest_is_shown(
    archive: Archive, emission: ArtefactRow, without: Callable[..., Archive]
) -> None:
    run = archive.ledger.find_run(emission.run)
    assert run is not None
    packet = archive.ledger.find_packet(run.start.packet)
    assert packet is not None
    gone = without(packet.slices["transcript"], emission.digest, emission.lines)
    view = view_artefact(gone, emission)
    assert view.missing == (
        "The text of the artefact is gone from the store.",
        "The record of what its lines rest on is gone from the store.",
        "The content of slice 'transcript' is gone from the store.",
    )
    assert view.lines == ()
    assert len(view.claims) > 20, "claims and quotes stand in the ledger"
    assert {one.position is None for one in view.citations if one.slice == "transcript"} == {True}
    assert {one.position is None for one in view.citations if one.slice == "journal"} == {False}


def test_the_value_is_json(view: ArtefactView) -> None:
    found = json.loads(json.dumps(to_json(view)))
    assert found["title"] == "Maya, session s12, 12 March 2026"
    assert [step["stage"] for step in found["steps"]][-1] == "synthesis"
