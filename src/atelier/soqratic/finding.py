"""What a review says: findings, one question, and what it declined to say.

The types refuse to be inconsistent: a finding rests on evidence, a question on a finding.
"""

from enum import StrEnum
from re import compile as pattern
from typing import Annotated, Self

from pydantic import Field, model_validator

from atelier.kernel.digest import record_digest
from atelier.kernel.evidence import Citation, DecidedBy, Value

MAX_QUESTION_WORDS = 35
_QUOTED = pattern(r"“[^”]*”")
_MARK = pattern(r"[?\uff1f]")
_WORD = pattern(r"\w+(?:['\u2019\-]\w+)*")

FindingId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]


class FindingKind(StrEnum):
    """Why something is put to the reader, most pressing first; what a model found comes last."""

    OBLIGATION = "obligation"
    TENSION = "tension"
    CHECK = "check"
    UNCITED_SLICE = "uncited slice"
    CONFLICT = "conflict"
    OVERREACH = "overreach"
    OMISSION = "omission"

    @property
    def found_by(self) -> DecidedBy:
        """Who finds such things: the rules, or a model whose words passed their checks."""
        return "model" if self in {self.CONFLICT, self.OVERREACH, self.OMISSION} else "rule"


class Finding(Value):
    """One thing that the draft leaves out, leaves open or overstates, with where it stands."""

    id: FindingId
    kind: FindingKind
    statement: str = Field(min_length=1)
    evidence: tuple[Citation, ...] = Field(min_length=1)
    claims: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _rests_on_enough(self) -> Self:
        places = {citation.address.model_dump_json() for citation in self.evidence}
        if self.kind in {FindingKind.TENSION, FindingKind.CONFLICT} and len(places) < 2:
            message = f"a {self.kind.value} cites both sides"
            raise ValueError(message)
        if self.kind is FindingKind.CHECK and not self.claims:
            message = "a check's finding names the claim that was checked"
            raise ValueError(message)
        return self


class Question(Value):
    """The next question: one interrogative, tied to findings and to their evidence."""

    text: str
    turns_on: tuple[FindingId, ...] = Field(min_length=1)
    evidence: tuple[Citation, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_one_question(self) -> Self:
        own = _QUOTED.sub("", self.text)
        if not own.rstrip().endswith(("?", "\uff1f")):
            message = "a question ends with a question mark"
            raise ValueError(message)
        if len(_MARK.findall(own)) != 1:
            message = "a question asks one thing"
            raise ValueError(message)
        if word_count(self.text) > MAX_QUESTION_WORDS:
            message = f"a question has at most {MAX_QUESTION_WORDS} words"
            raise ValueError(message)
        return self


class Declined(Value):
    """A finding that did not pass a check of its own, and which."""

    statement: str
    check: str


class Review(Value):
    """The findings in fixed order, the one next question, and what was declined."""

    findings: tuple[Finding, ...] = ()
    question: Question | None = None
    declined: tuple[Declined, ...] = ()

    @model_validator(mode="after")
    def _is_tied(self) -> Self:
        ids = [finding.id for finding in self.findings]
        if len(ids) != len(set(ids)):
            message = "two findings have one id"
            raise ValueError(message)
        kinds = [list(FindingKind).index(finding.kind) for finding in self.findings]
        if kinds != sorted(kinds):
            message = "findings stand in the order of their kinds"
            raise ValueError(message)
        if self.question is None:
            return self
        if not set(self.question.turns_on) <= set(ids):
            message = "the question turns on a finding that is not there"
            raise ValueError(message)
        places = [
            citation.address
            for finding in self.findings
            if finding.id in self.question.turns_on
            for citation in finding.evidence
        ]
        if not any(citation.address in places for citation in self.question.evidence):
            message = "the question shares no evidence with its findings"
            raise ValueError(message)
        return self


def word_count(text: str) -> int:
    """How many words a question counts.

    Example:
        >>> word_count("What stands in its way?")
        5
    """
    return len(_WORD.findall(text))


def finding_id(kind: FindingKind, statement: str, evidence: tuple[Citation, ...]) -> str:
    """The id of a finding: 8 hex of what it says and where that stands.

    Example:
        >>> len(finding_id(FindingKind.OBLIGATION, "Not mentioned.", ()))
        8
    """
    places = [citation.address.model_dump(mode="json") for citation in evidence]
    found = record_digest("finding", {"kind": kind.value, "says": statement, "at": places})
    return found.removeprefix("sha256:")[:8]


def said_by_rule(value: object) -> tuple[str, ...]:
    """The texts of a value that rules made of cited evidence: a review's question.

    Example:
        >>> said_by_rule(Review()), said_by_rule("a text")
        ((), ())
    """
    if isinstance(value, Review) and value.question is not None:
        return (value.question.text,)
    return ()
