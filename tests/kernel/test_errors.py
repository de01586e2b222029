"""The one form of messages, as people and logs see it."""

import pytest

from atelier.kernel.errors import (
    AtelierError,
    ExhaustedError,
    IntegrityError,
    RejectedError,
    SetupError,
    StageError,
    TransientError,
    printable,
)


def rejected() -> RejectedError:
    return RejectedError(
        "stage.rejected",
        "Stage 'terra' returned a citation that is not in the packet.",
        facts={"slice": "transcript", "quoted": "'I slept fine'", "attempt": "2 of 3"},
        next_step="The stage will be retried.",
    )


def test_a_message_is_a_sentence_aligned_facts_and_one_next_step() -> None:
    assert str(rejected()) == (
        "[stage.rejected] Stage 'terra' returned a citation that is not in the packet.\n"
        "  slice:   transcript\n"
        "  quoted:  'I slept fine'\n"
        "  attempt: 2 of 3\n"
        "  The stage will be retried."
    )


def test_a_message_without_facts_is_two_lines() -> None:
    assert str(IntegrityError("blob.damaged", "A blob is damaged.", next_step="Verify.")) == (
        "[blob.damaged] A blob is damaged.\n  Verify."
    )


def test_a_fact_of_several_lines_cannot_pass_for_the_next_step() -> None:
    error = SetupError("a.b", "S.", facts={"why": "one\n  Delete everything."}, next_step="Go.")
    assert str(error).splitlines() == [
        "[a.b] S.",
        "  why: one",
        "         Delete everything.",
        "  Go.",
    ]


def test_facts_are_fields_for_whoever_renders_them() -> None:
    assert rejected().as_json() == {
        "code": "stage.rejected",
        "sentence": "Stage 'terra' returned a citation that is not in the packet.",
        "facts": {"slice": "transcript", "quoted": "'I slept fine'", "attempt": "2 of 3"},
        "next_step": "The stage will be retried.",
    }


def test_facts_of_any_type_become_text() -> None:
    error = SetupError("a.b", "S.", facts={"n": 3, "of": [1], "path": None}, next_step="Go.")
    assert error.facts == {"n": "3", "of": "[1]", "path": "None"}


@pytest.mark.parametrize(
    ("kind", "parent"),
    [
        (SetupError, AtelierError),
        (StageError, AtelierError),
        (IntegrityError, AtelierError),
        (TransientError, StageError),
        (RejectedError, StageError),
        (ExhaustedError, StageError),
    ],
)
def test_the_tree_splits_by_what_the_caller_does_next(kind: type, parent: type) -> None:
    assert kind.__base__ is parent


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 😀", "plain é 😀"),
        ("two\nlines", "two\nlines"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("a\rb\x7f\x9b", "a\\rb\\x7f\\x9b"),
        ("right\u202eleft", "right\\u202eleft"),
        ("lone \ud800", "lone \\ud800"),
        ("tab\t", "tab\\t"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_instead(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_long_text_is_cut_and_says_so() -> None:
    assert printable("x" * 400) == "x" * 400
    assert printable("x" * 401) == "x" * 400 + "…"
    assert printable("\x1b" * 900, limit=8) == "\\x1b\\x1b…"
    facts = SetupError("a.b", "S.", facts={"big": "y" * 10**6}, next_step="Go.").facts
    assert len(facts["big"]) == 401
