"""A run as its page shows it: what it was, its graph with the reason of each stage, what came out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atelier.cache.parts import Unseen
from atelier.kernel.money import total
from atelier.ledger.rows import ArtefactRow, Event, Row, RunRecord
from atelier.ledger.standing import standing_of
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.graph import Graph, Node, graph_of
from atelier.observatory.reading.review import gives_review
from atelier.observatory.starting import Ahead

# Of the newest events, how many are looked through for those of a run.
_EVENTS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Emitted:
    """An artefact of a run: where it was put, and what was done there."""

    seq: int
    stage: str
    path: str
    digest: str
    mark: str
    action: str
    recorded_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """One run, whole or under way. Money is micros of a dollar; None is unknown."""

    run: str
    workflow: str
    status: str
    is_live: bool
    sound: bool
    served_from: str | None
    started_at: str
    ended_at: str | None
    seconds: float | None
    target: str
    scope: str
    namespace: str
    subject: str | None
    parameters: Mapping[str, Any]
    packet: str
    run_key: str
    versions: Mapping[str, str]
    incurred: int | None
    avoided: int | None
    requests: int
    input_tokens: int | None
    output_tokens: int | None
    graph: Graph
    artefacts: tuple[Emitted, ...]
    is_reviewed: bool
    compared_run: str | None
    warnings: tuple[str, ...]
    errors: tuple[Mapping[str, Any], ...]


def view_run(archive: Archive, run: RunRecord, ahead: Ahead | None = None) -> RunView:
    """The value behind the page of a run; it may be made again and again while the run goes on.

    `ahead` is what the run will do yet, where that is known.
    """
    archive = archive.remembering()
    rows = list(archive.ledger.iter_stage_rows(run.start.run))
    graph = graph_of(archive, run, rows, ahead=ahead)
    emitted = tuple(
        emitted_of(row)
        for row in archive.ledger.iter_artefacts(run=run.served_from or run.start.run)
    )
    start = run.start
    status = standing_of(run)
    return RunView(
        run=start.run,
        workflow=start.workflow,
        status=status,
        is_live=status == "running",
        sound=run.sound,
        served_from=run.served_from,
        started_at=start.started_at,
        ended_at=run.ended_at,
        seconds=run.seconds,
        target=start.target,
        scope=start.scope,
        namespace=start.namespace,
        subject=start.subject,
        parameters=dict(start.parameters),
        packet=start.packet,
        run_key=start.run_key,
        versions=dict(start.versions),
        incurred=total(row.incurred for row in rows),
        avoided=total(row.avoided for row in rows),
        requests=sum(row.requests for row in rows),
        input_tokens=_tokens(row.input_tokens for row in rows if row.requests),
        output_tokens=_tokens(row.output_tokens for row in rows if row.requests),
        graph=graph,
        artefacts=emitted,
        is_reviewed=any(gives_review(archive, row) for row in rows),
        compared_run=_compared(graph.nodes),
        warnings=tuple(_warnings(archive, run, rows, emitted=emitted)),
        errors=tuple({"stage": row.stage, **row.error} for row in rows if row.error),
    )


def emitted_of(row: ArtefactRow) -> Emitted:
    """An emission as a page names it."""
    return Emitted(
        seq=row.seq,
        stage=row.stage,
        path=row.path,
        digest=row.digest,
        mark=row.mark,
        action=row.action,
        recorded_at=row.recorded_at,
    )


def _tokens(amounts: Iterator[int | None]) -> int | None:
    known = list(amounts)
    return total(known) if known else None


def _compared(nodes: Sequence[Node]) -> str | None:
    """The newest run that a stage of this one was compared with."""
    found = [node.cause.compared_run for node in nodes if node.cause]
    return max((run for run in found if run), default=None)


def _warnings(
    archive: Archive, run: RunRecord, rows: Sequence[Row], *, emitted: Sequence[Emitted]
) -> Iterator[str]:
    unseen = ((row.stage, Unseen(**item)) for row in rows for item in row.unseen)
    yield from dict.fromkeys(item.told_of(stage) for stage, item in unseen)
    for item in emitted:
        if item.action == "kept":
            yield f"What stood at the artefact's path was kept; this run's is {item.path}"
    for event in archive.ledger.iter_events(limit=_EVENTS):
        if event.run == run.start.run:
            yield _told(event)


def _told(event: Event) -> str:
    return f"{event.kind}: {event.subject} {event.detail}".strip()
