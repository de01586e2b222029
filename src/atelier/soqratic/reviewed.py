"""The review of a grounded draft by rule: what it avoids, where it is at odds, what to ask next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from atelier.kernel.evidence import (
    CheckOutcome,
    Citation,
    FoundBy,
    GroundedClaim,
    Role,
    Verdict,
)
from atelier.soqratic.asking import next_question
from atelier.soqratic.finding import Declined, Finding, FindingKind, Review, finding_id
from atelier.soqratic.tension import tensions
from atelier.soqratic.wording import day_of, quoted, slice_name, telling
from atelier.terra.corpus import Corpus, Evidence, Passage
from atelier.terra.grounded import Grounded
from atelier.terra.lexicon import STOP_WORDS
from atelier.terra.words import content

RULES = "soqratic: rules@2"
Place = tuple[str, str]


@dataclass(slots=True)
class _Draft:
    """What a draft cites."""

    grounded: Grounded
    places: set[Place] = field(default_factory=set[Place])

    def __post_init__(self) -> None:
        self.places = {
            place_of(citation)
            for claim in self.grounded.claims
            for citation in claim.citations
            if is_said(citation.role, citation.found_by)
        }

    def cites(self, element: Evidence) -> bool:
        return (element.slice, element.digest) in self.places


def is_said(role: str, found_by: str) -> bool:
    """Whether a draft cites a passage; one that Terra merely shows as the nearest is not cited.

    Example:
        >>> is_said(Role.QUALIFIES, FoundBy.RETRIEVAL), is_said("supports", "retrieval")
        (False, True)
    """
    return role != Role.QUALIFIES or found_by == FoundBy.STAGE


def place_of(citation: Citation) -> Place:
    """The element that a citation points into."""
    return citation.address.slice, citation.address.element


def review_text(
    grounded: Grounded, elements: Sequence[Evidence], *, aside: dict[str, Any] | None = None
) -> Review:
    """The review of a grounded draft against the packet's elements.

    Findings stand in a fixed order: obligations that the draft does not cite, tensions between
    sources, claims whose checks failed or warned, slices that it never cites. What a check found
    but no passage can show is declined. Coverage goes to `aside`, never into the value.

    Example:
        >>> review_text(Grounded(text="", claims=()), [])
        Review(findings=(), question=None, declined=())
    """
    corpus = Corpus(elements)
    draft = _Draft(grounded)
    findings = _unique(
        [
            *_obligations(draft, corpus),
            *_tensions(draft, corpus),
            *_checked(draft),
            *_uncited(draft, corpus),
        ]
    )
    declined = tuple(_declined(draft))
    question = next_question(findings, corpus)
    if aside is not None:
        aside["coverage"] = _coverage(draft, elements)
    return Review(findings=tuple(findings), question=question, declined=declined)


def _unique(findings: Sequence[Finding]) -> list[Finding]:
    return list({finding.id: finding for finding in reversed(findings)}.values())[::-1]


def _finding(
    kind: FindingKind, statement: str, evidence: Sequence[Citation], *, claims: Sequence[str] = ()
) -> Finding:
    cited = tuple(evidence)
    return Finding(
        id=finding_id(kind, statement, cited),
        kind=kind,
        statement=statement,
        evidence=cited,
        claims=tuple(claims),
    )


def _obligations(draft: _Draft, corpus: Corpus) -> Iterator[Finding]:
    for element in corpus.elements:
        passage = telling(element)
        if element.obliged and passage is not None and not draft.cites(element):
            day = day_of(element)
            when = f", {day}" if day else ""
            statement = f"Not taken up ({slice_name(element.slice)}{when}): {quoted(passage.quote)}"
            yield _finding(FindingKind.OBLIGATION, statement, [passage.citation()])


def _tensions(draft: _Draft, corpus: Corpus) -> Iterator[Finding]:
    contested = {Verdict.CONTESTED, Verdict.CONTRADICTED}
    shown: set[frozenset[Place]] = set()
    for claim in draft.grounded.claims:
        if claim.verdict in contested and len({place_of(item) for item in claim.citations}) > 1:
            shown.add(frozenset(place_of(item) for item in claim.citations))
            yield _tension(claim.citations, [claim.claim.id])
    for one, other in tensions(corpus):
        sides = [one.citation(), other.citation(role=Role.CONTRADICTS)]
        pair = frozenset(place_of(side) for side in sides)
        if pair not in shown and not (draft.cites(one.element) and draft.cites(other.element)):
            shown.add(pair)
            yield _tension(sides, ())


def _tension(sides: Sequence[Citation], claims: Sequence[str]) -> Finding:
    says = [f"{slice_name(side.address.slice)} {quoted(side.quote)}" for side in sides]
    statement = f"The sources differ: {', against '.join(says)}"
    return _finding(FindingKind.TENSION, statement, sides, claims=claims)


def _checked(draft: _Draft) -> Iterator[Finding]:
    for claim in draft.grounded.claims:
        complaints = _complaints(claim)
        if complaints and claim.citations and claim.verdict is not Verdict.CONTESTED:
            statement = f"{quoted(claim.claim.text)}: {complaints}"
            yield _finding(FindingKind.CHECK, statement, claim.citations, claims=[claim.claim.id])


def _complaints(claim: GroundedClaim) -> str:
    return "; ".join(
        f"{check.name}: {check.detail}" if check.detail else check.name
        for check in claim.checks
        if check.outcome is not CheckOutcome.PASS
    )


def _declined(draft: _Draft) -> Iterator[Declined]:
    """What checks found of claims for which the packet has nothing to show."""
    for claim in draft.grounded.claims:
        complaints = _complaints(claim)
        if complaints and not claim.citations:
            statement = f"{quoted(claim.claim.text)}: {complaints}"
            yield Declined(statement=statement, check="evidence: no passage to cite")


def _uncited(draft: _Draft, corpus: Corpus) -> Iterator[Finding]:
    said = set(content(draft.grounded.text))
    slices = dict.fromkeys(element.slice for element in corpus.elements)
    cited = {name for name, _ in draft.places}
    for name in slices:
        if name in cited:
            continue
        passage = _closest(corpus, name, said)
        if passage is not None:
            statement = (
                f"Nothing in the draft cites the {slice_name(name)}: {quoted(passage.quote)}"
            )
            yield _finding(FindingKind.UNCITED_SLICE, statement, [passage.citation()])


def _closest(corpus: Corpus, name: str, said: set[str]) -> Passage | None:
    """Of a slice the passage closest to the draft, then to the other slices.

    So an unrelated element, which shares nothing with either, is not the one that is shown.
    """
    elsewhere = {
        stem
        for stem, places in corpus.postings.items()
        if any(corpus.elements[index].slice != name for index in places)
    } - STOP_WORDS
    best: Passage | None = None
    most = (-1, -1)
    for element in corpus.elements:
        passage = telling(element) if element.slice == name else None
        if passage is not None:
            stems = set(content(passage.text))
            shared = (len(said & stems), len(elsewhere & stems))
            if shared > most:
                best, most = passage, shared
    return best


def _coverage(draft: _Draft, elements: Sequence[Evidence]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for element in elements:
        row = counts.setdefault(
            element.slice, {"elements": 0, "cited": 0, "obligations": 0, "addressed": 0}
        )
        cited = draft.cites(element)
        row["elements"] += 1
        row["cited"] += cited
        row["obligations"] += element.obliged
        row["addressed"] += element.obliged and cited
    return counts
