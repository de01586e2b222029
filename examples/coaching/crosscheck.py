"""The example's own stage: what the other evidence says about what was said in the session.

Two things that a coach would otherwise find by rereading: where the journal or the notes say
something else than the student does, and how an open commitment is put off.
"""

from collections.abc import Sequence
from dataclasses import replace

from differences import Difference, Statement, differences, statements_of
from matters import Matter, matters_of
from prose import Prose
from session import Commitment, Entry, Note, Program, Turn, Week, spoken_date
from speech import lines_of
from words import terms

from atelier import stage

# The heading under which differences stand; `contested` reads them there.
DISAGREE = "Where the sources disagree"
# How many earlier traces of a matter are worth reading again.
TRACES = 2
# A trace shorter than this many words is quoted with the sentence that follows it.
PASSAGE = 9


@stage
def crosscheck(  # noqa: PLR0917 - a stage has a parameter for each of its inputs
    transcript: list[Turn],
    journal: list[Entry],
    prior_sessions: list[Note],
    commitments: list[Commitment],
    program: Program,
    week: Week,
) -> Prose:
    """Where the sources differ and what is put off, one statement a paragraph."""
    lines = lines_of(transcript)
    statements = statements_of(journal, prior_sessions)
    own = [line for line in lines if line.speaker == program.name]
    matters = matters_of(lines, commitments, program.name)
    put_off = [it for it in matters if not it.answer and it.commitment.due < week.end]
    found = [_difference(it) for it in differences(own, statements, week)]
    sections = [
        (DISAGREE, found),
        (
            "What is being put off",
            [text for it in put_off for text in _put_off(it, statements, program)],
        ),
    ]
    paragraphs = [
        text for heading, texts in sections if texts for text in (f"## {heading}", *texts)
    ]
    return Prose(text="\n\n".join(paragraphs))


def _difference(it: Difference) -> str:
    return (
        f"{it.said.speaker} said “{it.said.quote}”; {it.written.source} says “{it.written.quote}”."
    )


def _put_off(matter: Matter, statements: Sequence[Statement], program: Program) -> list[str]:
    """The matter and its answers, and what earlier evidence says of it."""
    commitment = matter.commitment
    asked = f"The commitment for {spoken_date(commitment.due)} is open: “{commitment.text}”."
    answers = _listed([f"“{words}”" for words in matter.deferrals])
    said = [f"Asked about it, {program.name} said {answers}."] if answers else []
    traces = [
        f"{it.source[0].upper()}{it.source[1:]} says “{it.quote}”."
        for it in _traces(commitment, statements)
    ]
    return [asked, *said, *traces, *_milestones(commitment, program)]


def _milestones(commitment: Commitment, program: Program) -> list[str]:
    """What the program waits for, where the commitment stands in its way."""
    wanted = terms(commitment.text)
    return [
        f"The program says “{it.title}” for {spoken_date(it.due)}, {it.status}."
        for it in program.milestones
        if len(terms(it.title) & wanted) > 1
    ]


def _traces(commitment: Commitment, statements: Sequence[Statement]) -> list[Statement]:
    """The latest passages about a commitment, one a source, after the one that records it."""
    wanted = terms(commitment.text)
    latest = {
        statement.source: _passage(statements[at:])
        for at, statement in enumerate(statements)
        if len(statement.terms & wanted) > 1 and commitment.made_in not in statement.source.split()
    }
    return sorted(latest.values(), key=lambda it: it.day)[-TRACES:]


def _passage(following: Sequence[Statement]) -> Statement:
    """A statement with as much of what follows it as makes it understood."""
    first = following[0]
    text = first.text
    for it in following[1:]:
        if it.source != first.source or len(text.split()) >= PASSAGE:
            break
        text = f"{text} {it.text}"
    return replace(first, text=text)


def _listed(parts: Sequence[str]) -> str:
    """Some parts as a list in a sentence.

    Example:
        >>> _listed(["a", "b", "c"])
        'a, b and c'
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
