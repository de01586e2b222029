"""Mapped stages: one execution per element that has no value yet, one list as the output."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atelier.cache.keys import stage_key
from atelier.kernel.canonical import canonical
from atelier.kernel.digest import digest_bytes, record_digest
from atelier.kernel.errors import StageError
from atelier.ledger.rows import Row
from atelier.orchestrate.execute import Job
from atelier.orchestrate.graph import Wire
from atelier.orchestrate.handed import Handed, element_digests
from atelier.orchestrate.lens import project
from atelier.orchestrate.prepare import Prepared
from atelier.orchestrate.recipes import binding_for
from atelier.orchestrate.record import Execution, Place, commit_of
from atelier.orchestrate.state import RunState

_POLL = 0.02


@dataclass(frozen=True, slots=True)
class _Piece:
    """One distinct element: equal elements share a key and a value."""

    digest: str
    data: bytes
    key: str


class PartialError(StageError):
    """Some elements of a mapped stage have no value; the others are kept for the next run."""

    def __init__(
        self, stage: str, failures: Sequence[StageError], *, manifest: bytes, elements: int
    ) -> None:
        first = failures[0]
        super().__init__(
            "stage.partial",
            f"Stage {stage!r} failed for {len(failures)} of {elements} elements.",
            facts={"first failure": f"[{first.code}] {first.sentence}", **first.facts},
            next_step="Mend the cause and run again; the elements that succeeded are reused.",
        )
        self.manifest = digest_bytes(manifest)
        self.blobs = {self.manifest: manifest}


async def execute_mapped(state: RunState, prepared: Prepared, *, reason: str) -> Execution:
    """The list of the elements' outputs, in source order.

    Each distinct element is looked up, waited for or executed by itself: its key holds the
    element and never its place.

    Raises:
        PartialError: an element failed; the rest is committed.
    """
    began = state.runtime.clock.seconds()
    mapped = next(item for item in prepared.handed if item.wire.each is not None)
    order = _pieces(state, prepared, mapped)
    pieces = {piece.key: piece for piece in order}
    refresh = prepared.node.name in state.options.refresh
    rows = {} if refresh or not prepared.sound else await _known(state, pieces)
    outcomes = dict.fromkeys(rows, "reused")
    data = {key: value for key, (_, value) in rows.items()}
    failures: dict[str, StageError] = {}

    async def one(piece: _Piece) -> None:
        try:
            data[piece.key], outcomes[piece.key] = await _element(state, prepared, piece, reason)
        except StageError as error:
            failures[piece.key] = error

    async with asyncio.TaskGroup() as group:
        for key, piece in pieces.items():
            if key not in data:
                group.create_task(one(piece))
    manifest = _manifest(order, data, outcomes, failures)
    if failures:
        raise PartialError(
            prepared.node.name, list(failures.values()), manifest=manifest, elements=len(order)
        )
    joined = b"[" + b",".join(data[piece.key] for piece in order) + b"]"
    return Execution(
        data=joined,
        output=digest_bytes(joined),
        seconds=state.runtime.clock.seconds() - began,
        unseen=prepared.recipe.unseen,
        manifest=digest_bytes(manifest),
        blobs={digest_bytes(manifest): manifest},
    )


def _pieces(state: RunState, prepared: Prepared, mapped: Handed) -> list[_Piece]:
    """The elements in source order, each with the key of its own execution."""
    values = element_digests(state.hands.data(mapped.whole), mapped.wire.each or ())
    rest = {
        item.wire.parameter: item.digest for item in prepared.handed if item.wire is not mapped.wire
    }
    return [
        _piece(
            canonical(value),
            mapped.wire,
            rest,
            recipe=prepared.recipe.digest,
            scope=state.runtime.scope,
        )
        for value in values
    ]


def _piece(raw: bytes, wire: Wire, rest: Mapping[str, str], *, recipe: str, scope: str) -> _Piece:
    data, digest = project(raw, wire.form)
    element = record_digest("element", {wire.parameter: digest})
    return _Piece(digest, data, stage_key(scope, recipe, {**rest, wire.parameter: element}))


async def _known(state: RunState, pieces: Mapping[str, _Piece]) -> dict[str, tuple[Row, bytes]]:
    """The elements that have a verified value already."""
    found: dict[str, tuple[Row, bytes]] = {}
    for key, row in state.runtime.ledger.find_values(list(pieces)).items():
        data = state.runtime.content.read(row.output) if row.output else None
        if data is not None:
            found[key] = (row, data)
    return found


async def _element(
    state: RunState, prepared: Prepared, piece: _Piece, reason: str
) -> tuple[bytes, str]:
    """One element's bytes and outcome, executed once across processes."""
    runtime, held = state.runtime, False
    while not held:
        if runtime.flights.take([piece.key]):
            held = not prepared.sound or bool(runtime.leases.acquire([piece.key], runtime.owner))
            if held:
                break
            runtime.flights.land([piece.key])
            await asyncio.sleep(_POLL)
        else:
            await runtime.flights.wait(piece.key)
        if (known := await _known(state, {piece.key: piece})) and not _refreshed(state, prepared):
            return known[piece.key][1], "reused"
    try:
        return await _execute_element(state, prepared, piece, reason)
    finally:
        if prepared.sound:
            runtime.leases.release([piece.key], runtime.owner)
        runtime.flights.land([piece.key])


async def _execute_element(
    state: RunState, prepared: Prepared, piece: _Piece, reason: str
) -> tuple[bytes, str]:
    current = state.runtime.ledger.find_values([piece.key]).get(piece.key)
    if current is not None and prepared.sound and not _refreshed(state, prepared):
        data = state.runtime.content.read(current.output or "")
        if data is not None:  # another process committed it before this lease
            return data, "reused"
    job = Job(state, prepared, element=piece.data, element_digest=piece.digest)
    done = await job.execute()
    repaired = current is not None and current.output == done.output
    place = Place(
        key=piece.key,
        draw=0 if current is None else current.draw + (0 if repaired else 1),
        reason=reason,
        binding=binding_for(prepared.node, state.runtime),
        element=piece.digest,
    )
    commit = commit_of(state, prepared, done, place=place)
    committed = (await state.commit(commit)).rows[-1]
    if committed.output == done.output:
        return done.data, committed.outcome.value
    return state.hands.data(committed.output or ""), committed.outcome.value


def _refreshed(state: RunState, prepared: Prepared) -> bool:
    return prepared.node.name in state.options.refresh


def _manifest(
    order: Sequence[_Piece],
    data: Mapping[str, bytes],
    outcomes: Mapping[str, str],
    failures: Mapping[str, StageError],
) -> bytes:
    """Every element in source order: its key, its output and how it came."""
    entries: list[dict[str, Any]] = [
        {
            "element": piece.digest,
            "key": piece.key,
            "output": digest_bytes(data[piece.key]) if piece.key in data else None,
            "outcome": outcomes.get(piece.key, "failed"),
            **({"error": failures[piece.key].as_json()} if piece.key in failures else {}),
        }
        for piece in order
    ]
    return canonical({"kind": "manifest", "of": entries})
