"""Serving a run whole: the same packet went through the same workflow before."""

from typing import Any

from atelier.ledger.rows import Outcome, Row, RunRecord, RunStatus
from atelier.ledger.store import Commit
from atelier.orchestrate.closing import Ending, ended, run_of
from atelier.orchestrate.emit import find_print, republish
from atelier.orchestrate.events import RunBegan, RunEnded, StageEnded
from atelier.orchestrate.opening import started
from atelier.orchestrate.outcome import Run, StageResult
from atelier.orchestrate.record import result_of
from atelier.orchestrate.state import RunState


def servable(state: RunState, record: RunRecord | None) -> tuple[RunRecord, list[Row]] | None:
    """A run that can be served whole: all its values are in the store, undamaged."""
    if record is None:
        return None
    rows = list(state.runtime.ledger.iter_stage_rows(record.start.run))
    read = state.runtime.content.read
    for row in rows:
        data = read(row.output) if row.output is not None else None
        if row.output is None or data is None:
            return None
        state.hands.keep(row.output, data)
    if state.graph.artefact is not None and find_print(state, record.start.run) is None:
        return None
    return record, rows


async def serve(
    state: RunState, served: tuple[RunRecord, list[Row]], key: str, *, began: float
) -> Run[Any]:
    """Serve a run: its artefact is emitted anew, and one row names where it came from."""
    record, rows = served
    source = record.start.run
    for row in rows:
        state.finish(_reused(row, source))
    emitted = republish(state, source)
    hit = Row(
        run=state.id,
        stage="",
        outcome=Outcome.RUN_HIT,
        reason=f"served from run {source}",
        recorded_at=state.now(),
        key=key,
        served_from=rows[0].seq if rows else None,
        original=sum(row.original or 0 for row in rows),
        avoided=sum(row.original or 0 for row in rows),
    )
    seconds = state.runtime.clock.seconds() - began
    end = ended(state, RunStatus.COMPLETE, seconds, served_from=source)
    await state.commit(Commit(start=started(state, key), rows=(hit,), end=end))
    state.options.observe(RunBegan(state.id, state.graph.workflow, tuple(state.graph.nodes)))
    for result in state.results.values():
        state.options.observe(StageEnded(result))
    state.options.observe(RunEnded(state.id, RunStatus.COMPLETE.value))
    return run_of(state, Ending(RunStatus.COMPLETE, emitted, seconds, source))


def _reused(row: Row, source: str) -> StageResult:
    result = result_of(row)
    return StageResult(
        stage=result.stage,
        outcome=Outcome.REUSED,
        reason=f"run {source}",
        key=result.key,
        output=result.output,
        avoided=row.original,
    )
