"""The claims that the rules left open, put to a model one by one; the rules bound its verdicts."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from atelier.aggregate import Element
from atelier.kernel.errors import StageError
from atelier.kernel.evidence import (
    Check,
    Citation,
    Cite,
    FoundBy,
    GroundedClaim,
    Role,
    Verdict,
    flag_of,
)
from atelier.orchestrate.excerpt import Excerpts
from atelier.orchestrate.stage import Ask
from atelier.terra.bounds import Cited, binds, bounds
from atelier.terra.judgement import Judgement
from atelier.terra.near import Near
from atelier.terra.quotes import QuoteFault, locate

JUDGING = "judging@1"


@dataclass(frozen=True, slots=True)
class Judge:
    """Asks about open claims of one draft; `known` are words that need no evidence."""

    elements: Sequence[Element]
    known: Sequence[str] = ()

    async def judge(
        self, ask: Ask[Judgement], claims: Sequence[GroundedClaim], *, aside: dict[str, Any]
    ) -> tuple[GroundedClaim, ...]:
        """The claims, those left open with what the model says of them.

        Each is one ask, whose inputs are the claim and its evidence. Where an ask fails, the claim
        stays as the rules left it, and `aside` says why.
        """
        texts = dict.fromkeys(
            claim.claim.text for claim in claims if claim.verdict is Verdict.UNVERIFIED
        )
        near = await asyncio.to_thread(Near, self.elements)
        shown = {text: near.excerpts(text) for text in texts}
        asked = [text for text, excerpts in shown.items() if excerpts.items]
        # Each is waited for to its end: what was sent is paid for.
        answers = await asyncio.gather(
            *(ask(claim={"text": text}, passages=shown[text]) for text in asked),
            return_exceptions=True,
        )
        found = dict(zip(asked, answers, strict=True))
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, StageError):
                raise answer
        aside["judged"] = _told(claims, found)
        return tuple(
            self._with(claim, found.get(claim.claim.text), shown.get(claim.claim.text))
            for claim in claims
        )

    def _with(
        self,
        claim: GroundedClaim,
        answer: Judgement | BaseException | None,
        shown: Excerpts | None,
    ) -> GroundedClaim:
        if (
            claim.verdict is not Verdict.UNVERIFIED
            or shown is None
            or not isinstance(answer, Judgement)
        ):
            return claim
        cited = [resolve(cite, shown, role=cite.role) for cite in answer.cites]
        standing = [item for item in cited if item is not None]
        if len(standing) < len(cited):  # a harness's own `ask` refuses these before
            return claim
        return self.weigh(claim, answer, standing)

    def weigh(
        self, claim: GroundedClaim, judgement: Judgement, cited: Sequence[Cited]
    ) -> GroundedClaim:
        """A claim with a model's verdict, as far as the rules let it stand.

        Where a rule found a fault, `supported` becomes `partial`. Evidence on both sides makes the
        claim contested, whatever the model calls it.
        """
        roles = {item.citation.role for item in cited}
        verdict, checks = Verdict(judgement.verdict), claim.checks
        supports = [item for item in cited if item.citation.role is Role.SUPPORTS]
        if supports:
            checks = _joined(checks, self._bounds(claim, supports))
        if {Role.SUPPORTS, Role.CONTRADICTS} <= roles:
            verdict = Verdict.CONTESTED
        elif verdict is Verdict.SUPPORTED and any(map(binds, checks)):
            verdict = Verdict.PARTIAL
        return GroundedClaim(
            claim=claim.claim,
            verdict=verdict,
            citations=tuple(dict.fromkeys(item.citation for item in cited)) or claim.citations,
            checks=checks,
            decided_by="model",
            flag=flag_of(verdict),
        )

    def _bounds(self, claim: GroundedClaim, supports: Sequence[Cited]) -> list[Check]:
        speakers = {item.speaker.casefold(): item.speaker for item in self.elements if item.speaker}
        return list(bounds(claim.claim.text, supports, speakers=speakers, known=self.known))


def resolve(cite: Cite, shown: Excerpts, *, role: Role) -> Cited | None:
    """What a model cites, its quote cut out of the source again; None where it does not stand."""
    elements = {item.element.handle: item.element for item in shown.items}
    found = locate(cite.quote, list(elements.values()), cite.handle)
    if isinstance(found, QuoteFault):
        return None
    citation: Citation = found.passage.citation(
        role=role, match=found.match, found_by=FoundBy.MODEL
    )
    if not any(item.shows(citation) for item in shown.items):
        return None
    return Cited(citation, elements[cite.handle])


def _joined(checks: Sequence[Check], more: Sequence[Check]) -> tuple[Check, ...]:
    return (*checks, *(check for check in more if check not in checks))


def _told(claims: Sequence[GroundedClaim], answers: dict[str, Any]) -> dict[str, Any]:
    """For the row: how many claims were asked about, and why some stay open."""
    left = {
        claim.claim.id: answer.as_json()
        for claim in claims
        if isinstance(answer := answers.get(claim.claim.text), StageError)
        if claim.verdict is Verdict.UNVERIFIED
    }
    return {"asked": len(answers), "left open": left}
