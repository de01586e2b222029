"""Bringing one stage to its end: look up, wait for who executes it, or execute and commit."""

from dataclasses import replace

from atelier.cache.explain import Reason, ReasonKind
from atelier.kernel.errors import AtelierError, SetupError, StageError
from atelier.ledger.rows import Outcome, Row
from atelier.ledger.store import Commit, OvertakenError
from atelier.orchestrate.engine import Assignment
from atelier.orchestrate.estimate import Estimate
from atelier.orchestrate.events import StageBegan, StageEnded
from atelier.orchestrate.execute import Job
from atelier.orchestrate.flights import Flight
from atelier.orchestrate.handed import stage_packet
from atelier.orchestrate.history import recent_history
from atelier.orchestrate.mapped import MappedJob, PartialError, next_draw
from atelier.orchestrate.order import commit_in_order, require_ended, stand
from atelier.orchestrate.outcome import StageResult
from atelier.orchestrate.prepare import Found, Prepared, prepare, verified
from atelier.orchestrate.reasons import reasons_for, sentence
from atelier.orchestrate.recipes import binding_for
from atelier.orchestrate.record import (
    Place,
    answered,
    commit_of,
    failed_row,
    recorded,
    result_of,
    reused_row,
)
from atelier.orchestrate.state import RunState
from atelier.orchestrate.wiring import Node

SAME_KEY = "same key"


async def settle(state: RunState, node: Node) -> StageResult:
    """A stage's end in this run: reused, ran, failed or blocked; its row is written either way.

    A pure stage may begin on a value that is not durable yet. Should the ledger come to hold
    another one, by a process that took the key's lease over, the stage is brought to its end anew.
    """
    asks = binding_for(node, state.runtime) is not None
    if asks or node.mapped:  # nothing is spent on what may be overtaken
        await state.wave.ended(node.upstream)
    while True:
        try:
            return await _settle(state, node)
        except OvertakenError:
            await state.wave.ended(node.upstream)


async def _settle(state: RunState, node: Node) -> StageResult:
    blocked = tuple(
        wire.source
        for wire in node.wires
        if wire.source in state.outputs and state.outputs[wire.source] is None and not wire.optional
    )
    if blocked:
        return _ended(state, _blocked_row(state, node, blocked))
    try:
        prepared = prepare(node, state.recipes[node.name], state.hands, outputs=state.outputs)
    except StageError as error:
        require_ended(state, node)
        return _ended(state, failed_row(state, node.name, error=error.as_json()))
    assignment = Assignment(state.id, node.name, prepared.key)
    engine = state.runtime.engine
    if not prepared.sound:  # its value serves this run only, so nobody else waits for it
        return await engine.execute(assignment, lambda: _execute(state, prepared, None))
    async with state.runtime.flights.alone(prepared.key) as flight:
        found = await _lookup(state, prepared)
        if found is not None and found.data is not None:
            return await _reused(state, prepared, found)
        return await engine.execute(
            assignment, lambda: _leased(state, prepared, found, flight=flight)
        )


async def _lookup(state: RunState, prepared: Prepared) -> Found | None:
    """The value that may be served: none where a new one is wanted."""
    if prepared.node.name in state.options.refresh:
        return None
    return verified(state.runtime, await state.runtime.flights.values(prepared.key))


async def _leased(
    state: RunState, prepared: Prepared, found: Found | None, *, flight: Flight
) -> StageResult:
    """Execute once no other process does, unless one of them has brought the value meanwhile."""
    if not await flight.lease():
        found = await _lookup(state, prepared)
        if found is not None and found.data is not None:
            return await _reused(state, prepared, found)
    return await _execute(state, prepared, found)


