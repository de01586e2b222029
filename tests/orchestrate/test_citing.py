"""Citations that a pure stage makes: each must stand in the packet, word for word."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from atelier import Citation, Cite, Harness, Packet, Workflow, stage
from atelier.aggregate import elements
from atelier.kernel.evidence import Address, Span
from atelier.kernel.form import form_of
from atelier.orchestrate.citing import Citable, may_cite, rejected, verify

WALK = "On Monday I walked four miles."


class Entry(BaseModel):
    text: str


class Evidence(Packet):
    student: str
    journal: list[Entry]


PACKET = Evidence(student="maya", journal=[Entry(text=WALK)])
(WALKED,) = elements(PACKET)


def citation(quote: str, *, span: Span | None, pointer: str = "/text", nth: int = 1) -> Citation:
    place = Address(
        slice="journal", element=WALKED.digest, occurrence=nth, pointer=pointer, span=span
    )
    return Citation(address=place, quote=quote)


def faults(*cited: Citation) -> list[str]:
    return verify(list(cited), Citable([WALKED]), lambda _cite, _elements: "no such handle")[1]


def test_a_citation_stands_with_its_span_or_as_the_whole_text() -> None:
    assert faults(citation("Monday", span=Span(start=3, end=9)), citation(WALK, span=None)) == []


def test_a_citation_that_does_not_stand_says_what_is_wrong() -> None:
    assert faults(
        citation("Sunday", span=Span(start=3, end=9)),
        citation("Monday", span=None, pointer="/title"),
        citation(WALK, span=None, nth=2),
    ) == [
        f"{WALKED.handle} does not say 'Sunday'",
        f"{WALKED.handle} has no text at '/title'",
        f"no element of 'journal' has the digest {WALKED.digest[:15]}…",
    ]


def test_a_cite_that_means_nothing_is_refused_with_the_checks_own_words() -> None:
    value = {"found": [Cite(handle="journal-0", quote="x")]}
    assert verify(value, Citable([WALKED]), lambda _cite, _elements: "no such handle") == (
        [],
        ["journal-0 'x': no such handle"],
    )


def test_only_types_that_can_hold_evidence_are_searched() -> None:
    assert may_cite(form_of(dict[str, list[Cite]]))
    assert may_cite(form_of(Citation | None))
    assert not may_cite(form_of(dict[str, list[Entry]]))


def test_a_refusal_counts_and_shows_the_first() -> None:
    error = rejected("draft", ["one", "two"])
    assert (error.code, error.facts) == (
        "stage.citation",
        {"citations refused": "2", "first": "one"},
    )


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    with Harness.open(tmp_path) as opened:
        yield opened


def test_a_pure_stage_that_cites_what_is_not_said_fails(harness: Harness) -> None:
    @stage(rules="invents: rules@1")
    def invents(journal: list[Entry]) -> list[Citation]:
        return [citation("Sunday", span=Span(start=3, end=9))]

    @stage(rules="quotes: rules@1")
    def quotes(journal: list[Entry]) -> list[Citation]:
        return [citation("Monday", span=Span(start=3, end=9))]

    run = harness.run_sync(Workflow("cites", packet=Evidence, stages=[invents, quotes]), PACKET)
    assert (run.result("invents").error or {})["code"] == "stage.citation"
    (row,) = harness.ledger.iter_citations(run.result("quotes").output or "")
    assert (row.quote, row.start, row.end, row.claim) == ("Monday", 3, 9, "")
