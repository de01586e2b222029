"""What a stage did, as a row and all that is committed with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from atelier.cache.parts import Unseen
from atelier.kernel.digest import digest_bytes
from atelier.kernel.evidence import Citation, GroundedClaim
from atelier.kernel.money import total
from atelier.ledger.rows import Attempt, Outcome, Row
from atelier.ledger.store import Commit
from atelier.models import Binding
from atelier.orchestrate.citing import citation_rows, citations_digest, claim_rows
from atelier.orchestrate.estimate import Estimate
from atelier.orchestrate.handed import stage_packet
from atelier.orchestrate.outcome import StageResult
from atelier.orchestrate.prepare import Prepared
from atelier.orchestrate.question import Resolved
from atelier.orchestrate.state import RunState


@dataclass(frozen=True, slots=True)
class Asked:
    """What an execution asked: the attempts it made or adopted, and what its calls came to."""

    attempts: tuple[Attempt, ...] = ()
    calls: tuple[Resolved, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What came of executing a stage, or one element of it, once."""

    data: bytes
    output: str
    seconds: float
    evidence: Sequence[Citation | GroundedClaim] = ()
    aside: bytes | None = None
    unseen: tuple[Unseen, ...] = ()
    asked: Asked = Asked()
    blobs: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    manifest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an execution belongs: the key and draw it claims, and why it happened."""

    key: str
    draw: int
    reason: str
    binding: Binding | None
    element: str | None = None
    input: str | None = None


def commit_of(state: RunState, prepared: Prepared, done: Execution, *, place: Place) -> Commit:
    """The one commit of row, key and output."""
    packet, input_digest = stage_packet(prepared.handed)
    components, record = recorded(state, prepared)
    blobs = {
        **record,
        **state.hands.blobs(prepared.handed),
        **done.blobs,
        done.output: done.data,
        input_digest: packet,
    }
    if done.aside is not None:
        blobs[digest_bytes(done.aside)] = done.aside
    row = Row(
        run=state.id,
        stage=prepared.node.name,
        element=place.element,
        outcome=Outcome.RAN,
        reason=place.reason,
        recorded_at=state.now(),
        key=place.key,
        draw=place.draw,
        recipe=prepared.recipe.digest,
        components=components if place.element is None else None,
        input=place.input or input_digest,
        output=done.output,
        manifest=done.manifest,
        sound=not done.unseen,
        unseen=unseen_json(done.unseen),
        aside=digest_bytes(done.aside) if done.aside is not None else None,
        seconds=round(done.seconds, 6),
        consumed=tuple(item.consumed() for item in prepared.handed) if not place.element else (),
        **_cited(done),
        **answered(done.asked, place.binding, run=state.id),
    )
    return Commit(
        rows=(row,),
        blobs=blobs,
        claims=tuple(claim_rows(done.output, done.evidence)),
        citations=tuple(citation_rows(done.output, done.evidence)),
    )


def recorded(state: RunState, prepared: Prepared) -> tuple[str, Mapping[str, bytes]]:
    """The digest of the recipe's record, and its blobs where the ledger may not have them yet."""
    components, blobs = prepared.recipe.record
    return components, {} if components in state.runtime.recorded else blobs


def reused_row(state: RunState, prepared: Prepared, *, source: Row, reason: str) -> Row:
    """The row of a stage whose value was there: it cost nothing, and says what that avoided."""
    return Row(
        run=state.id,
        stage=prepared.node.name,
        outcome=Outcome.REUSED,
        reason=reason,
        recorded_at=state.now(),
        key=prepared.key,
        draw=source.draw,
        recipe=prepared.recipe.digest,
        components=source.components,
        input=source.input,
        output=source.output,
        manifest=source.manifest,
        served_from=source.seq,
        model_class=source.model_class,
        model_requested=source.model_requested,
        model_served=source.model_served,
        original=source.original,
        avoided=source.original,
        citations=source.citations,
        citations_digest=source.citations_digest,
        decided_by=source.decided_by,
        consumed=tuple(item.consumed() for item in prepared.handed),
    )


def failed_row(
    state: RunState,
    name: str,
    *,
    error: Mapping[str, Any],
    reason: str = "",
) -> Row:
    """The row of a stage that has no value in this run."""
    return Row(
        run=state.id,
        stage=name,
        outcome=Outcome.FAILED,
        reason=reason,
        recorded_at=state.now(),
        error=error,
    )


def result_of(
    row: Row, *, missing: tuple[str, ...] = (), expected: Estimate | None = None
) -> StageResult:
    """A row as the run's caller sees it."""
    return StageResult(
        stage=row.stage,
        outcome=row.outcome,
        reason=row.reason,
        key=row.key,
        output=row.output,
        requests=row.requests,
        incurred=row.incurred,
        avoided=row.avoided,
        seconds=row.seconds,
        sound=row.sound,
        unseen=row.unseen,
        missing=missing,
        error=row.error,
        expected=expected,
    )


def unseen_json(unseen: Sequence[Unseen]) -> tuple[dict[str, str], ...]:
    """What a key could not see, as a row keeps it."""
    return tuple(
        {"what": item.what, "where": item.where, "declare": item.declare} for item in unseen
    )


def _cited(done: Execution) -> dict[str, Any]:
    if not done.evidence:
        return {}
    claims = [item for item in done.evidence if isinstance(item, GroundedClaim)]
    deciders = {item.decided_by for item in claims}
    return {
        "citations": sum(
            len(item.citations) if isinstance(item, GroundedClaim) else 1 for item in done.evidence
        ),
        "citations_digest": citations_digest(done.evidence),
        "decided_by": "+".join(sorted(deciders)) or None,
    }


def answered(asked: Asked, binding: Binding | None, *, run: str) -> dict[str, Any]:
    """Model, tokens and cost of what was asked; unknown parts make an unknown sum.

    An attempt that was adopted from a run that died is no request of this one, but its cost is
    counted here, since no other row has it.
    """
    if binding is None:
        return {}
    facts: dict[str, Any] = {
        "model_class": binding.model_class,
        "model_requested": binding.requested,
    }
    attempts, calls = asked.attempts, asked.calls
    if attempts:
        for name in ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens"):
            facts[name] = total(getattr(attempt, name) for attempt in attempts)
        facts["price_table"] = attempts[-1].price_table
    served = [call.row.model_served for call in calls] or [one.model_served for one in attempts]
    return {
        **facts,
        "model_served": served[-1] if served else None,
        "requests": sum(attempt.run == run for attempt in attempts),
        "incurred": total(attempt.incurred for attempt in attempts),
        "original": total(call.row.original for call in calls),
        "avoided": total(call.row.original for call in calls if call.reused),
    }
