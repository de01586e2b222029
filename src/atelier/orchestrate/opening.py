"""Opening a run: its desk, its key, and what the ledger is told as it begins."""

from collections.abc import Mapping
from typing import Any

from atelier.aggregate import Collected, subject_of
from atelier.cache.keys import run_key
from atelier.cache.recipe import Recipe
from atelier.isilon.origin import Origin
from atelier.kernel.canonical import Json, canonical
from atelier.kernel.clock import iso
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import SetupError
from atelier.kernel.ids import new_run_id
from atelier.ledger.rows import PacketRecord, RunStart
from atelier.orchestrate.graph import Graph
from atelier.orchestrate.handed import Hands
from atelier.orchestrate.recipes import BOOK, prompt_for
from atelier.orchestrate.runtime import Runtime
from atelier.orchestrate.state import RunOptions, RunState
from atelier.orchestrate.wave import Wave
from atelier.orchestrate.wiring import Node
from atelier.orchestrate.workflow import Workflow


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
    moment = runtime.clock.now()
    return RunState(
        id=new_run_id(moment),
        started_at=iso(moment),
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
        wave=Wave(graph),
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


def started(state: RunState, key: str) -> RunStart:
    """The run as it begins, for the ledger."""
    runtime = state.runtime
    return RunStart(
        run=state.id,
        workflow=state.graph.workflow,
        scope=runtime.scope,
        packet=state.evidence.digests.packet,
        run_key=key,
        started_at=state.started_at,
        target=state.options.target,
        namespace=runtime.namespace,
        parameters=state.given,
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


def evidence_of(state: RunState) -> dict[str, Any]:
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


def _unknown_stage(name: str, graph: Graph) -> SetupError:
    return SetupError(
        "run.unknown_stage",
        f"The workflow has no stage {name!r} to refresh.",
        facts={"stages": ", ".join(graph.nodes)},
        next_step="Use one of these names.",
    )