async def _execute(state: RunState, prepared: Prepared, found: Found | None) -> StageResult:
    node = prepared.node
    reason = sentence(_reasons(state, prepared, found))
    state.options.observe(StageBegan(node.name, reason))
    binding = binding_for(node, state.runtime)
    asks = binding is not None and not binding.offline
    expected = recent_history(state, node) if asks else None
    job = MappedJob(state, prepared, reason) if node.mapped else Job(state, prepared)
    began = state.runtime.clock.seconds()
    try:
        done = await job.execute()
    except (StageError, SetupError) as error:
        row = failed_row(state, node.name, error=error.as_json(), reason=reason)
        seconds = round(state.runtime.clock.seconds() - began, 6)
        row = replace(row, seconds=seconds, **answered(job.asked, binding, run=state.id))
        await stand(state, prepared)
        return await _failed(state, prepared, row, error=error)
    current = found.row if found else _current(state, prepared)
    draw = next_draw(current, done.output, refresh=node.name in state.options.refresh)
    place = Place(key=prepared.key, draw=draw, reason=reason, binding=binding)
    committed = await commit_in_order(
        state, commit_of(state, prepared, done, place=place), prepared
    )
    state.runtime.recorded.add(prepared.recipe.record[0])
    for unseen in done.unseen:
        state.warn(unseen.told_of(node.name))
    row = committed.rows[-1]
    if row.output == done.output:
        state.hands.keep(done.output, done.data)
    return _ended(state, row, missing=prepared.missing, expected=expected, kept=True)


async def _failed(
    state: RunState, prepared: Prepared, row: Row, *, error: AtelierError
) -> StageResult:
    """Commit a failure with the components of its key: the next run is compared with it."""
    components, blobs = recorded(state, prepared)
    packet, input_digest = stage_packet(prepared.handed)
    row = replace(
        row,
        input=input_digest,
        consumed=tuple(item.consumed() for item in prepared.handed),
        key=prepared.key,
        recipe=prepared.recipe.digest,
        sound=prepared.sound,
        components=components,
    )
    if isinstance(error, PartialError):
        row = replace(row, manifest=error.manifest)
        blobs = {**blobs, **error.blobs}
    await state.commit(Commit(rows=(row,), blobs={**blobs, input_digest: packet}))
    return _ended(state, row, kept=True)


def _reasons(state: RunState, prepared: Prepared, found: Found | None) -> list[Reason]:
    because = state.options.refresh.get(prepared.node.name)
    if because is not None:
        return [Reason(ReasonKind.REFRESHED, because)]
    if found is not None:
        return [Reason(ReasonKind.DAMAGED, found.row.output or "")]
    return reasons_for(prepared, state)


def _current(state: RunState, prepared: Prepared) -> Row | None:
    """The row of the key's current draw; it matters only where a value is wanted anew."""
    if prepared.node.name not in state.options.refresh:
        return None
    return state.runtime.ledger.find_values([prepared.key]).get(prepared.key)


async def _reused(state: RunState, prepared: Prepared, found: Found) -> StageResult:
    await stand(state, prepared)
    row = reused_row(state, prepared, source=found.row, reason=SAME_KEY)
    if row.output is not None and found.data is not None:
        state.hands.keep(row.output, found.data)
    return _ended(state, row, missing=prepared.missing)


def _blocked_row(state: RunState, node: Node, by: tuple[str, ...]) -> Row:
    error = {
        "code": "stage.blocked",
        "sentence": f"Stage {node.name!r} needs what {', '.join(by)} did not give.",
        "facts": {"needs": ", ".join(by)},
        "next_step": "Mend that stage and run again; what succeeded is reused.",
    }
    row = failed_row(state, node.name, error=error, reason=f"needs {', '.join(by)}")
    return replace(row, outcome=Outcome.BLOCKED)


def _ended(
    state: RunState,
    row: Row,
    *,
    missing: tuple[str, ...] = (),
    expected: Estimate | None = None,
    kept: bool = False,
) -> StageResult:
    """Note a stage's end; a row that is not kept yet waits for the next commit."""
    if not kept:
        state.later(row)
    result = state.finish(result_of(row, missing=missing, expected=expected))
    state.options.observe(StageEnded(result))
    return result
