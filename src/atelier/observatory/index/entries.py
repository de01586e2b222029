"""The ledger's records as the columns of the index's tables."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

import orjson

from atelier.ledger.database import Column
from atelier.ledger.rows import (
    ArtefactRow,
    Attempt,
    CitationRow,
    ClaimRow,
    Event,
    JudgementRow,
    PacketRecord,
    Row,
    RunRecord,
)

Entry = tuple[Column, ...]

# Between the numbers of two rows, room for what the first one served: no graph has more stages.
APART = 1_000_000


def run_entry(number: int, run: RunRecord) -> dict[str, Column]:
    """A run; its sums come later."""
    start = run.start
    return {
        "number": number,
        "run": start.run,
        "workflow": start.workflow,
        "subject": start.subject or "",
        "parameters": parameters_text(start.parameters),
        "status": run.status.value,
        "started_at": start.started_at,
        "ended_at": run.ended_at or "",
        "seconds": run.seconds,
        "target": start.target,
        "namespace": start.namespace,
        "packet": start.packet,
        "run_key": start.run_key,
        "sound": _yes(run.sound),
        "served_from": run.served_from or "",
        "owner": start.owner,
    }


def row_entry(row: Row, run: Mapping[str, str]) -> Entry:
    """A row, with what its run is."""
    return (
        row.seq * APART,
        row.seq,
        row.run,
        run["workflow"],
        row.stage,
        row.element or "",
        row.outcome.value,
        row.reason,
        row.recorded_at,
        run["subject"],
        row.key or "",
        row.draw,
        row.recipe or "",
        row.input or "",
        row.output or "",
        row.served_from,
        _yes(row.sound),
        row.model_class or "",
        row.model_requested or "",
        row.model_served or "",
        row.requests,
        row.input_tokens,
        row.cached_tokens,
        row.output_tokens,
        row.reasoning_tokens,
        row.incurred,
        row.original,
        row.avoided,
        row.price_table or "",
        row.citations,
        row.decided_by or "",
        row.seconds,
        error_code(row.error),
        error_text(row.error),
    )


def claim_entry(number: int, claim: ClaimRow) -> Entry:
    """A claim; the row that gave it comes later."""
    return (
        number,
        claim.output,
        claim.claim,
        claim.ordinal,
        claim.text,
        claim.kind,
        claim.verdict,
        claim.flag,
        claim.decided_by,
        checks_text(claim.checks),
    )


def citation_entry(number: int, citation: CitationRow) -> Entry:
    """A citation; the row that gave it comes later."""
    return (
        number,
        citation.output,
        citation.claim,
        citation.ordinal,
        citation.slice,
        citation.element,
        citation.occurrence,
        citation.pointer,
        citation.start,
        citation.end,
        citation.quote,
        citation.match,
        citation.role,
        citation.found_by,
    )


def attempt_entry(number: int, attempt: Attempt, run: Mapping[str, str]) -> Entry:
    """An attempt, with what its run is."""
    return (
        number,
        attempt.id,
        attempt.run,
        run["workflow"],
        attempt.stage,
        attempt.element or "",
        attempt.call,
        attempt.number,
        attempt.request,
        attempt.response or "",
        attempt.model_class,
        attempt.model_requested,
        attempt.model_served or "",
        attempt.outcome,
        attempt.sent_at,
        attempt.ended_at or "",
        seconds_between(attempt.sent_at, attempt.ended_at),
        attempt.reserved,
        attempt.incurred,
        attempt.input_tokens,
        attempt.cached_tokens,
        attempt.output_tokens,
        attempt.reasoning_tokens,
        attempt.price_table or "",
        error_code(attempt.error),
        error_text(attempt.error),
    )


def artefact_entry(number: int, row: ArtefactRow, run: Mapping[str, str]) -> Entry:
    """An emission, with what its run is."""
    return (
        number,
        row.run,
        run["workflow"],
        row.stage,
        run["subject"],
        row.path,
        row.digest,
        row.mark,
        row.action,
        row.recorded_at,
    )


def event_entry(number: int, event: Event) -> Entry:
    """An event."""
    return number, event.kind, event.subject, event.detail, event.recorded_at, event.run or ""


def judgement_entry(number: int, word: JudgementRow) -> Entry:
    """What a person said; the claim comes later."""
    return (
        number,
        word.output,
        word.claim,
        word.ordinal,
        word.verdict,
        word.who,
        word.reason,
        word.recorded_at,
    )


def packet_entry(number: int, packet: PacketRecord, run: Mapping[str, str]) -> Entry:
    """The record of a packet, with what its first run is."""
    slices = " ".join(packet.slices)
    return (
        number,
        packet.packet,
        packet.run,
        run["workflow"],
        run["subject"],
        slices,
        run["started_at"],
    )


def parameters_text(parameters: Mapping[str, Any]) -> str:
    """Parameters on one line.

    Example:
        >>> parameters_text({"student": "maya", "week": 7})
        'student=maya week=7'
    """
    return " ".join(f"{name}={_plain(value)}" for name, value in parameters.items())


def checks_text(checks: str) -> str:
    """The checks of a claim on one line, each with its outcome.

    Example:
        >>> checks_text('[{"name":"numbers","outcome":"fail","by":"rule"}]')
        'numbers:fail'
    """
    found = _listed(checks)
    return " ".join(f"{one.get('name', '')}:{one.get('outcome', '')}" for one in found)


def error_code(error: Mapping[str, Any] | None) -> str:
    """The stable code of an error."""
    return str(error.get("code", "")) if error else ""


def error_text(error: Mapping[str, Any] | None) -> str:
    """What an error says, and its facts, on one line."""
    if not error:
        return ""
    facts = error.get("facts")
    named = cast("dict[str, Any]", facts) if isinstance(facts, dict) else {}
    said = [f"{name}: {value}" for name, value in named.items()]
    return "; ".join([str(error.get("sentence", "")), *said])


def seconds_between(begin: str, end: str | None) -> float | None:
    """The seconds from one stored moment to another; None where one is missing or no moment.

    Example:
        >>> seconds_between("2026-03-01T09:30:00.000000Z", "2026-03-01T09:30:01.500000Z")
        1.5
    """
    try:
        took = datetime.fromisoformat(end or "") - datetime.fromisoformat(begin)
    except ValueError:
        return None
    return took.total_seconds()


def distinct(values: Iterable[str | None]) -> set[str]:
    """The values that are there."""
    return {value for value in values if value}


def _listed(text: str) -> list[Mapping[str, Any]]:
    try:
        found = orjson.loads(text)
    except ValueError:
        return []
    listed = cast("list[Any]", found) if isinstance(found, list) else []
    return [cast("Mapping[str, Any]", one) for one in listed if isinstance(one, dict)]


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _yes(holds: bool) -> str:  # noqa: FBT001 - the value is a truth
    return "yes" if holds else "no"
