"""What a conversation made of the open commitments: raised, answered, put off."""

from collections.abc import Sequence
from dataclasses import dataclass

from session import Commitment, is_open
from speech import Line
from words import stem, terms, words


@dataclass(frozen=True)
class Matter:
    """An open commitment, where the coach raised it, and what the student said of it."""

    commitment: Commitment
    raised: tuple[Line, ...]
    answer: Line | None
    deferrals: tuple[str, ...] = ()


def matters_of(
    lines: Sequence[Line], commitments: Sequence[Commitment], student: str
) -> list[Matter]:
    """Every open commitment, and what became of it in the conversation."""
    found = [_matter(item, lines, student) for item in commitments if is_open(item)]
    deferred = _deferred(found, lines, student)
    return [
        Matter(it.commitment, it.raised, it.answer, tuple(deferred[it.commitment.id]))
        for it in found
    ]


def _matter(commitment: Commitment, lines: Sequence[Line], student: str) -> Matter:
    wanted = terms(commitment.text)
    verb = stem(words(commitment.text)[0])
    raised = tuple(
        line for line in lines if line.speaker != student and len(line.terms & wanted) > 1
    )
    asked = {line.turn for line in raised}
    said = [
        line
        for line in lines
        if line.speaker == student and not (line.is_question or line.is_promise)
        if len(line.terms & wanted) >= _needed(line, asked)
    ]
    answer = max(
        said,
        key=lambda line: (
            len(line.terms & wanted) + 2 * line.is_report + 2 * (verb in line.terms) - line.stumbles
        ),
        default=None,
    )
    return Matter(commitment, raised, answer)


def _needed(line: Line, asked: set[int]) -> int:
    """How many terms a sentence must share to be about a commitment.

    Somebody who has just been asked and says what they did needs to repeat little of it.
    """
    if not line.is_report:
        return 3
    return 1 if line.turn - 1 in asked else 2


def _deferred(
    matters: Sequence[Matter], lines: Sequence[Line], student: str
) -> dict[str, list[str]]:
    """What the student said to put things off, under the matter that was raised last before it."""
    found: dict[str, list[str]] = {matter.commitment.id: [] for matter in matters}
    for line in lines:
        raised = [
            (raising.turn, matter.commitment.id)
            for matter in matters
            if matter.answer is None
            for raising in matter.raised
            if raising.turn < line.turn
        ]
        if line.speaker == student and line.deferral and raised:
            found[max(raised)[1]].append(line.deferral)
    return found
