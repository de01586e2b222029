"""The draft's stand-in: by rule, what moved and what was agreed, in the speakers' own words.

It does what a careful person does with a marker pen. Every sentence is weighed by what it says
about commitments and milestones, by what it counts and by whether somebody speaks for themself;
then sentences are chosen so that together they cover the conversation.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from amounts import is_number
from matters import Matter, matters_of
from prose import Prose
from session import Commitment, Program, Turn, spoken_date
from speech import Line, lines_of
from words import terms

REPORTS = 5
PROMISES = 6
# A word that comes back in this many turns is something that the conversation is about.
RETURNS = 4
# Below this a sentence is not worth a coach's time, even where there is room.
ENOUGH = 3.0


def extract(transcript: list[Turn], program: Program, commitments: list[Commitment]) -> Prose:
    """What moved and what was agreed, one statement a paragraph, each with a quote."""
    lines = lines_of(transcript)
    scale = Scale(lines, _anchors(program, commitments))
    answered = [it for it in matters_of(lines, commitments, program.name) if it.answer]
    reports = [
        line
        for line in lines
        if line.speaker == program.name and (line.is_report or line.is_finding)
        if not (line.is_question or line.is_promise or line.is_supposing)
    ]
    promises = [line for line in lines if line.is_promise]
    answers = [it.answer for it in answered if it.answer]
    paragraphs = [
        "## What moved",
        *(_answer(it) for it in answered),
        *(_said(line) for line in scale.choose(reports, REPORTS, known=answers)),
        "## What was agreed",
        *(_said(line) for line in scale.choose(promises, PROMISES, known=[])),
    ]
    return Prose(text="\n\n".join(paragraphs))


def _anchors(program: Program, commitments: Iterable[Commitment]) -> list[str]:
    return [
        program.thesis,
        *(commitment.text for commitment in commitments),
        *(milestone.title for milestone in program.milestones),
    ]


def _answer(matter: Matter) -> str:
    """The commitment and what the student said of it: two statements, so two claims."""
    due = f"For {spoken_date(matter.commitment.due)}: “{matter.commitment.text}”."
    return f"{due} {_said(matter.answer)}" if matter.answer else due


def _said(line: Line) -> str:
    return f"{line.speaker}: “{line.quote}”."


class Scale:
    """Weighs the sentences of one conversation by what the conversation is about.

    What it is about: the words of its commitments and milestones, and the words that return.
    """

    def __init__(self, lines: Sequence[Line], anchors: Iterable[str]) -> None:
        turns: dict[int, set[str]] = {}
        for line in lines:
            turns.setdefault(line.turn, set()).update(line.terms)
        self._turns = Counter(term for found in turns.values() for term in found)
        self._anchors = frozenset[str]().union(*(terms(anchor) for anchor in anchors))

    def about(self, found: Iterable[str]) -> float:
        """How much some terms say of what the conversation is about."""
        return sum(
            1.5 if term in self._anchors else 0.8 if self._turns[term] >= RETURNS else 0.2
            for term in sorted(found)
            if term in self._anchors or not is_number(term)
        )

    def weigh(self, line: Line) -> float:
        """How much a sentence says, whatever else is chosen."""
        return (
            min(self.about(line.terms), 6.0)
            + 1.5 * min(len(line.amounts), 2)
            + 2.0 * (line.is_report or line.is_promise)
            + 0.5 * min(line.times, 2)
            - 2.0 * line.is_pointing
            - 3.0 * line.stumbles
            - 0.15 * max(0, len(line.text.split()) - 18)
        )

    def choose(self, lines: list[Line], count: int, *, known: list[Line]) -> list[Line]:
        """The sentences that together say most, in the order in which they were said."""
        covered = set[str]().union(*(line.terms for line in known))
        waiting = [line for line in lines if line not in known and len(line.text.split()) > 3]
        chosen: list[Line] = []
        while waiting and len(chosen) < count:
            best = max(waiting, key=lambda line: self._gain(line, covered))
            if self._gain(best, covered) < ENOUGH:
                break
            waiting.remove(best)
            covered |= best.terms
            chosen.append(best)
        return sorted(chosen, key=lambda line: line.turn)

    def _gain(self, line: Line, covered: set[str]) -> float:
        """The weight of a sentence, halved where all that it is about is covered already."""
        new = self.about(line.terms - covered) / (self.about(line.terms) or 1.0)
        return self.weigh(line) * (0.5 + 0.5 * new)
