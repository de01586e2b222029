"""The end of a run: the artefact is printed and put where it belongs, on fresh and served runs."""

import asyncio
from typing import Any

from atelier.kernel.canonical import canonical
from atelier.kernel.digest import digest_bytes
from atelier.ledger.rows import ArtefactRow, Outcome
from atelier.ledger.store import Commit
from atelier.orchestrate.outcome import Emitted
from atelier.orchestrate.state import RunState


async def publish(state: RunState) -> Emitted | None:
    """Print the artefact's stage from its committed value; None where it has none."""
    artefact = state.graph.artefact
    output = state.outputs.get(artefact.stage.name) if artefact else None
    if artefact is None or output is None:
        return None
    node = state.graph.nodes[artefact.stage.name]
    handed = state.hands.hand(node, state.outputs)
    inputs: dict[str, Any] = {
        item.wire.parameter: state.packet()
        if item.wire.parameter == "packet"
        else state.hands.value(item)
        for item in handed
        if item.wire.each is None
    }
    printed = state.runtime.publisher.render(
        node.output.decode(state.hands.data(output)),
        inputs,
        parameters=state.evidence.digests.parameters,
        origin=state.origin,
        notes=notes(state),
    )
    lines = canonical(printed.lines)
    digest = digest_bytes(printed.data)
    blobs = {digest: printed.data, digest_bytes(lines): lines}
    # The bytes are in the ledger before the file is in the folder: a file that nobody can
    # explain is worse than a row without a file.
    await state.commit(Commit(blobs=blobs))
    emitted = await asyncio.to_thread(_emit, state, printed.data)
    row = _row(state, emitted, mark=printed.mark, lines=digest_bytes(lines))
    await state.commit(Commit(artefact=row))
    return emitted


def find_print(state: RunState, run: str) -> bytes | None:
    """The bytes that an earlier run printed; None if there are none, or they are damaged."""
    row = next(state.runtime.ledger.iter_artefacts(run=run), None)
    return state.runtime.content.read(row.digest) if row is not None else None


def republish(state: RunState, source: str) -> Emitted | None:
    """Put a served run's artefact back in its place; None where it has none."""
    data = find_print(state, source)
    return None if data is None else _emit(state, data)


def notes(state: RunState) -> list[str]:
    """What a reader must know of this run: which inputs were missing, and why."""
    found: list[str] = []
    for result in state.results.values():
        for name in result.missing:
            source = state.results.get(name)
            why = (source.error or {}).get("sentence", "") if source else ""
            blocked = source is not None and source.outcome is Outcome.BLOCKED
            found.append(
                f"Without {name}: {'it was blocked' if blocked else why or 'it is missing'}"
            )
    return list(dict.fromkeys(found))


def _emit(state: RunState, data: bytes) -> Emitted:
    artefact = state.graph.artefact
    if artefact is None:
        raise AssertionError
    emitted = state.runtime.publisher.emit(
        artefact.path,
        state.evidence.digests.parameters,
        data,
        is_ours=lambda digest: _is_ours(state, digest),
        overwrite=state.options.overwrite,
    )
    if emitted.warning:
        state.warn(emitted.warning)
    return emitted


def _is_ours(state: RunState, digest: str) -> bool:
    """Whether these bytes were printed here: emitted, or stored and about to be when a run died."""
    known = next(state.runtime.ledger.iter_artefacts(digest=digest), None)
    return known is not None or state.runtime.content.read(digest) is not None


def _row(state: RunState, emitted: Emitted, *, mark: str, lines: str) -> ArtefactRow:
    artefact = state.graph.artefact
    return ArtefactRow(
        run=state.id,
        stage=artefact.stage.name if artefact else "",
        path=emitted.path,
        digest=emitted.digest,
        mark=mark,
        lines=lines,
        action=emitted.action,
        recorded_at=state.now(),
    )
