"""The draft's stand-in: by rule, what moved and what was agreed, in the speakers' own words.

It does what a careful person does with a marker pen and no opinion: choose, copy, say who spoke.
"""

from collections.abc import Iterable

from matters import matters_of
from prose import Prose
from salience import Scale
from session import Commitment, Program, Turn, spoken_date
from speech import Line, lines_of

from atelier import Cite, handles_of

REPORTS = 5
PROMISES = 6


def extract(transcript: list[Turn], program: Program, commitments: list[Commitment]) -> Prose:
    """What moved and what was agreed, one statement a paragraph, each with a quote."""
    lines = lines_of(transcript)
    scale = Scale(lines, _anchors(program, commitments))
    matters = matters_of(lines, commitments, program.name)
    answered = [(it.commitment, it.answer) for it in matters if it.answer]
    answers = [answer for _, answer in answered]
    promised = scale.choose([it for it in lines if it.is_promise], PROMISES, known=[])
    reported = scale.choose(
        [it for it in lines if it.speaker == program.name and _is_news(it)], REPORTS, known=answers
    )
    paragraphs = [
        "## What moved",
        *(f"{_due(commitment)} {_said(answer)}" for commitment, answer in answered),
        *(_said(line) for line in reported),
        "## What was agreed",
        *(_said(line) for line in promised),
    ]
    kept = dict(
        zip([it.id for it in commitments], handles_of("commitments", commitments), strict=True)
    )
    spoken = handles_of("transcript", transcript)
    return Prose(
        text="\n\n".join(paragraphs),
        cites=[
            *(
                Cite(handle=kept[commitment.id], quote=commitment.text)
                for commitment, _ in answered
            ),
            *(
                Cite(handle=spoken[line.turn], quote=quote)
                for line in (*answers, *reported, *promised)
                for quote in line.quotes
            ),
        ],
    )


def _is_news(line: Line) -> bool:
    """Whether somebody says what they did, or what they found out."""
    is_plain = not (line.is_question or line.is_promise or line.is_supposing)
    return is_plain and (line.is_report or line.is_finding)


def _anchors(program: Program, commitments: Iterable[Commitment]) -> list[str]:
    """The texts that say what the sessions are about."""
    return [
        program.thesis,
        *(commitment.text for commitment in commitments),
        *(milestone.title for milestone in program.milestones),
    ]


def _due(commitment: Commitment) -> str:
    return f"By {spoken_date(commitment.due)}: “{commitment.text}”."


def _said(line: Line) -> str:
    return " ".join(f"{line.speaker}: “{quote}”." for quote in line.quotes)
