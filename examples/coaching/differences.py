"""Statements that differ: what was said in the session, held against what was written."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

from amounts import Amount, amounts, is_number
from session import Entry, Note, Week, spoken_date
from speech import Line
from words import is_negated, sentences, stem, terms, words

MONTHS = frozenset(
    words("january february march april may june july august september october november december")
)
NOTHING = frozenset(words("nothing nobody none"))
WEEKDAYS = words("monday tuesday wednesday thursday friday saturday sunday")


@dataclass(frozen=True)
class Statement:
    """One sentence of a source that is not the session."""

    source: str
    day: date
    text: str

    @cached_property
    def terms(self) -> frozenset[str]:
        """What the sentence is about."""
        return terms(self.text)

    @cached_property
    def amounts(self) -> list[Amount]:
        """What the sentence counts."""
        return amounts(self.text)

    @property
    def quote(self) -> str:
        """The words without the final stop, so that they fit into a sentence."""
        return self.text.rstrip(".")


@dataclass(frozen=True)
class Difference:
    """Two statements about one thing that cannot both be so."""

    said: Line
    written: Statement
    strength: int


def statements_of(journal: Iterable[Entry], notes: Iterable[Note]) -> list[Statement]:
    """Every sentence of the journal and of the notes."""
    return [
        *(
            Statement(f"the journal of {spoken_date(entry.day)}", entry.day, sentence)
            for entry in journal
            for sentence in sentences(entry.text)
        ),
        *(
            Statement(f"the note of session {note.session}", note.date, sentence)
            for note in notes
            for sentence in sentences(" ".join(note.text.split()))
        ),
    ]


def differences(
    lines: Sequence[Line], statements: Sequence[Statement], week: Week
) -> list[Difference]:
    """The strongest difference of every statement, in the order in which things were said."""
    found = sorted(
        (
            Difference(line, statement, strength)
            for line in lines
            if not (line.is_question or line.is_supposing or line.is_promise)
            for statement in statements
            if (strength := _differ(line, statement, week))
        ),
        key=lambda it: (it.strength, it.written.day),
        reverse=True,
    )
    kept: list[Difference] = []
    for it in found:
        if all(it.said.turn != k.said.turn and it.written.text != k.written.text for k in kept):
            kept.append(it)
    return sorted(kept, key=lambda it: it.said.turn)


def _differ(line: Line, statement: Statement, week: Week) -> int:
    """How many terms two statements share that differ in an amount or a `not`; 0 if they agree."""
    shared = {term for term in line.terms & statement.terms if not is_number(term)}
    for unit in _units_apart(line.amounts, statement.amounts):
        # Many things happen in one month, so a date alone is no common matter.
        if len(shared - {unit}) >= (2 if unit in MONTHS else 1):
            return len(shared)
    later = statement.day >= max(_happened(line, week), week.start)
    if later and len(shared) > 2 and is_negated(line.text) != is_negated(statement.text):
        return len(shared)
    return len(line.terms & statement.terms) if later and _denies(line, statement) else 0


def _denies(line: Line, statement: Statement) -> bool:
    """Whether a report meets its own verb with `nothing`, about a thing that both name.

    "I photographed the registers for 1865 and 1866" meets "Photographed nothing, so 1866 has to
    wait"; "nothing" leaves no room for another object, as "not the map" would.
    """
    spoken = words(statement.text)
    denied = {stem(verb) for verb, after in pairwise(spoken) if after in NOTHING}
    both = line.terms & statement.terms
    return line.is_report and bool(denied & line.reported & both) and len(both) > 1


def _units_apart(said: Sequence[Amount], written: Sequence[Amount]) -> Iterator[str]:
    """The things that both sides count, and count differently."""
    for unit in dict.fromkeys(amount.unit for amount in said):
        here = {amount.value for amount in said if amount.unit == unit}
        there = {amount.value for amount in written if amount.unit == unit}
        if there and not here & there:
            yield unit


def _happened(line: Line, week: Week) -> date:
    """The day that a line speaks of, if it names a weekday: the last such day before the session."""
    named = [WEEKDAYS.index(word) for word in words(line.text) if word in WEEKDAYS]
    if not named:
        return week.start
    return week.end - timedelta(days=(week.end.weekday() - named[0]) % 7)
