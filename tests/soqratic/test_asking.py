from collections.abc import Callable
from typing import Any

import pytest

from atelier.aggregate import Element
from atelier.soqratic import Review, review_text
from atelier.soqratic.finding import said_by_rule
from atelier.terra import Grounded, ground_text

Build = Callable[..., list[Element]]
Pair = tuple[str, Any]
DUTY: Pair = ("commitments", {"text": "Ask Henrik for the extension form", "due": "2026-02-27"})


def turn(speaker: str, text: str) -> Pair:
    return "transcript", {"speaker": speaker, "text": text}


def reviewed(draft: str, elements: list[Element]) -> Review:
    claims = ground_text(draft, elements)
    return review_text(Grounded(text=draft, claims=claims), elements)


def test_the_question_turns_on_the_first_finding_and_quotes_it(elements_of: Build) -> None:
    packet = elements_of([turn("Maya", "I won the long race."), DUTY], obliged=["commitments"])
    review = reviewed("Maya: “I won the long race.”", packet)
    assert review.question is not None
    assert review.question.turns_on == (review.findings[0].id,)
    assert review.question.text == (
        "“Ask Henrik for the extension form”, due 27 February, is still open: what has become of it?"
    )


def test_what_came_up_elsewhere_is_asked_about_as_such(elements_of: Build) -> None:
    said = turn("Coach", "And asking Henrik about the extension form. It has been a month.")
    packet = elements_of([said, DUTY], obliged=["commitments"])
    review = reviewed("It went well.", packet)
    assert review.question is not None
    assert review.question.text == (
        "“Ask Henrik for the extension form”, due 27 February, is still open; Coach spoke of it in"
        " the transcript: what stands in its way?"
    )
    assert {item.address.slice for item in review.question.evidence} == {
        "commitments",
        "transcript",
    }


def test_what_somebody_said_goes_before_what_was_recorded(elements_of: Build) -> None:
    said = turn("Coach", "So, asking Henrik about the extension form.")
    note = ("notes", {"day": "2026-02-19", "text": "Agreed: ask Henrik for the extension form."})
    for pairs in ([said, note, DUTY], [note, said, DUTY]):
        review = reviewed("It went well.", elements_of(pairs, obliged=["commitments"]))
        assert review.question is not None
        assert review.question.evidence[-1].address.slice == "transcript"
    review = reviewed("It went well.", elements_of([note, DUTY], obliged=["commitments"]))
    assert review.question is not None
    assert "it came up in the notes" in review.question.text


@pytest.mark.parametrize("speaker", ["Who?", "Dr. A. B. von und zu", "a “b”", ""])
def test_a_speaker_who_is_no_plain_name_is_not_named(elements_of: Build, speaker: str) -> None:
    said = turn(speaker, "So, asking Henrik about the extension form.")
    review = reviewed("It went well.", elements_of([said, DUTY], obliged=["commitments"]))
    assert review.question is not None
    assert "; it came up in the transcript: " in review.question.text


@pytest.mark.parametrize(
    "pairs",
    [
        [DUTY],
        [turn("Maya", "I slept four hours on Monday."), ("journal", "I slept five on Monday.")],
        [turn("Maya", "She paid 400 euros."), ("journal", {"text": "The lake was cold."})],
    ],
)
def test_no_question_speaks_of_a_draft(elements_of: Build, pairs: list[Pair]) -> None:
    packet = elements_of(pairs, obliged=["commitments"])
    for draft in ("Coach said “She paid 400 euros”.", "It went well.", "Maya paid 400 euros."):
        question = reviewed(draft, packet).question
        assert question is None or "draft" not in question.text


def test_a_question_that_was_asked_is_not_asked_again(elements_of: Build) -> None:
    packet = elements_of([turn("Maya", "I won the long race."), DUTY], obliged=["commitments"])
    first = reviewed("It went well.", packet).question
    assert first is not None
    again = elements_of(
        [turn("Maya", "I won the long race."), DUTY, ("notes", {"text": first.text})],
        obliged=["commitments"],
    )
    second = reviewed("It went well.", again).question
    assert second is None or second.text != first.text


def test_a_tension_asks_which_side_holds(elements_of: Build) -> None:
    packet = elements_of(
        [
            turn("Maya", "I slept four hours on Monday."),
            ("journal", {"day": "2026-03-10", "text": "I slept seven hours on Monday."}),
        ]
    )
    review = reviewed("Maya: “I slept four hours on Monday.”", packet)
    assert review.question is not None
    assert review.question.text.endswith("which holds?")
    assert "journal of 10 March" in review.question.text


def test_long_evidence_is_shortened_to_a_short_question(elements_of: Build) -> None:
    long = " ".join(["Write the very long section on well selection and casing"] * 8)
    packet = elements_of([("commitments", {"text": long})], obliged=["commitments"])
    review = reviewed("It went well.", packet)
    assert review.question is not None
    assert len(review.question.text.split()) <= 35


def test_quotes_inside_the_evidence_do_not_break_the_question(elements_of: Build) -> None:
    text = 'Ask Henrik "why not June?" and “when then?”'
    packet = elements_of([("commitments", {"text": text})], obliged=["commitments"])
    assert reviewed("It went well.", packet).question is not None


def test_nothing_to_ask_about_is_no_question(elements_of: Build) -> None:
    packet = elements_of([turn("Maya", "I won the long race.")])
    review = reviewed("Maya: “I won the long race.”", packet)
    assert review == Review()
    assert said_by_rule(review) == ()
