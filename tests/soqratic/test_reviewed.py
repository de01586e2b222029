from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atelier.aggregate import Element
from atelier.kernel.evidence import Cite
from atelier.soqratic import FindingKind, Review, review_text
from atelier.terra import Grounded, ground_text

Build = Callable[..., list[Element]]
Pair = tuple[str, Any]


def turn(speaker: str, text: str) -> Pair:
    return "transcript", {"speaker": speaker, "text": text}


PAIRS: list[Pair] = [
    turn("Maya", "I sent the methods chapter to Henrik on Monday."),
    turn("Coach", "What would help you with the essay?"),
    turn("Maya", "I won the long race today."),
    ("journal", {"day": "2026-03-10", "text": "I did not send the methods chapter to Henrik on Monday."}),
    ("journal", {"day": "2026-03-11", "text": "Looked at the lake for an hour."}),
    ("commitments", {"text": "Ask Henrik for the extension form", "due": "2026-02-27"}),
    ("commitments", {"text": "Submit the essay plan", "due": "2026-03-14"}),
]  # fmt: skip


def reviewed(draft: str, elements: list[Element], **options: Any) -> Review:
    claims = ground_text(draft, elements)
    return review_text(Grounded(text=draft, claims=claims), elements, **options)


def kinds(review: Review) -> list[str]:
    return [finding.kind.value for finding in review.findings]


@pytest.fixture
def packet(elements_of: Build) -> list[Element]:
    return elements_of(PAIRS, obliged=["commitments"])


def test_every_obligation_that_is_not_cited_is_found(packet: list[Element]) -> None:
    review = reviewed("Agreed: “Submit the essay plan”.", packet)
    found = [item for item in review.findings if item.kind is FindingKind.OBLIGATION]
    assert [item.evidence[0].quote for item in found] == ["Ask Henrik for the extension form"]
    assert found[0].statement.startswith("Not taken up (commitments, 27 February): “Ask Henrik")


def test_no_obligation_is_left_when_each_is_cited(packet: list[Element]) -> None:
    draft = "Agreed: “Submit the essay plan” and “Ask Henrik for the extension form”."
    assert "obligation" not in kinds(reviewed(draft, packet))


def test_a_tension_between_slices_cites_both_sides(packet: list[Element]) -> None:
    review = reviewed("Maya: “I won the long race today.”", packet)
    (tension,) = [item for item in review.findings if item.kind is FindingKind.TENSION]
    assert {item.address.slice for item in tension.evidence} == {"transcript", "journal"}
    assert tension.claims == ()


def test_a_contested_claim_is_a_tension_of_that_claim_and_said_once(packet: list[Element]) -> None:
    review = reviewed("Maya: “I sent the methods chapter to Henrik on Monday.”", packet)
    (tension,) = [item for item in review.findings if item.kind is FindingKind.TENSION]
    assert len(tension.claims) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I slept four hours on Monday.", "I slept seven hours on Monday."),
        ("The essay has 12 pages now.", "The essay has 15 pages now."),
        ("I called the ethics office on Tuesday.", "I never called the ethics office on Tuesday."),
        ("The race costs 30 euros a person.", "The race costs 45 euros a person."),
        ("I finished the outline on 3 March.", "I finished the outline on 9 March."),
    ],
)
def test_planted_tensions_are_found(elements_of: Build, one: str, other: str) -> None:
    packet = elements_of([turn("Maya", one), turn("Maya", "Well."), ("journal", {"text": other})])
    review = reviewed("It went well.", packet)
    assert "tension" in kinds(review), review


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I slept four hours on Monday.", "I slept seven hours on Tuesday."),
        ("I slept four hours on Monday.", "I slept four hours on Monday."),
        ("The essay has 12 pages now.", "The race has 15 people now."),
        ("I called the ethics office.", "I never liked the ethics course or its office."),
    ],
)
def test_different_matters_are_no_tension(elements_of: Build, one: str, other: str) -> None:
    packet = elements_of([turn("Maya", one), ("journal", {"text": other})])
    assert "tension" not in kinds(reviewed("It went well.", packet))


def test_a_claim_whose_check_complains_is_a_finding_with_its_passage(packet: list[Element]) -> None:
    review = reviewed("Coach said “I won the long race today”.", packet)
    (found,) = [item for item in review.findings if item.kind is FindingKind.CHECK]
    assert "speaker" in found.statement
    assert found.evidence[0].quote == "I won the long race today"


def test_what_no_passage_can_show_is_declined_with_the_checks_name(packet: list[Element]) -> None:
    review = reviewed("She paid 500 euros to Zebulon.", packet)
    assert [item.check for item in review.declined] == ["evidence: no passage to cite"]
    assert "500" in review.declined[0].statement
    assert "check" not in kinds(review)


