"""Addresses, citations and claims: the types in which a statement and its evidence meet.

They refuse to be inconsistent: a supported claim without a citation cannot be constructed.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from atelier.kernel.digest import record_digest

DigestText = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class Value(BaseModel):
    """An immutable value: unknown fields are an error, so that nothing is dropped silently."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(Value):
    """A half-open interval of Unicode code points of one stored text."""

    start: int = Field(ge=0)
    end: int = Field(gt=0)

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if self.end <= self.start:
            message = "a span ends after it starts"
            raise ValueError(message)
        return self


class Address(Value):
    """Where evidence stands: by content, so that a position may change and the address not."""

    slice: str
    element: DigestText
    occurrence: int = Field(default=1, ge=1)
    pointer: str = Field(default="", pattern=r"^(/[\s\S]*)?$")
    span: Span | None = None


class Cite(Value):
    """What a stage writes to cite: the handle of an element and the words it quotes."""

    handle: str
    quote: str


class Match(StrEnum):
    """How a quote equals its source."""

    VERBATIM = "verbatim"
    CANONICAL = "canonical"
    ELIDED = "elided"


class Role(StrEnum):
    """What a citation does for its claim."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"
    QUALIFIES = "qualifies"


class FoundBy(StrEnum):
    """Who found a citation."""

    STAGE = "stage"
    RETRIEVAL = "retrieval"
    MODEL = "model"
    HUMAN = "human"


class Citation(Value):
    """An address and the words that stand there, always cut out of the source again."""

    address: Address
    quote: str = Field(min_length=1)
    match: Match = Match.VERBATIM
    role: Role = Role.SUPPORTS
    found_by: FoundBy = FoundBy.STAGE


class ClaimKind(StrEnum):
    """What a unit of a draft does, by its surface."""

    QUOTE = "quote"
    NUMBER = "number"
    FACT = "fact"
    ATTRIBUTION = "attribution"
    ADVICE = "advice"
    QUESTION = "question"
    HEADING = "heading"

    @property
    def needs_support(self) -> bool:
        """Whether a reader would ask what this rests on."""
        return self not in {ClaimKind.ADVICE, ClaimKind.QUESTION, ClaimKind.HEADING}


class Claim(Value):
    """One unit of a draft: its text, and where it stands there."""

    id: str = Field(pattern=r"^[0-9a-f]{8}([0-9a-f]{8})?$")
    span: Span
    text: str
    kind: ClaimKind = ClaimKind.FACT


class CheckOutcome(StrEnum):
    """What a check found; a warning alone decides nothing."""

    PASS = "pass"  # noqa: S105 - an outcome
    FAIL = "fail"
    WARN = "warn"


class Check(Value):
    """One check of one claim, by whom it was made and what it saw."""

    name: str
    outcome: CheckOutcome
    detail: str = ""
    by: str


class Verdict(StrEnum):
    """What the evidence says of a claim."""

    SUPPORTED = "supported"
    PARTIAL = "partial"
    CONTRADICTED = "contradicted"
    CONTESTED = "contested"
    UNSUPPORTED = "unsupported"
    UNVERIFIED = "unverified"
    OUT_OF_SCOPE = "out_of_scope"


DecidedBy = Literal["rule", "model", "human"]


class GroundedClaim(Value):
    """A claim with its verdict, the citations and checks it rests on, and who decided."""

    claim: Claim
    verdict: Verdict
    citations: tuple[Citation, ...] = ()
    checks: tuple[Check, ...] = ()
    decided_by: DecidedBy = "rule"
    flag: str = ""

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        _require_sides(self.verdict, {citation.role for citation in self.citations})
        if self.verdict is Verdict.SUPPORTED and any(
            check.outcome is CheckOutcome.FAIL for check in self.checks
        ):
            message = "a supported claim has no failed check"
            raise ValueError(message)
        clean = self.verdict in {Verdict.SUPPORTED, Verdict.OUT_OF_SCOPE}
        if clean != (self.flag == ""):
            message = "a claim is flagged exactly when it is neither supported nor out of scope"
            raise ValueError(message)
        if self.flag and self.flag != flag_of(self.verdict):
            message = f"the flag of a claim that is {self.verdict} is {flag_of(self.verdict)!r}"
            raise ValueError(message)
        return self


def flag_of(verdict: Verdict) -> str:
    """The mark that a reader sees: empty, or `contested` with the verdict as its reason.

    Example:
        >>> flag_of(Verdict.UNVERIFIED), flag_of(Verdict.CONTESTED), flag_of(Verdict.SUPPORTED)
        ('contested: unverified', 'contested', '')
    """
    if verdict in {Verdict.SUPPORTED, Verdict.OUT_OF_SCOPE}:
        return ""
    return "contested" if verdict is Verdict.CONTESTED else f"contested: {verdict.value}"


_SIDES: dict[Verdict, frozenset[Role]] = {
    Verdict.SUPPORTED: frozenset({Role.SUPPORTS}),
    Verdict.PARTIAL: frozenset({Role.SUPPORTS}),
    Verdict.CONTRADICTED: frozenset({Role.CONTRADICTS}),
    Verdict.CONTESTED: frozenset({Role.SUPPORTS, Role.CONTRADICTS}),
}


# With both sides cited, a claim is contested and nothing else.
_OTHER_SIDE: dict[Verdict, Role] = {
    Verdict.SUPPORTED: Role.CONTRADICTS,
    Verdict.PARTIAL: Role.CONTRADICTS,
    Verdict.CONTRADICTED: Role.SUPPORTS,
}


def _require_sides(verdict: Verdict, cited: set[Role]) -> None:
    missing = _SIDES.get(verdict, frozenset[Role]()) - cited
    if missing:
        message = f"a {verdict} claim cites what {' and what '.join(sorted(missing))} it"
        raise ValueError(message)
    if _OTHER_SIDE.get(verdict) in cited:
        message = f"a claim with evidence on both sides is contested, not {verdict}"
        raise ValueError(message)


def claim_ids(texts: Sequence[str]) -> list[str]:
    """The ids of claims, in order: 8 hex of {text, occurrence}, 16 where two of them clash.

    Example:
        >>> ids = claim_ids(["I slept.", "I slept.", "I ran."])
        >>> len(set(ids)), claim_ids(["I ran."]) == [ids[2]]
        (3, True)
    """
    seen: dict[str, int] = {}
    long: list[str] = []
    for text in texts:
        seen[text] = seen.get(text, 0) + 1
        identity = record_digest("claim", {"text": text, "occurrence": seen[text]})
        long.append(identity.removeprefix("sha256:"))
    return _shortest(long)


def handles(elements: Sequence[tuple[str, str]]) -> list[str]:
    """The handles of (slice, element digest) pairs: `transcript-7f3a09c1`, `.2` for an equal second.

    A handle is made from content alone; where 8 hex clash, the clashing ones take 16.

    Example:
        >>> same = ("journal", "sha256:" + "7f3a09c1" * 8)
        >>> handles([same, same])
        ['journal-7f3a09c1', 'journal-7f3a09c1.2']
    """
    unique = list(dict.fromkeys(elements))
    hexes = _shortest_by_slice(unique)
    seen: dict[tuple[str, str], int] = {}
    names: list[str] = []
    for element in elements:
        seen[element] = seen.get(element, 0) + 1
        suffix = f".{seen[element]}" if seen[element] > 1 else ""
        names.append(f"{element[0]}-{hexes[element]}{suffix}")
    return names


def _shortest_by_slice(unique: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    counts: dict[tuple[str, str], int] = {}
    for name, element in unique:
        short = (name, element.removeprefix("sha256:")[:8])
        counts[short] = counts.get(short, 0) + 1
    return {
        (name, element): (
            element.removeprefix("sha256:")[:8]
            if counts[name, element.removeprefix("sha256:")[:8]] == 1
            else element.removeprefix("sha256:")[:16]
        )
        for name, element in unique
    }


def _shortest(hexes: Sequence[str]) -> list[str]:
    counts: dict[str, int] = {}
    for text in hexes:
        counts[text[:8]] = counts.get(text[:8], 0) + 1
    return [text[:8] if counts[text[:8]] == 1 else text[:16] for text in hexes]
