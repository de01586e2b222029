"""What a model proposes, weighed: each finding passes the rules' own checks, or is declined."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from atelier.kernel.evidence import Citation, Cite, FoundBy, Role
from atelier.orchestrate.excerpt import Excerpts
from atelier.soqratic.asking import Spoken
from atelier.soqratic.critique import Critique, Follow, Proposal
from atelier.soqratic.finding import (
    Declined,
    Finding,
    FindingKind,
    Question,
    Review,
    finding_id,
)
from atelier.terra.bounds import Cited
from atelier.terra.checks import absent
from atelier.terra.corpus import Corpus, Evidence
from atelier.terra.grounded import Grounded
from atelier.terra.judging import resolve
from atelier.terra.words import content

REVIEWING = "reviewing@1"
_ALIKE = 0.7


@dataclass(frozen=True, slots=True)
class Accepted:
    """A proposal that passed, with what it cites."""

    finding: Finding
    cited: tuple[Cited, ...]


@dataclass(slots=True)
class Weighing:
    """One critique against one review by rule; `known` are words that need no evidence."""

    grounded: Grounded
    review: Review
    shown: Excerpts
    elements: Sequence[Evidence]
    known: Sequence[str] = ()
    declined: list[Declined] = field(default_factory=list[Declined])

    def weigh(self, critique: Critique) -> Review:
        """The review with what passed behind the rules' findings, and the rest declined by name.

        A question that passes takes the place of the one that the rules made.
        """
        accepted = [self._accepted(proposal) for proposal in critique.findings]
        kept = {item.finding.id: item.finding for item in accepted if item is not None}
        question = self._question(critique.question, accepted) if critique.question else None
        order = list(FindingKind)
        return Review(
            findings=(
                *self.review.findings,
                *sorted(kept.values(), key=lambda finding: order.index(finding.kind)),
            ),
            question=question or self.review.question,
            declined=(*self.review.declined, *dict.fromkeys(self.declined)),
        )

    def _accepted(self, proposal: Proposal) -> Accepted | None:
        cited = [self._resolved(item.handle, item.quote) for item in proposal.evidence]
        standing = tuple(item for item in cited if item is not None)
        problem = next(self._problems(proposal, cited, standing), "")
        if problem:
            self.declined.append(Declined(statement=proposal.statement, check=problem))
            return None
        evidence = _sides(FindingKind(proposal.kind), standing)
        finding = Finding(
            id=finding_id(FindingKind(proposal.kind), proposal.statement, evidence),
            kind=FindingKind(proposal.kind),
            statement=proposal.statement,
            evidence=evidence,
            claims=tuple(dict.fromkeys(proposal.claims)),
        )
        return Accepted(finding, standing)

    def _resolved(self, handle: str, quote: str) -> Cited | None:
        return resolve(Cite(handle=handle, quote=quote), self.shown, role=Role.SUPPORTS)

    def _problems(
        self, proposal: Proposal, cited: Sequence[Cited | None], standing: Sequence[Cited]
    ) -> Iterator[str]:
        """The checks that a proposal does not pass, the first one first."""
        if not cited or len(standing) < len(cited):
            yield "evidence: a quote does not stand in what was shown"
        texts = {claim.claim.id: claim.claim.text for claim in self.grounded.claims}
        if unknown := [claim for claim in proposal.claims if claim not in texts]:
            yield f"claims: no claim is called {unknown[0]!r}"
        yield from self._of_kind(proposal, standing)
        about = [texts[claim] for claim in proposal.claims if claim in texts]
        if missing := self._missing(proposal.statement, standing, about):
            yield f"facts: not in what it cites: {', '.join(missing)}"
        if self._is_known(proposal, standing):
            yield "repeated: the rules found this"

    def _of_kind(self, proposal: Proposal, standing: Sequence[Cited]) -> Iterator[str]:
        places = {item.citation.address.model_dump_json() for item in standing}
        if proposal.kind == "conflict" and len(places) < 2:
            yield "sides: a conflict cites both of them"
        if proposal.kind == "overreach" and not proposal.claims:
            yield "claims: an overreach names its claim"
        if proposal.kind == "omission" and any(map(self._is_cited, standing)):
            yield "cited: the draft cites this"

    def _is_cited(self, cited: Cited) -> bool:
        return any(
            _overlap(citation, cited.citation)
            for claim in self.grounded.claims
            for citation in claim.citations
            if citation.role is not Role.QUALIFIES or citation.found_by is FoundBy.STAGE
        )

    def _is_known(self, proposal: Proposal, standing: Sequence[Cited]) -> bool:
        said = set(content(proposal.statement))
        places = {_place(item.citation) for item in standing}
        for finding in self.review.findings:
            there = {_place(citation) for citation in finding.evidence}
            same = places and places <= there and set(proposal.claims) <= set(finding.claims)
            words = set(content(finding.statement))
            if same or (said and len(said & words) >= _ALIKE * len(said | words)):
                return True
        return False

    def _missing(self, text: str, cited: Sequence[Cited], about: Sequence[str]) -> list[str]:
        fields = [line for item in cited for line in item.fields]
        return absent(text, [*(item.quote for item in cited), *fields, *about], self.known)

    def _question(self, follow: Follow, accepted: Sequence[Accepted | None]) -> Question | None:
        number = follow.finding - 1
        raised = accepted[number] if 0 <= number < len(accepted) else None
        problem = "finding: it turns on none that passed"
        if raised is not None:
            about = [
                claim.claim.text
                for claim in self.grounded.claims
                if claim.claim.id in raised.finding.claims
            ]
            missing = self._missing(follow.text, raised.cited, about)
            spoken = Spoken(Corpus(self.elements))
            made = _made(follow.text, raised.finding)
            if isinstance(made, str):
                problem = f"form: {made}"
            elif missing:
                problem = f"facts: not in what it cites: {', '.join(missing)}"
            elif spoken.asks(follow.text):
                problem = "asked: somebody asks this in the packet"
            elif spoken.answers(follow.text):
                problem = "answered: the packet says so"
            else:
                return made
        if follow.text:
            self.declined.append(Declined(statement=follow.text, check=problem))
        return None


def _made(text: str, finding: Finding) -> Question | str:
    try:
        return Question(text=text, turns_on=(finding.id,), evidence=finding.evidence)
    except ValidationError as error:
        return error.errors()[0]["msg"].removeprefix("Value error, ")


def _sides(kind: FindingKind, cited: Sequence[Cited]) -> tuple[Citation, ...]:
    """What a finding cites; the second side of a conflict speaks against the first."""
    found = list(dict.fromkeys(item.citation for item in cited))
    if kind is FindingKind.CONFLICT:
        found[1:] = [item.model_copy(update={"role": Role.CONTRADICTS}) for item in found[1:]]
    return tuple(found)


def _place(citation: Citation) -> tuple[str, str]:
    return citation.address.slice, citation.address.element


def _overlap(one: Citation, other: Citation) -> bool:
    here, there = one.address, other.address
    if (here.slice, here.element, here.pointer) != (there.slice, there.element, there.pointer):
        return False
    if here.span is None or there.span is None:
        return True
    return here.span.start < there.span.end and there.span.start < here.span.end
