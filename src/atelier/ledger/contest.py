"""What a commit meets: a key that has its value already, a cap that it would exceed."""

from collections.abc import Sequence
from dataclasses import replace

from atelier.ledger.rows import Attempt, Cap, Outcome, Row
from atelier.ledger.store import BudgetError


def claims_value(row: Row) -> bool:
    """Whether a row claims its key and draw."""
    return row.outcome == Outcome.RAN and row.sound and row.key is not None


def adopt(row: Row, winner: Row) -> Row:
    """The row that lost: it has the winner's value, and what describes the value.

    What it spent stays its own.
    """
    return replace(
        row,
        outcome=Outcome.REUSED,
        served_from=winner.seq,
        output=winner.output,
        manifest=winner.manifest,
        citations=winner.citations,
        citations_digest=winner.citations_digest,
        decided_by=winner.decided_by,
    )


def over(cap: Cap, spent: int, attempts: Sequence[Attempt]) -> BudgetError:
    """A cap that would be exceeded; `spent` counts these attempts already."""
    sent = (one for one in attempts if one.response is None and one.ended_at is None)
    wanted = sum(one.reserved or 0 for one in sent)
    return BudgetError(cap, spent=spent - wanted, wanted=wanted)


def lost_outputs(offered: Sequence[Row], kept: Sequence[Row]) -> frozenset[str | None]:
    """Outputs that no row of a commit has any more: their claims are nobody's."""
    lost = {
        before.output
        for before, after in zip(offered, kept, strict=True)
        if before.output != after.output
    }
    return frozenset(lost - {row.output for row in kept})
