"""Closing a run: what the ledger is told of its end, and what the caller gets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from atelier.ledger.rows import RunEnd, RunStatus
from atelier.orchestrate.outcome import Emitted, Run
from atelier.orchestrate.state import RunState


@dataclass(frozen=True, slots=True)
class Ending:
    """What is known of a run when everything is durable."""

    status: RunStatus
    emitted: Emitted | None
    seconds: float
    source: str | None = None


def run_of(state: RunState, end: Ending) -> Run[Any]:
    """The run as its caller sees it."""
    graph = state.graph
    return Run(
        id=state.id,
        workflow=graph.workflow,
        status=end.status,
        served="cache" if end.source else "run",
        served_from=end.source,
        packet=state.evidence.digests.packet,
        stages=tuple(state.results[name] for name in graph.nodes if name in state.results),
        artefact=end.emitted,
        warnings=tuple(state.warnings),
        seconds=end.seconds,
        artefact_stage=graph.artefact.stage.name if graph.artefact else None,
        read=_reader(state),
    )


def _reader(state: RunState) -> Callable[[str, str], Any]:
    nodes, data = state.graph.nodes, state.hands.data
    return lambda stage, digest: nodes[stage].output.decode(data(digest))


def ended(
    state: RunState, status: RunStatus, seconds: float, *, served_from: str | None = None
) -> RunEnd:
    """The run as it ends, for the ledger."""
    return RunEnd(
        run=state.id,
        status=status,
        ended_at=state.now(),
        sound=all(result.sound for result in state.results.values()),
        served_from=served_from,
        seconds=round(seconds, 6),
    )