def test_slices_that_the_draft_never_cites_are_named(packet: list[Element]) -> None:
    review = reviewed("Maya: “I won the long race today.”", packet)
    found = [item for item in review.findings if item.kind is FindingKind.UNCITED_SLICE]
    assert [item.evidence[0].address.slice for item in found] == ["journal", "commitments"]


def test_a_passage_that_is_only_near_does_not_count_as_cited(packet: list[Element]) -> None:
    review = reviewed("Henrik was asked for the extension form.", packet)
    assert "Ask Henrik" in review.findings[0].statement


def test_every_finding_is_cut_out_of_its_element(packet: list[Element]) -> None:
    texts = {item.digest: dict(item.texts()) for item in packet}
    review = reviewed("Coach said “I won the long race today”. She paid 500 euros.", packet)
    assert len(set(kinds(review))) == 4
    for finding in review.findings:
        for citation in finding.evidence:
            span = citation.address.span
            assert span is not None
            source = texts[citation.address.element][citation.address.pointer]
            assert source[span.start : span.end] == citation.quote


def test_an_unrelated_entry_changes_nothing(packet: list[Element], elements_of: Build) -> None:
    draft = "Maya: “I won the long race today.” She paid 500 euros."
    entry = ("journal", {"day": "2026-03-12", "text": "Bought a plant. Watered it at 9 am!"})
    for at in range(3, 6):
        more = elements_of([*PAIRS[:at], entry, *PAIRS[at:]], obliged=["commitments"])
        assert reviewed(draft, more) == reviewed(draft, packet)


def test_a_turn_at_the_top_changes_nothing(packet: list[Element], elements_of: Build) -> None:
    draft = "Maya: “I won the long race today.”"
    longer = elements_of([turn("Coach", "Hello and welcome."), *PAIRS], obliged=["commitments"])
    assert reviewed(draft, longer) == reviewed(draft, packet)


def test_coverage_goes_aside_and_equals_a_recount(packet: list[Element]) -> None:
    aside: dict[str, Any] = {}
    review = reviewed("Agreed: “Submit the essay plan”.", packet, aside=aside)
    assert aside["coverage"] == {
        "transcript": {"elements": 3, "cited": 0, "obligations": 0, "addressed": 0},
        "journal": {"elements": 2, "cited": 0, "obligations": 0, "addressed": 0},
        "commitments": {"elements": 2, "cited": 1, "obligations": 2, "addressed": 1},
    }
    assert "coverage" not in review.model_dump_json()


def test_reviews_are_the_same_bytes_each_time(packet: list[Element]) -> None:
    draft = "Coach said “I won the long race today”. She paid 500 euros."
    once = reviewed(draft, packet).model_dump_json()
    assert all(reviewed(draft, packet).model_dump_json() == once for _ in range(20))


def test_what_a_stage_declares_counts_as_cited(packet: list[Element]) -> None:
    cite = Cite(handle=packet[5].handle, quote="Ask Henrik for the extension form")
    draft = "Henrik was to be asked for the extension form."
    claims = ground_text(draft, packet, [cite])
    review = review_text(Grounded(text=draft, claims=claims), packet)
    assert [item.evidence[0].quote for item in review.findings[:1]] == ["Submit the essay plan"]


NAMES = st.sampled_from(["journal", "a_slice_whose_name_has_ten_words_or_so_it_seems_1", "n"])
TEXTS = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(
            [
                "“I",
                "won”",
                "why?",
                "4",
                "hours",
                "not",
                "Maya",
                "said",
                "…",
                "2026-03-10",
                "?”",
                "“",
            ]
        ),
        max_size=9,
    ).map(" ".join),
)
VALUES = st.one_of(
    TEXTS,
    st.fixed_dictionaries({"text": TEXTS}, optional={"speaker": TEXTS, "n": st.integers(0, 9)}),
    st.integers(0, 9),
    st.lists(TEXTS, max_size=2),
)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.lists(st.tuples(NAMES, VALUES), max_size=6), st.sets(NAMES))
def test_no_draft_and_no_evidence_is_too_odd_to_review(
    elements_of: Build, draft: str, pairs: list[Pair], obliged: set[str]
) -> None:
    packet = elements_of(pairs, obliged=list(obliged))
    texts = {item.digest: dict(item.texts()) for item in packet}
    grounded = Grounded(text=draft, claims=ground_text(draft, packet))
    review = review_text(grounded, packet)
    found = [item for claim in grounded.claims for item in claim.citations]
    for citation in found + [item for finding in review.findings for item in finding.evidence]:
        span = citation.address.span
        assert span is not None
        source = texts[citation.address.element][citation.address.pointer]
        assert source[span.start : span.end] == citation.quote
