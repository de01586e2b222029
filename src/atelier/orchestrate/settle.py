"""Bringing one stage to its end: look up, wait for who executes it, or execute and commit."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from atelier.cache.explain import Reason, ReasonKind
from atelier.kernel.errors import StageError
from atelier.ledger.rows import Outcome, Row
from atelier.ledger.store import Commit
from atelier.orchestrate.engine import Assignment
from atelier.orchestrate.events import StageBegan, StageEnded
from atelier.orchestrate.execute import Job
from atelier.orchestrate.graph import Node
from atelier.orchestrate.mapped import PartialError, execute_mapped
from atelier.orchestrate.outcome import StageResult
from atelier.orchestrate.prepare import Found, Prepared, find, prepare
from atelier.orchestrate.reasons import reasons_for, sentence
from atelier.orchestrate.recipes import binding_for
from atelier.orchestrate.record import (
    Execution,
    Place,
    commit_of,
    failed_row,
    result_of,
    reused_row,
)
from atelier.orchestrate.state import RunState

SAME_KEY = "same key"
_POLLS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)


async def settle(state: RunState, node: Node) -> StageResult:
    """A stage's end in this run: reused, ran, failed or blocked; the row is written either way."""
    blocked = tuple(
        wire.source
        for wire in node.wires
        if wire.source in state.outputs and state.outputs[wire.source] is None and not wire.optional
    )
    if blocked:
        return _blocked(state, node, blocked)
    try:
        prepared = prepare(
            node, state.recipes[node.name], state.hands, state.outputs, scope=state.runtime.scope
        )
    except StageError as error:
        return _ended(state, failed_row(state, node.name, None, error=error.as_json()))
    found = _lookup(state, prepared)
    if found is not None and found.data is not None:
        return _reused(state, prepared, found.row)
    assignment = Assignment(state.id, node.name, prepared.key)
    return await state.runtime.engine.execute(assignment, lambda: _flight(state, prepared))


def _lookup(state: RunState, prepared: Prepared) -> Found | None:
    """The value that may be served: none for a key that does not see all, or one to refresh."""
    if not prepared.sound or prepared.node.name in state.options.refresh:
        return None
    return find(state.runtime, prepared.key)


async def _flight(state: RunState, prepared: Prepared) -> StageResult:
    if not prepared.sound:  # its value serves this run only, so nobody else waits for it
        return await _execute(state, prepared, None)

    async def once() -> StageResult | None:
        found = _lookup(state, prepared)
        if found is not None and found.data is not None:
            return _reused(state, prepared, found.row)
        return await _execute(state, prepared, found)

    return await single_flight(state, prepared.key, once)


async def single_flight(
    state: RunState, key: str, once: Callable[[], Awaitable[StageResult | None]]
) -> StageResult:
    """Run `once` while nobody else, in this process or another, is executing the key."""
    runtime = state.runtime
    polls = 0
    while True:
        if not runtime.flights.take([key]):
            await runtime.flights.wait(key)
            continue
        try:
            if runtime.leases.acquire([key], runtime.owner):
                try:
                    done = await once()
                finally:
                    runtime.leases.release([key], runtime.owner)
                if done is not None:
                    return done
        finally:
            runtime.flights.land([key])
        await asyncio.sleep(_POLLS[min(polls, len(_POLLS) - 1)])
        polls += 1


async def _execute(state: RunState, prepared: Prepared, found: Found | None) -> StageResult:
    node = prepared.node
    reason = sentence(_reasons(state, prepared, found))
    state.options.observe(StageBegan(node.name, reason))
    binding = binding_for(node, state.runtime)
    job = Job(state, prepared)
    try:
        done = await (
            execute_mapped(state, prepared, reason=reason) if node.mapped else job.execute()
        )
    except StageError as error:
        attempts = job.asker.attempts if job.asker else ()
        row = failed_row(
            state,
            node.name,
            prepared,
            error=error.as_json(),
            reason=reason,
            attempts=attempts,
            binding=binding,
        )
        if isinstance(error, PartialError):
            row = replace(row, manifest=error.manifest)
            await state.commit(Commit(rows=(row,), blobs=error.blobs))
            return _ended(state, row, keep=False)
        await state.commit(Commit(rows=(row,)))
        return _ended(state, row, keep=False)
    place = Place(
        key=prepared.key, draw=_draw(state, prepared, found, done), reason=reason, binding=binding
    )
    committed = await state.commit(commit_of(state, prepared, done, place=place))
    for unseen in done.unseen:
        state.warn(
            f"{node.name}: {unseen.what} at {unseen.where} is not in its key, so its value serves "
            f"this run only; {unseen.declare}"
        )
    return _ended(state, committed.rows[-1], prepared=prepared, keep=False)


def _reasons(state: RunState, prepared: Prepared, found: Found | None) -> list[Reason]:
    because = state.options.refresh.get(prepared.node.name)
    if because is not None:
        return [Reason(ReasonKind.REFRESHED, because)]
    if found is not None:
        return [Reason(ReasonKind.DAMAGED, found.row.output or "")]
    return reasons_for(prepared, state.runtime, workflow=state.graph.workflow)


def _draw(state: RunState, prepared: Prepared, found: Found | None, done: Execution) -> int:
    """The draw that an execution claims: the next one where a value exists and is not wanted.

    A damaged value that comes out the same again is repaired in place.
    """
    if found is not None:
        return found.row.draw if found.row.output == done.output else found.row.draw + 1
    if prepared.node.name in state.options.refresh:
        current = state.runtime.ledger.find_values([prepared.key]).get(prepared.key)
        return 0 if current is None else current.draw + 1
    return 0


def _reused(state: RunState, prepared: Prepared, source: Row) -> StageResult:
    return _ended(state, reused_row(state, prepared, source, SAME_KEY), prepared=prepared)


def _blocked(state: RunState, node: Node, by: tuple[str, ...]) -> StageResult:
    error = {
        "code": "stage.blocked",
        "sentence": f"Stage {node.name!r} needs what {', '.join(by)} did not give.",
        "facts": {"needs": ", ".join(by)},
        "next_step": "Mend that stage and run again; what succeeded is reused.",
    }
    row = failed_row(
        state,
        node.name,
        None,
        error=error,
        outcome=Outcome.BLOCKED,
        reason=f"needs {', '.join(by)}",
    )
    return _ended(state, row)


def _ended(
    state: RunState, row: Row, *, prepared: Prepared | None = None, keep: bool = True
) -> StageResult:
    """Note a stage's end; `keep` leaves its row for the next commit."""
    if keep:
        state.later(row)
    result = state.finish(result_of(row, missing=prepared.missing if prepared else ()))
    state.options.observe(StageEnded(result))
    return result
