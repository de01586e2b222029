"""A row as its page shows it: what went in, what was asked, what came out, and who used it since."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from atelier.isilon.origin import Origin
from atelier.ledger.rows import Attempt, Consumed, Row, RunRecord, Supply
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.attempts import AttemptView, view_attempt
from atelier.observatory.reading.causes import Cause, Causes
from atelier.observatory.reading.changes import Explained, explain_row
from atelier.observatory.reading.elements import ElementRun, elements_of_row
from atelier.observatory.reading.graph import Made, made_of
from atelier.observatory.reading.packet_record import PacketContent, find_packet
from atelier.observatory.reading.text import Text, blob_text, value_text

# How many of each a page carries; `left_out` says where there are more.
ATTEMPTS = 200
ORIGINS = 200
REUSES = 50
# Of one component's text: the code and prompts of a stage are many.
COMPONENT = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input: what was handed over, what it was cut from, and where that came from.

    `made` is the row whose output it is, where another stage gave it.
    """

    parameter: str
    supply: str
    source: str
    digest: str
    whole: str
    is_lens: bool
    elements: int | None
    origins: tuple[Origin, ...]
    value: Text | None
    made: Made | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One thing that the key holds, and what it covers; its text where it is kept."""

    label: str
    covers: str
    digest: str
    text: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """One row of the ledger. Money is micros of a dollar; None is unknown.

    Of a reused row, inputs, components, attempts and explanation are those of the row that made its
    value; `made` names it.
    """

    seq: int
    run: str
    workflow: str
    stage: str
    outcome: str
    reason: str
    cause: Cause | None
    recorded_at: str
    element: str | None
    key: str | None
    draw: int
    recipe: str | None
    sound: bool
    made: Made | None
    model_class: str | None
    model_requested: str | None
    model_served: str | None
    requests: int
    input_tokens: int | None
    cached_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    incurred: int | None
    original: int | None
    avoided: int | None
    price_table: str | None
    seconds: float
    citations: int | None
    decided_by: str | None
    error: Mapping[str, Any] | None
    unseen: tuple[Mapping[str, str], ...]
    inputs: tuple[Input, ...]
    components: tuple[Component, ...]
    explained: Explained
    attempts: tuple[AttemptView, ...]
    attempts_left_out: int
    elements: tuple[ElementRun, ...]
    output: str | None
    value: Text | None
    aside: Text | None
    read_by: tuple[str, ...]
    reused_by: tuple[str, ...]
    reuses: int
    missing: tuple[str, ...]


def view_row(archive: Archive, row: Row) -> RowView:
    """The value behind the page of a row: of a stage in a run, or of one of its elements."""
    archive = archive.remembering()
    source = archive.original(row)
    run = archive.ledger.find_run(row.run)
    made_in = archive.ledger.find_run(source.run) or run
    if run is None or made_in is None:  # the ledger's own rule: a row is of a run
        raise AssertionError(row.run)
    stages = list(archive.ledger.iter_stage_rows(row.run))
    asked = _asked(archive, source)
    users = _users(archive, source)
    return RowView(
        seq=row.seq,
        run=row.run,
        workflow=run.start.workflow,
        stage=row.stage,
        outcome=row.outcome.value,
        reason=row.reason,
        cause=Causes(archive, run, stages).of(row.stage) if row.element is None else None,
        recorded_at=row.recorded_at,
        element=row.element,
        key=row.key,
        draw=row.draw,
        recipe=row.recipe,
        sound=row.sound,
        made=made_of(row, source),
        model_class=row.model_class,
        model_requested=row.model_requested,
        model_served=row.model_served,
        requests=row.requests,
        input_tokens=row.input_tokens,
        cached_tokens=row.cached_tokens,
        output_tokens=row.output_tokens,
        reasoning_tokens=row.reasoning_tokens,
        incurred=row.incurred,
        original=row.original,
        avoided=row.avoided,
        price_table=row.price_table,
        seconds=row.seconds,
        citations=row.citations,
        decided_by=row.decided_by,
        error=row.error,
        unseen=row.unseen,
        inputs=tuple(_inputs(archive, source, made_in)),
        components=tuple(_components(archive, source)),
        explained=explain_row(archive, made_in, source),
        attempts=tuple(view_attempt(archive, one) for one in asked[:ATTEMPTS]),
        attempts_left_out=max(len(asked) - ATTEMPTS, 0),
        elements=tuple(elements_of_row(archive, run, row)),
        output=row.output,
        value=value_text(archive, row.output),
        aside=value_text(archive, source.aside),
        read_by=tuple(_readers(stages, row)),
        reused_by=tuple(users[:REUSES]),
        reuses=len(users),
        missing=tuple(_missing(archive, row, source)),
    )


def _asked(archive: Archive, source: Row) -> Sequence[Attempt]:
    """The attempts of a row: of one of its elements, those that asked for it."""
    found = archive.ledger.iter_attempts(source.run, source.stage)
    return [one for one in found if source.element in {None, one.element}]


def _users(archive: Archive, row: Row) -> list[str]:
    """The runs that were served the value that this row made, newest first."""
    return [run for run in archive.ledger.iter_reuses(row.seq) if run != row.run]


def _readers(stages: Sequence[Row], row: Row) -> Iterator[str]:
    """The stages of the same run that read what this one gave."""
    for other in stages:
        read = (item for item in other.consumed if item.supply is Supply.STAGE)
        if any(item.source == row.stage for item in read):
            yield other.stage


def _inputs(archive: Archive, source: Row, run: RunRecord) -> Iterator[Input]:
    packet = find_packet(archive, run.start.packet)
    makers = {row.stage: row for row in archive.ledger.iter_stage_rows(source.run)}
    for item in source.consumed:
        made = _maker(archive, makers.get(item.source), item)
        yield _input(archive, item, packet, made=made)
        if item.supply is Supply.PACKET and packet is not None:
            # Who reads the packet reads each of its slices, whole.
            for name, part in packet.slices.items():
                within = Consumed(
                    parameter=f"{item.parameter}.{name}",
                    supply=Supply.SLICE,
                    source=name,
                    digest=part.digest,
                    whole=part.digest,
                )
                yield _input(archive, within, packet, made=None)


def _input(
    archive: Archive, item: Consumed, packet: PacketContent | None, *, made: Made | None
) -> Input:
    known = archive.value(item.whole)
    part = packet.slices.get(item.source) if packet and item.supply is Supply.SLICE else None
    return Input(
        parameter=item.parameter,
        supply=item.supply.value,
        source=item.source,
        digest=item.digest,
        whole=item.whole,
        is_lens=item.digest != item.whole,
        elements=len(cast("list[Any]", known)) if isinstance(known, list) else None,
        origins=tuple(part.origins[:ORIGINS]) if part else (),
        value=value_text(archive, item.digest),
        made=made,
    )


def _maker(archive: Archive, row: Row | None, item: Consumed) -> Made | None:
    if item.supply is not Supply.STAGE or row is None:
        return None
    source = archive.original(row)
    return Made(seq=source.seq, run=source.run, reason=source.reason)


_COVERS = {
    "scope": "the tenant whose values these are",
    "code": "the stage's function and all that it calls",
    "rules": "the version of a built-in stage's rules",
    "stand-in": "what answers in place of a model, and all that it calls",
    "prompt": "a file of the prompt, as it stands",
    "schema": "the form of the output",
    "model": "the model class, what it is bound to, and how it is sampled",
    "option": "an option of the stage",
    "scheme": "how a key or a prompt is made",
    "library": "the installed version of a library that it reaches",
}


def _components(archive: Archive, source: Row) -> Iterator[Component]:
    record: Mapping[str, Mapping[str, str]] = archive.value(source.components) or {}
    for label, item in record.items():
        prefix, _, subject = label.partition("/")
        covers = _COVERS.get(prefix, "a part of the key")
        yield Component(
            label=label,
            covers=f"{covers}: {subject}" if subject else covers,
            digest=item["digest"],
            text=blob_text(archive, item.get("text"), COMPONENT),
        )


def _missing(archive: Archive, row: Row, source: Row) -> Iterator[str]:
    """What this page cannot show because it is gone from the store."""
    if row.output is not None and archive.read(row.output) is None:
        yield "The bytes of the output are gone from the store."
    if source.components is not None and archive.value(source.components) is None:
        yield "The record of what its key covers is gone from the store."
    for item in source.consumed:
        if item.supply is not Supply.PARAMETER and archive.read(item.digest) is None:
            yield f"The bytes of input {item.parameter!r} are gone from the store."
