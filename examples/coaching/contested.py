"""The draft's claims once more, contested where the other evidence says something else.

Each text is grounded for itself, so the draft does not know what the crosscheck found. Here they
meet: a statement that quotes one side of a difference carries the other side as well.
"""

from crosscheck import DISAGREE

from atelier import stage, terra
from atelier.kernel.evidence import (
    Check,
    CheckOutcome,
    Citation,
    ClaimKind,
    GroundedClaim,
    Role,
    Verdict,
    flag_of,
)


@stage
def contested(grounded: terra.Grounded, crosschecked: terra.Grounded) -> terra.Grounded:
    """The grounded draft; what stands on one side of a difference is contested, with both sides."""
    found = differences_in(crosschecked)
    return terra.Grounded(
        text=grounded.text, claims=tuple(_weighed(claim, found) for claim in grounded.claims)
    )


def differences_in(crosschecked: terra.Grounded) -> list[GroundedClaim]:
    """The supported claims under the heading of the differences, each of which cites two sides."""
    found: list[GroundedClaim] = []
    heading = ""
    for claim in crosschecked.claims:
        if claim.claim.kind is ClaimKind.HEADING:
            heading = claim.claim.text
        elif heading == DISAGREE and claim.verdict is Verdict.SUPPORTED:
            found.append(claim)
    return found


def _weighed(claim: GroundedClaim, found: list[GroundedClaim]) -> GroundedClaim:
    if claim.verdict not in {Verdict.SUPPORTED, Verdict.PARTIAL}:
        return claim
    for difference in found:
        other = _other_side(claim, difference)
        if other:
            check = Check(
                name="crosscheck",
                outcome=CheckOutcome.WARN,
                detail=f"claim {difference.claim.id} names the other side",
                by="coaching: crosscheck",
            )
            return GroundedClaim(
                claim=claim.claim,
                verdict=Verdict.CONTESTED,
                citations=(*claim.citations, *other),
                checks=(*claim.checks, check),
                flag=flag_of(Verdict.CONTESTED),
            )
    return claim


def _other_side(claim: GroundedClaim, difference: GroundedClaim) -> list[Citation]:
    """What a difference holds against the words that a claim cites; empty if it is about others."""
    shared = [it for it in difference.citations if any(_meet(it, own) for own in claim.citations)]
    if not shared:
        return []
    return [
        it.model_copy(update={"role": Role.CONTRADICTS})
        for it in difference.citations
        if it not in shared
    ]


def _meet(one: Citation, other: Citation) -> bool:
    """Whether two citations quote the same words, at least in part."""
    here, there = one.address, other.address
    if here.model_copy(update={"span": None}) != there.model_copy(update={"span": None}):
        return False
    if here.span is None or there.span is None:
        return True
    return here.span.start < there.span.end and there.span.start < here.span.end
