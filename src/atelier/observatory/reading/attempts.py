"""What a stage asked a model, as it was sent, and what came back, as it was received."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from atelier.kernel.errors import IntegrityError
from atelier.ledger.rows import Attempt
from atelier.models.receipt import parse_receipt
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.text import Text, bounded


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a prompt."""

    role: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request as it was sent: what the model was bound to, its turns, and the form it must keep."""

    digest: str
    system: Text | None = None
    turns: tuple[Turn, ...] = ()
    binding: Mapping[str, Any] | None = None
    schema: Mapping[str, Any] | None = None
    is_missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An answer as it was received; `status` where it came over HTTP."""

    digest: str
    status: int | None = None
    headers: Mapping[str, str] | None = None
    body: Text | None = None
    is_missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """One request to a model with its outcome. Money is micros of a dollar; None is unknown."""

    id: str
    number: int
    run: str
    stage: str
    element: str | None
    call: str
    outcome: str
    sent_at: str
    ended_at: str | None
    seconds: float | None
    model_class: str
    model_requested: str
    model_served: str | None
    input_tokens: int | None
    cached_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    reserved: int | None
    incurred: int | None
    price_table: str | None
    error: Mapping[str, Any] | None
    sent: Sent
    received: Received | None


def view_attempt(archive: Archive, attempt: Attempt) -> AttemptView:
    """The value behind one attempt."""
    return AttemptView(
        id=attempt.id,
        number=attempt.number,
        run=attempt.run,
        stage=attempt.stage,
        element=attempt.element,
        call=attempt.call,
        outcome=attempt.outcome,
        sent_at=attempt.sent_at,
        ended_at=attempt.ended_at,
        seconds=seconds_between(attempt.sent_at, attempt.ended_at),
        model_class=attempt.model_class,
        model_requested=attempt.model_requested,
        model_served=attempt.model_served,
        input_tokens=attempt.input_tokens,
        cached_tokens=attempt.cached_tokens,
        output_tokens=attempt.output_tokens,
        reasoning_tokens=attempt.reasoning_tokens,
        reserved=attempt.reserved,
        incurred=attempt.incurred,
        price_table=attempt.price_table,
        error=attempt.error,
        sent=_sent(archive, attempt.request),
        received=_received(archive, attempt.response) if attempt.response else None,
    )


def seconds_between(began: str, ended: str | None) -> float | None:
    """How long something took, by its two moments.

    Example:
        >>> seconds_between("2026-03-01T10:00:00.000Z", "2026-03-01T10:00:01.500Z")
        1.5
    """
    if ended is None:
        return None
    took = datetime.fromisoformat(ended) - datetime.fromisoformat(began)
    return round(took.total_seconds(), 6)


def _sent(archive: Archive, digest: str) -> Sent:
    value: Mapping[str, Any] | None = archive.value(digest)
    if value is None:
        return Sent(digest=digest, is_missing=True)
    system = value.get("system")
    return Sent(
        digest=digest,
        system=bounded(system) if system else None,
        turns=tuple(Turn(turn["role"], bounded(turn["text"])) for turn in value["messages"]),
        binding=value["binding"],
        schema=value["schema"],
    )


def _received(archive: Archive, digest: str) -> Received:
    data = archive.read(digest)
    if data is None:
        return Received(digest=digest, is_missing=True)
    try:
        receipt = parse_receipt(data)
    except IntegrityError:  # a client of one's own keeps what it likes
        return Received(digest=digest, body=bounded(data.decode(errors="replace")))
    body = bounded(receipt.body.decode(errors="replace"))
    return Received(digest=digest, status=receipt.status, headers=receipt.headers, body=body)
