"""A run, step by step: serve it whole if it was made before, else bring every stage to its end."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from atelier.aggregate import Collected, subject_of
from atelier.cache.keys import run_key
from atelier.cache.recipe import Recipe
from atelier.isilon.origin import Origin
from atelier.kernel.canonical import Json, canonical
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import AtelierError, SetupError
from atelier.kernel.ids import new_run_id
from atelier.ledger.rows import (
    Memo,
    Outcome,
    PacketRecord,
    Row,
    RunEnd,
    RunRecord,
    RunStart,
    RunStatus,
)
from atelier.ledger.store import Commit
from atelier.orchestrate.emit import find_print, publish, republish
from atelier.orchestrate.events import RunBegan, RunEnded, StageEnded
from atelier.orchestrate.graph import Graph, Node
from atelier.orchestrate.handed import Hands
from atelier.orchestrate.outcome import Emitted, Run, StageResult
from atelier.orchestrate.recipes import BOOK, prompt_for
from atelier.orchestrate.record import result_of
from atelier.orchestrate.runtime import Runtime
from atelier.orchestrate.settle import settle
from atelier.orchestrate.state import RunOptions, RunState
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
    served = None if options.refresh else _servable(state, runtime.ledger.find_served(key))
    if served is not None:
        return await _serve(state, served, key, began=began)
    options.observe(RunBegan(state.id, workflow.name, tuple(state.graph.nodes)))
    started = runtime.ledger.commit(Commit(start=_start(state, key), **_evidence(state)))
    try:
        await _settle_all(state)
        emitted = await publish(state)
        await asyncio.wrap_future(started)
    except AtelierError:  # the stages' own failures are rows; this one is of a store or the file
        with suppress(AtelierError):
            await _end(state, RunStatus.FAILED, began=began)
        raise
    except asyncio.CancelledError:
        await asyncio.shield(_end(state, RunStatus.INTERRUPTED, began=began))
        raise
    whole = len(state.results) == len(state.graph.nodes)  # a drained run may have had its end
    status = status_of(state) if whole else RunStatus.INTERRUPTED
    await _end(state, status, began=began)
    return _run_of(state, _Ending(status, emitted, runtime.clock.seconds() - began))


def open_run(
    workflow: Workflow[Any], collected: Collected[Any], runtime: Runtime, *, options: RunOptions
) -> RunState:
    """The desk of a run: graph checked, recipes read, nothing looked up and nothing written.

    Raises:
        SetupError: the workflow or the install must be mended.
    """
    graph = workflow.graph
    runtime.publisher.refuse_setup(graph)
    unknown = sorted(options.refresh.keys() - graph.nodes.keys())
    if unknown:
        raise _unknown_stage(unknown[0], graph)
    prompts = {name: prompt_for(node) for name, node in graph.nodes.items()}
    return RunState(
        id=new_run_id(runtime.clock.now()),
        runtime=runtime,
        graph=graph,
        evidence=collected,
        recipes={
            name: BOOK.recipe_for(node, prompts[name], runtime)
            for name, node in graph.nodes.items()
        },
        prompts=prompts,
        options=options,
        hands=Hands(
            collected.digests,
            scope=runtime.scope,
            ledger=runtime.ledger,
            content=runtime.content.read,
        ),
    )


def key_of_run(state: RunState) -> str:
    """The key under which a whole run is served."""
    graph = state.graph
    artefact: Json = None
    if graph.artefact is not None:
        artefact = {
            "stage": graph.artefact.stage.name,
            "path": graph.artefact.path,
            "scheme": state.runtime.publisher.scheme,
        }
    return run_key(
        state.runtime.scope,
        state.evidence.digests.packet,
        {name: _keyed(node, state.recipes[name]) for name, node in graph.nodes.items()},
        artefact,
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
    waiting = {name: len(node.upstream) for name, node in state.graph.nodes.items()}

    async def bring(node: Node) -> None:
        if state.options.draining.is_set():
            return
        await settle(state, node)
        for consumer in state.graph.consumers[node.name]:
            waiting[consumer] -= 1
            if waiting[consumer] == 0:
                group.create_task(bring(state.graph.nodes[consumer]))

    try:
        async with asyncio.TaskGroup() as group:
            for name, node in state.graph.nodes.items():
                if waiting[name] == 0:
                    group.create_task(bring(node))
    except BaseExceptionGroup as failures:  # a store that gave way; stages' own end as rows
        raise failures.exceptions[0] from None


def _servable(state: RunState, record: RunRecord | None) -> tuple[RunRecord, list[Row]] | None:
    """A run that can be served whole: all its values are in the store, undamaged."""
    if record is None:
        return None
    rows = list(state.runtime.ledger.iter_stage_rows(record.start.run))
    read = state.runtime.content.read
    if any(row.output is None or read(row.output) is None for row in rows):
        return None
    if state.graph.artefact is not None and find_print(state, record.start.run) is None:
        return None
    return record, rows


async def _serve(
    state: RunState, served: tuple[RunRecord, list[Row]], key: str, *, began: float
) -> Run[Any]:
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
    end = _ending(state, RunStatus.COMPLETE, seconds, served_from=source)
    await state.commit(Commit(start=_start(state, key), rows=(hit,), end=end))
    state.options.observe(RunBegan(state.id, state.graph.workflow, tuple(state.graph.nodes)))
    for result in state.results.values():
        state.options.observe(StageEnded(result))
    state.options.observe(RunEnded(state.id, RunStatus.COMPLETE.value))
    return _run_of(state, _Ending(RunStatus.COMPLETE, emitted, seconds, source))


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


async def _end(state: RunState, status: RunStatus, *, began: float) -> None:
    seconds = state.runtime.clock.seconds() - began
    await state.commit(Commit(end=_ending(state, status, seconds)))
    state.options.observe(RunEnded(state.id, status.value))


def _ending(
    state: RunState, status: RunStatus, seconds: float, *, served_from: str | None = None
) -> RunEnd:
    return RunEnd(
        run=state.id,
        status=status,
        ended_at=state.now(),
        sound=all(result.sound for result in state.results.values()),
        served_from=served_from,
        seconds=round(seconds, 6),
    )


def _start(state: RunState, key: str) -> RunStart:
    runtime = state.runtime
    return RunStart(
        run=state.id,
        workflow=state.graph.workflow,
        scope=runtime.scope,
        packet=state.evidence.digests.packet,
        run_key=key,
        started_at=state.now(),
        target=state.options.target,
        parameters=state.evidence.digests.parameters,
        subject=subject_of(state.evidence.packet),
        owner=canonical(
            {
                "host": runtime.owner.host,
                "boot": runtime.owner.boot,
                "pid": runtime.owner.pid,
                "started": runtime.owner.started,
            }
        ).decode(),
        versions=runtime.versions,
    )


def _evidence(state: RunState) -> dict[str, Any]:
    """The packet's record, and the blobs that the ledger does not have yet."""
    digests = state.evidence.digests
    origins = canonical(
        {name: [origin.as_json() for origin in found] for name, found in _origins(state).items()}
    )
    known = state.runtime.ledger.find_packet(digests.packet)
    if known is not None and known.origins == digest_bytes(origins):
        return {}
    manifest, manifest_digest = state.manifest
    record = PacketRecord(
        packet=digests.packet,
        manifest=manifest_digest,
        origins=digest_bytes(origins),
        run=state.id,
        slices=digests.slices,
    )
    slices = {digest: digests.data[name] for name, digest in digests.slices.items()}
    blobs = {**slices, manifest_digest: manifest, digest_bytes(origins): origins}
    return {"packet": record, "blobs": state.runtime.content.split(blobs)}


def _origins(state: RunState) -> Mapping[str, list[Origin]]:
    return state.evidence.origins


def _keyed(node: Node, recipe: Recipe) -> Json:
    return {
        "recipe": recipe.digest,
        "wiring": [[wire.parameter, wire.supply.value, wire.source] for wire in node.wires],
        "each": node.stage.each,
        "optional": [wire.parameter for wire in node.wires if wire.optional],
    }


@dataclass(frozen=True, slots=True)
class _Ending:
    status: RunStatus
    emitted: Emitted | None
    seconds: float
    source: str | None = None


def _run_of(state: RunState, end: _Ending) -> Run[Any]:
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


def _unknown_stage(name: str, graph: Graph) -> SetupError:
    return SetupError(
        "run.unknown_stage",
        f"The workflow has no stage {name!r} to refresh.",
        facts={"stages": ", ".join(graph.nodes)},
        next_step="Use one of these names.",
    )
