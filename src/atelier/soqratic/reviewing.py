"""The built-in stage that reviews a grounded draft; it stands on the public interface alone."""

import asyncio
from inspect import Parameter, Signature
from typing import Any

from atelier.aggregate import Element, Packet, elements, shape
from atelier.kernel.errors import StageError
from atelier.kernel.evidence import GroundedClaim
from atelier.orchestrate.stage import Aside, Ask, OptionalModelStage, Stage, stage
from atelier.soqratic.critique import Critique
from atelier.soqratic.finding import Finding, Review
from atelier.soqratic.reviewed import RULES, review_text
from atelier.soqratic.weighing import REVIEWING, Weighing
from atelier.terra.checks import RULES as TERRA
from atelier.terra.grounded import Grounded
from atelier.terra.near import Near

MODEL = "reviewer"
_NEAR = 4  # elements shown for each claim and each quote of a finding


def review(
    upstream: Stage[..., Grounded], *, name: str = "review"
) -> OptionalModelStage[..., Review]:
    """A stage over the output of a grounding stage; a second one takes a `name` of its own.

    It is a review by rule. Where the model class `reviewer` is bound, it is asked once for findings
    and a question of its own, and each of these passes the checks of the rules or is declined.
    """

    async def review(
        ask: Ask[Critique] | None, packet: Packet, aside: Aside, **grounded: Any
    ) -> Review:
        draft, evidence = grounded[upstream.name], elements(packet)
        found = await asyncio.to_thread(review_text, draft, evidence, aside=aside)
        if ask is None:
            return found
        return await _beyond(ask, draft, found, packet=packet, evidence=evidence, aside=aside)

    parameters = [
        Parameter("ask", Parameter.POSITIONAL_OR_KEYWORD, annotation=Ask[Critique] | None),
        Parameter(upstream.name, Parameter.KEYWORD_ONLY, annotation=Grounded),
        Parameter("packet", Parameter.KEYWORD_ONLY, annotation=Packet),
        Parameter("aside", Parameter.KEYWORD_ONLY, annotation=Aside),
    ]
    vars(review)["__signature__"] = Signature(parameters, return_annotation=Review)
    return stage(
        name=name,
        model=MODEL,
        required=False,
        prompt="prompts/review.md",
        slots=("claims", "found", "passages"),
        # What the rules of Terra see in the packet decides here too.
        rules=f"{RULES} {REVIEWING} over {TERRA}",
    )(review)


async def _beyond(
    ask: Ask[Critique],
    draft: Grounded,
    found: Review,
    *,
    packet: Packet,
    evidence: list[Element],
    aside: Aside,
) -> Review:
    """The review with what a model adds; as the rules made it where the model does not answer."""
    near = await asyncio.to_thread(Near, evidence)
    claims = [claim.claim.text for claim in draft.claims if claim.claim.kind.needs_support]
    quotes = [citation.quote for finding in found.findings for citation in finding.evidence]
    shown = near.around([*claims, *quotes], _NEAR)
    if not shown.items:
        return found
    try:
        critique = await ask(
            claims=[_claim(claim) for claim in draft.claims],
            found=[_finding(finding) for finding in found.findings],
            passages=shown,
        )
    except StageError as error:
        aside["reviewed"] = {"left to the rules": error.as_json()}
        return found
    known = [str(getattr(packet, field.name)) for field in shape(type(packet)).parameters]
    weighing = Weighing(draft, found, shown, evidence, known)
    review = await asyncio.to_thread(weighing.weigh, critique)
    kept = len(review.findings) - len(found.findings)
    aside["reviewed"] = {"proposed": len(critique.findings), "kept": kept}
    return review


def _claim(grounded: GroundedClaim) -> dict[str, object]:
    claim = grounded.claim
    quotes = [citation.quote for citation in grounded.citations]
    return {"id": claim.id, "text": claim.text, "verdict": grounded.verdict, "quotes": quotes}


def _finding(finding: Finding) -> dict[str, object]:
    return {"kind": finding.kind, "statement": finding.statement, "claims": finding.claims}
