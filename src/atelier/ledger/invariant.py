"""The rules that a commit must keep, for stores that have no CHECK constraints of their own."""

from collections.abc import Iterator

from atelier.kernel.errors import IntegrityError
from atelier.ledger.contest import claims_value
from atelier.ledger.rows import Attempt, CitationRow, JudgementRow, Row

# As the schema has them; the type itself would make every reader load a validator.
VERDICTS = (
    "supported",
    "partial",
    "contradicted",
    "contested",
    "unsupported",
    "unverified",
    "out_of_scope",
)


def refused(why: str) -> IntegrityError:
    """A commit broke a rule; nothing of it was kept."""
    return IntegrityError(
        "ledger.refused",
        "The ledger refused a commit that breaks one of its rules.",
        facts={"why": why},
        next_step="Nothing of the commit was kept; report this with the facts above.",
    )


def closed(where: object) -> IntegrityError:
    """The ledger was closed; nothing can be asked of it any more."""
    return IntegrityError(
        "ledger.closed",
        "The ledger is closed.",
        facts={"ledger": where},
        next_step="Open it again.",
    )


def require_row(row: Row) -> None:
    """Refuse a row that contradicts itself.

    Raises:
        IntegrityError: a negative amount, a part larger than its whole, a value without output.
    """
    for fault in _row_faults(row):
        raise refused(fault)


def _row_faults(row: Row) -> Iterator[str]:
    yield from _usage_faults(row)
    amounts = (row.draw, row.requests, row.original, row.avoided, row.citations)
    if any(amount is not None and amount < 0 for amount in amounts) or row.seconds < 0:
        yield "an amount is negative"
    if claims_value(row) and row.output is None:
        yield "a value has no output"
    if row.served_from is not None and row.served_from >= row.seq:
        yield "a row is served from a later one"


def require_attempt(attempt: Attempt, known: Attempt | None) -> None:
    """Refuse an attempt that contradicts itself or what is known of it.

    Raises:
        IntegrityError: a negative amount, a part larger than its whole, an edit after its end.
    """
    for fault in _usage_faults(attempt):
        raise refused(fault)
    if known is None:
        return
    if known.ended_at is not None or _identity(known) != _identity(attempt):
        raise refused("an attempt that has ended is never edited")


def require_citation(citation: CitationRow) -> None:
    """Refuse a citation whose span ends before it starts.

    Raises:
        IntegrityError: the span is no span.
    """
    start, end = citation.start, citation.end
    if start is not None and (start < 0 or (end is not None and start > end)):
        raise refused("a citation's span ends before it starts")


def require_judgement(judgement: JudgementRow) -> None:
    """Refuse a judgement that nobody could answer for.

    Raises:
        IntegrityError: no verdict that a claim can have, or not a person's, or nobody's, or no reason.
    """
    if judgement.verdict not in VERDICTS or judgement.decided_by != "human":
        raise refused("a judgement gives a claim one of its verdicts, by a person")
    if not judgement.who or not judgement.reason:
        raise refused("a judgement says whose it is, and why")


def _identity(attempt: Attempt) -> tuple[str, ...]:
    return attempt.run, attempt.stage, attempt.call, attempt.request


def _usage_faults(usage: Row | Attempt) -> Iterator[str]:
    amounts = (
        usage.input_tokens,
        usage.cached_tokens,
        usage.output_tokens,
        usage.reasoning_tokens,
        usage.incurred,
    )
    if any(amount is not None and amount < 0 for amount in amounts):
        yield "an amount is negative"
    if _exceeds(usage.cached_tokens, usage.input_tokens):
        yield "cached tokens exceed input tokens"
    if _exceeds(usage.reasoning_tokens, usage.output_tokens):
        yield "reasoning tokens exceed output tokens"


def _exceeds(part: int | None, whole: int | None) -> bool:
    return part is not None and whole is not None and part > whole
