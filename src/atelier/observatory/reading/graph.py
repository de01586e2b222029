"""The stages of a run as a graph, from what the ledger recorded: no project is needed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from atelier.ledger.rows import Attempt, Row, RunRecord, RunStatus, Supply
from atelier.ledger.standing import standing_of
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.causes import Cause, Causes
from atelier.observatory.starting import Ahead

# Earlier runs that are looked through for one of the same workflow, while a run is under way.
_LOOKED = 50
# A stage without a row, when it has been heard of and when not: while its run goes on, and after.
_UNDER_WAY = ("running", "waiting")
_OVER = ("interrupted", "not_begun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Where a value was made: the row that produced it, its run, and why it ran there."""

    seq: int
    run: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One stage's output as another's input; `is_cause` where it made the other run again."""

    source: str
    target: str
    parameter: str
    is_cause: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A stage in a run: how it ended and why, what it took, and where its value was made.

    `outcome` is the row's, or `running` or `waiting` where it has none yet; `interrupted` or
    `not_begun` where it will never have one. Money is micros of a dollar; None is unknown.
    """

    stage: str
    outcome: str
    seq: int | None = None
    reason: str = ""
    cause: Cause | None = None
    slices: tuple[str, ...] = ()
    seconds: float = 0.0
    incurred: int | None = 0
    avoided: int | None = 0
    requests: int = 0
    attempts: int = 0
    retries: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    model_class: str | None = None
    model_requested: str | None = None
    model_served: str | None = None
    citations: int | None = None
    decided_by: str | None = None
    output: str | None = None
    made: Made | None = None
    elements: Mapping[str, int] = field(default_factory=dict[str, int])
    sound: bool = True
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """Stages in an order in which each stands behind what it reads, and the edges between them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph_of(
    archive: Archive, run: RunRecord, rows: Sequence[Row], *, ahead: Ahead | None = None
) -> Graph:
    """The graph of a run, whole or under way.

    While it is under way, or was stopped, the stages that have not ended are those that are
    `ahead`; where nobody here knows, those that its workflow had in the run before.
    """
    causes = Causes(archive, run, rows)
    attempts = list(archive.ledger.iter_attempts(run.start.run))
    known = [archive.original(row) for row in rows]
    wired = [
        _wired(archive, run.start.workflow, (row, source))
        for row, source in zip(rows, known, strict=True)
    ]
    nodes = [
        _node(archive, causes, (row, source), attempts=attempts)
        for row, source in zip(rows, known, strict=True)
    ]
    ended = {row.stage for row in rows}
    wires = _coming(archive, run, ahead, ended=ended)
    under_way = {one.stage for one in attempts} - ended
    under_way |= ahead.under_way - ended if ahead else set()
    expected = list(wires)
    begun, coming = _UNDER_WAY if standing_of(run) == RunStatus.RUNNING else _OVER
    for stage in (*expected, *sorted(under_way - set(expected))):
        state = begun if stage in under_way else coming
        tries = [one for one in attempts if one.stage == stage]
        nodes.append(Node(stage=stage, outcome=state, attempts=len(tries)))
    edges = [
        Edge(
            source=source,
            target=row.stage,
            parameter=parameter,
            is_cause=parameter in causes.of(row.stage).inputs,
        )
        for row, wiring in zip(rows, wired, strict=True)
        for parameter, source in wiring
    ]
    edges += [
        Edge(source=source, target=stage, parameter=parameter)
        for stage, each in wires.items()
        for parameter, source in each
    ]
    return Graph(_ordered(nodes, edges), tuple(edges))


def made_of(row: Row, source: Row) -> Made | None:
    """Where a row's value was made, where that is another row."""
    if source is row or (source.seq == row.seq and source.run == row.run):
        return None
    return Made(seq=source.seq, run=source.run, reason=source.reason)


def _wired(archive: Archive, workflow: str, ended: tuple[Row, Row]) -> tuple[tuple[str, str], ...]:
    """Parameter and stage of what a stage read; of one that never began, as it was before."""
    row, source = ended
    consumed = row.consumed or source.consumed
    if not consumed:
        before = archive.ledger.find_candidates([row.stage], workflow=workflow, limit=1)
        consumed = before[0].consumed if before else ()
    found = [(item.parameter, item.source) for item in consumed if item.supply is Supply.STAGE]
    needs = str((row.error or {}).get("facts", {}).get("needs", ""))
    named = [name for name in needs.split(", ") if name and row.outcome.value == "blocked"]
    known = {stage for _, stage in found}
    return (*found, *((name, name) for name in named if name not in known))


def _node(
    archive: Archive,
    causes: Causes,
    ended: tuple[Row, Row],
    *,
    attempts: Sequence[Attempt],
) -> Node:
    row, source = ended
    tries = [one for one in attempts if one.stage == row.stage]
    return Node(
        stage=row.stage,
        outcome=row.outcome.value,
        seq=row.seq,
        reason=row.reason,
        cause=causes.of(row.stage),
        slices=tuple(
            item.source for item in source.consumed if item.supply in {Supply.SLICE, Supply.PACKET}
        ),
        seconds=row.seconds,
        incurred=row.incurred,
        avoided=row.avoided,
        requests=row.requests,
        attempts=len(tries),
        retries=len(tries) - len({one.call for one in tries}),
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        model_class=row.model_class,
        model_requested=row.model_requested,
        model_served=row.model_served,
        citations=row.citations,
        decided_by=row.decided_by,
        output=row.output,
        made=made_of(row, source),
        elements=_elements(archive, row),
        sound=row.sound,
        error=row.error,
    )


def _elements(archive: Archive, row: Row) -> dict[str, int]:
    """How many elements of a mapped stage ended how."""
    manifest: Mapping[str, Any] | None = archive.value(row.manifest)
    return dict(Counter(entry["outcome"] for entry in manifest["of"])) if manifest else {}


def _coming(
    archive: Archive, run: RunRecord, ahead: Ahead | None, *, ended: set[str]
) -> dict[str, Sequence[tuple[str, str]]]:
    """The stages that have not ended, each with the parameters and stages that it reads."""
    if run.status not in {RunStatus.RUNNING, RunStatus.INTERRUPTED}:
        return {}
    wires = ahead.wires if ahead else _before(archive, run)
    return {stage: each for stage, each in wires.items() if stage not in ended}


def _before(archive: Archive, run: RunRecord) -> dict[str, Sequence[tuple[str, str]]]:
    """What each stage of the workflow read in an earlier run."""
    before = archive.ledger.iter_runs(limit=_LOOKED, before=run.start.run)
    same = (other for other in before if other.start.workflow == run.start.workflow)
    rows = (
        row for other in islice(same, 1) for row in archive.ledger.iter_stage_rows(other.start.run)
    )
    return {
        row.stage: [
            (item.parameter, item.source)
            for item in archive.original(row).consumed
            if item.supply is Supply.STAGE
        ]
        for row in rows
    }


def _ordered(nodes: Sequence[Node], edges: Sequence[Edge]) -> tuple[Node, ...]:
    """The nodes, each behind those that it reads; else in the order in which they ended."""
    waiting = {node.stage: node for node in nodes}
    above: dict[str, set[str]] = {}
    for edge in edges:
        above.setdefault(edge.target, set()).add(edge.source)
    found: list[Node] = []
    while waiting:
        ready = next(
            (name for name in waiting if not above.get(name, set()) & (waiting.keys() - {name})),
            next(iter(waiting)),  # no workflow has a circle; a damaged record may
        )
        found.append(waiting.pop(ready))
    return tuple(found)
