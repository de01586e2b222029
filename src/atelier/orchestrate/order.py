"""The order of a run's commits: nothing stands that rests on a value which the ledger does not hold."""

from atelier.kernel.record import changed
from atelier.ledger.rows import Supply
from atelier.ledger.store import Commit, Committed, OvertakenError
from atelier.orchestrate.prepare import Prepared
from atelier.orchestrate.state import RunState, has_large
from atelier.orchestrate.wiring import Node


async def commit_in_order(state: RunState, commit: Commit, prepared: Prepared) -> Committed:
    """Commit a value, handing it on as soon as the ledger has it in its order.

    Raises:
        OvertakenError: it rests on a value that the ledger does not hold for this run.
    """
    if has_large(commit):  # it is in order only once its files are written
        await stand(state, prepared)
        return await state.commit(commit)
    if _is_overtaken(state, prepared):
        raise OvertakenError(state.id, prepared.node.name)
    unsettled = state.wave.open_among(prepared.node.upstream)
    requires = {stage: state.outputs[stage] or "" for stage in unsettled}
    # Whoever takes the value begins at once; the run's end waits for what nobody takes.
    patient = bool(state.graph.consumers[prepared.node.name])
    durable = state.submit(changed(commit, requires=requires, patient=patient))
    name, output = prepared.node.name, commit.rows[-1].output or ""
    state.hands.keep(output, commit.blobs[output])
    state.outputs[name] = output
    state.wave.hand_on(name)
    return await durable


async def stand(state: RunState, prepared: Prepared) -> None:
    """Wait until what a stage was handed is durable.

    Raises:
        OvertakenError: the ledger holds another value.
    """
    await state.wave.ended(prepared.node.upstream)
    if _is_overtaken(state, prepared):
        raise OvertakenError(state.id, prepared.node.name)


def _is_overtaken(state: RunState, prepared: Prepared) -> bool:
    return any(
        not item.missing and state.outputs[item.wire.source] != item.whole
        for item in prepared.handed
        if item.wire.supply is Supply.STAGE
    )


def require_ended(state: RunState, node: Node) -> None:
    """Refuse to judge by a value that may still be overtaken.

    Raises:
        OvertakenError: one of what the stage needs is not durable yet.
    """
    for stage in state.wave.open_among(node.upstream):
        raise OvertakenError(state.id, stage)
