"""A run, step by step: serve it whole if it was made before, else bring every stage to its end."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TypeVar, cast

from atelier.aggregate import Collected
from atelier.kernel.errors import AtelierError
from atelier.ledger.rows import Memo, RunStatus
from atelier.ledger.store import Commit
from atelier.orchestrate.closing import Ending, ended, run_of
from atelier.orchestrate.emit import publish
from atelier.orchestrate.events import RunBegan, RunEnded
from atelier.orchestrate.landing import landed
from atelier.orchestrate.opening import evidence_of, key_of_run, open_run, started
from atelier.orchestrate.outcome import Run
from atelier.orchestrate.runtime import Runtime
from atelier.orchestrate.serve import servable, serve
from atelier.orchestrate.settle import settle
from atelier.orchestrate.state import RunOptions, RunState
from atelier.orchestrate.wiring import Node
from atelier.orchestrate.workflow import Workflow

R = TypeVar("R")


async def run_workflow(
    workflow: Workflow[R],
    collected: Collected[Any],
    runtime: Runtime,
    *,
    options: RunOptions,
    memos: Sequence[Memo] = (),
) -> Run[R]:
    """Run a workflow over a collected packet; everything acknowledged is durable when it returns.

    Raises:
        SetupError: the workflow, an input or a binding must be mended; nothing ran.
        asyncio.CancelledError: the run was cancelled; what had ended is kept.
    """
    state = open_run(workflow, collected, runtime, options=options)
    state.hands.memos.extend(memos)
    began = runtime.clock.seconds()
    key = key_of_run(state)
    served = None if options.refresh else servable(state, runtime.ledger.find_served(key))
    if served is not None:
        return await serve(state, served, key, began=began)
    options.observe(RunBegan(state.id, workflow.name, tuple(state.graph.nodes)))
    begun = runtime.ledger.commit(Commit(start=started(state, key), **evidence_of(state)))
    try:
        await _settle_all(state)
        emitted = await publish(state)
        await landed(begun)
    except AtelierError:  # the stages' own failures are rows; this one is of a store or the file
        with suppress(AtelierError):
            await _end(state, RunStatus.FAILED, began=began)
        raise
    except asyncio.CancelledError:
        await asyncio.shield(_end(state, RunStatus.INTERRUPTED, began=began))
        raise
    for why in dict.fromkeys(runtime.flights.owed.values()):
        state.warn(f"{why} {_OWED}")
    whole = len(state.results) == len(state.graph.nodes)  # a drained run may have had its end
    status = status_of(state) if whole else RunStatus.INTERRUPTED
    await _end(state, status, began=began)
    return run_of(state, Ending(status, emitted, runtime.clock.seconds() - began))


_OWED = (
    "Nothing is lost; who needs the same values in another process waits until this one runs again, "
    "or ends."
)


def status_of(state: RunState) -> RunStatus:
    """How a run whose stages have all ended ends."""
    values = [state.outputs.get(name) is not None for name in state.graph.final]
    if not any(values):
        return RunStatus.FAILED
    if not all(values):
        return RunStatus.PARTIAL
    whole = not any(result.missing for result in state.results.values())
    return RunStatus.COMPLETE if whole else RunStatus.DEGRADED


async def _settle_all(state: RunState) -> None:
    """Start each stage as soon as its inputs have ended; a failure blocks only who needs it."""

    async def bring(node: Node) -> None:
        if not state.options.draining.is_set():
            await settle(state, node)
            state.wave.end(node.name)

    try:
        async with asyncio.TaskGroup() as group:
            state.wave.begin(lambda node: group.create_task(bring(node)))
    except BaseExceptionGroup as failures:  # a store that gave way; stages' own end as rows
        raise _first(failures) from None
    finally:
        state.wave.rest()


async def _end(state: RunState, status: RunStatus, *, began: float) -> None:
    seconds = state.runtime.clock.seconds() - began
    await state.commit(Commit(end=ended(state, status, seconds)))
    state.options.observe(RunEnded(state.id, status.value))


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first failure of a group of tasks; a mapped stage's tasks are a group of their own."""
    leaves: Any = failures
    while hasattr(leaves, "exceptions"):
        leaves = leaves.exceptions[0]
    return cast("BaseException", leaves)
