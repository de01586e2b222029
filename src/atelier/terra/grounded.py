"""A draft grounded: each of its claims with a verdict, citations and checks."""

from collections.abc import Iterable, Sequence
from typing import Any, Self

from pydantic import BaseModel, model_validator

from atelier.kernel.evidence import Citation, Cite, Claim, GroundedClaim, Span, Value, claim_ids
from atelier.terra.corpus import Corpus, Evidence
from atelier.terra.decide import Rules
from atelier.terra.quotes import resolve_cite
from atelier.terra.segment import segment


class Prose(BaseModel):
    """What Terra reads of a stage's output: its text, and what it cites where it does."""

    text: str
    cites: list[Cite] = []


class Grounded(Value):
    """A draft's text with a grounded claim for every unit that states, asks or entitles."""

    text: str
    claims: tuple[GroundedClaim, ...]

    @model_validator(mode="after")
    def _is_the_text(self) -> Self:
        ids = [grounded.claim.id for grounded in self.claims]
        if len(ids) != len(set(ids)):
            message = "two claims have one id"
            raise ValueError(message)
        end = 0
        for grounded in self.claims:
            span = grounded.claim.span
            if span.start < end or self.text[span.start : span.end] != grounded.claim.text:
                message = f"claim {grounded.claim.id} is not what stands in the text at its span"
                raise ValueError(message)
            end = span.end
        return self


def ground_text(
    text: str,
    elements: Sequence[Evidence],
    declared: Sequence[Cite] = (),
    *,
    known: Iterable[str] = (),
    aside: dict[str, Any] | None = None,
) -> tuple[GroundedClaim, ...]:
    """The claims of a draft, grounded in the elements of a packet.

    `declared` is what the draft's stage cites: its passages are preferred among equals. `known`
    are words that need no evidence, such as the packet's parameters. Scores and counts go to
    `aside`, never into the claims: they may change when unrelated evidence arrives.

    Example:
        >>> ground_text("# Week 3", [])[0].verdict
        <Verdict.OUT_OF_SCOPE: 'out_of_scope'>
    """
    corpus = Corpus(elements, known)
    found = [resolve_cite(cite, elements) for cite in declared]
    rules = Rules(corpus, [item for item in found if isinstance(item, Citation)])
    units = [(unit, unit.body) for unit in segment(text) if unit.body is not None]
    ids = claim_ids([unit.text for unit, _ in units])
    claims: list[GroundedClaim] = []
    scores: dict[str, Any] = {}
    for (unit, body), identity in zip(units, ids, strict=True):
        span = Span(start=body.start, end=body.end)
        claim = Claim(id=identity, span=span, text=unit.text, kind=unit.kind)
        grounded, scores[identity] = rules.decide(unit, claim)
        claims.append(grounded)
    if aside is not None:
        aside["scores"] = {identity: score for identity, score in scores.items() if score}
        aside["searched"] = _counts(corpus.elements)
    return tuple(claims)


def _counts(evidence: Iterable[Evidence]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for element in evidence:
        counts[element.slice] = counts.get(element.slice, 0) + 1
    return counts
