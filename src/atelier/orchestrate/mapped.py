"""Mapped stages: one execution per element that has no value yet, one list as the output."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from atelier.cache.keys import stage_key
from atelier.cache.parts import Unseen
from atelier.kernel.canonical import canonical
from atelier.kernel.digest import digest_bytes, record_digest
from atelier.kernel.errors import StageError
from atelier.ledger.rows import Attempt, Outcome, Row
from atelier.orchestrate.execute import ASKED_ANEW, STOOD_IN, Job
from atelier.orchestrate.flights import Flight
from atelier.orchestrate.handed import elements_at
from atelier.orchestrate.lens import project
from atelier.orchestrate.prepare import Prepared
from atelier.orchestrate.question import Resolved
from atelier.orchestrate.recipes import binding_for
from atelier.orchestrate.record import Asked, Execution, Place, commit_of
from atelier.orchestrate.state import RunState


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
            next_step=f"{first.next_step} The elements that succeeded are reused.",
        )
        self.manifest = digest_bytes(manifest)
        self.blobs = {self.manifest: manifest}


@dataclass(frozen=True, slots=True)
class _Piece:
    """One distinct element: equal elements share a key and a value."""

    digest: str
    data: bytes
    key: str


@dataclass(slots=True)
class MappedJob:
    """One mapped stage in one run: its distinct elements, and what has come of them."""

    state: RunState
    prepared: Prepared
    reason: str
    data: dict[str, bytes] = field(default_factory=dict[str, bytes])
    outcomes: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    calls: list[Resolved] = field(default_factory=list[Resolved])
    passing: list[Unseen] = field(default_factory=list[Unseen])
    failures: dict[str, StageError] = field(default_factory=dict[str, StageError])

    async def execute(self) -> Execution:
        """The list of the elements' outputs, in source order.

        Each distinct element is looked up, waited for or executed by itself: its key holds the
        element and never its place.

        Raises:
            PartialError: an element failed; the rest is committed.
        """
        clock = self.state.runtime.clock
        began = clock.seconds()
        order = self._pieces()
        pieces = {piece.key: piece for piece in order}
        if self._reusable:
            self._reuse(self.state.runtime.ledger.find_values(list(pieces)))
        async with asyncio.TaskGroup() as group:
            for key, piece in pieces.items():
                if key not in self.data:
                    group.create_task(self._bring(piece))
        manifest = self._manifest(order)
        if self.failures:
            raise PartialError(
                self.prepared.node.name,
                list(self.failures.values()),
                manifest=manifest,
                elements=len(order),
            )
        joined = b"[" + b",".join(self.data[piece.key] for piece in order) + b"]"
        return Execution(
            data=joined,
            output=digest_bytes(joined),
            seconds=clock.seconds() - began,
            unseen=(*self.prepared.recipe.unseen, *dict.fromkeys(self.passing)),
            asked=self.asked,
            manifest=digest_bytes(manifest),
            blobs={digest_bytes(manifest): manifest},
        )

    @property
    def asked(self) -> Asked:
        """What was asked so far, of all elements."""
        return Asked(tuple(self.attempts), tuple(self.calls))

    @property
    def _reusable(self) -> bool:
        return self.prepared.sound and self.prepared.node.name not in self.state.options.refresh

    def _pieces(self) -> list[_Piece]:
        """The elements in source order, each with the key of its own execution."""
        mapped = next(item for item in self.prepared.handed if item.wire.each is not None)
        name, form = mapped.wire.parameter, mapped.wire.form
        rest = {
            item.wire.parameter: item.digest
            for item in self.prepared.handed
            if item.wire is not mapped.wire
        }
        scope, recipe = self.state.runtime.scope, self.prepared.recipe.digest
        found: list[_Piece] = []
        for value in elements_at(self.state.hands.data(mapped.whole), mapped.wire.each or ()):
            data, digest = project(canonical(value), form)
            element = record_digest("element", digest)
            found.append(_Piece(digest, data, stage_key(scope, recipe, {**rest, name: element})))
        return found

    def _reuse(self, rows: Mapping[str, Row]) -> None:
        """Take the verified values of these rows."""
        for key, row in rows.items():
            data = self.state.runtime.content.read(row.output) if row.output else None
            if data is not None:
                self.data[key], self.outcomes[key] = data, Outcome.REUSED

    async def _bring(self, piece: _Piece) -> None:
        """One element to its end; its failure is its own."""
        try:
            if self.prepared.sound:
                async with self.state.runtime.flights.alone(piece.key) as flight:
                    await self._settle(piece, flight)
            else:
                await self._execute(piece, None)
        except StageError as error:
            self.failures[piece.key] = error

    async def _settle(self, piece: _Piece, flight: Flight) -> None:
        current = await self._look(piece)
        if piece.key not in self.data and not await flight.lease():
            current = await self._look(piece)
        if piece.key not in self.data:
            await self._execute(piece, current)

    async def _look(self, piece: _Piece) -> Row | None:
        """The row of an element's current draw; its value is taken where it may be."""
        current = await self.state.runtime.flights.values(piece.key)
        if self._reusable and current is not None:
            self._reuse({piece.key: current})
        return current

    async def _execute(self, piece: _Piece, current: Row | None) -> None:
        state = self.state
        job = Job(state, self.prepared, element=piece.data, element_digest=piece.digest)
        try:
            done = await job.execute()
        finally:
            self.attempts += job.asked.attempts
            self.calls += job.asked.calls
        self.passing += [it for it in done.unseen if it.declare in {STOOD_IN, ASKED_ANEW}]
        place = Place(
            key=piece.key,
            draw=next_draw(current, done.output, refresh=not self._reusable),
            reason=self.reason,
            binding=binding_for(self.prepared.node, state.runtime),
            element=piece.digest,
        )
        commit = commit_of(state, self.prepared, done, place=place)
        row = (await state.commit(commit)).rows[-1]
        won = row.output == done.output
        self.data[piece.key] = done.data if won else state.hands.data(row.output or "")
        self.outcomes[piece.key] = row.outcome

    def _manifest(self, order: Sequence[_Piece]) -> bytes:
        """Every element in source order: its key, its output and how it came."""
        return canonical({"kind": "manifest", "of": [self._entry(piece) for piece in order]})

    def _entry(self, piece: _Piece) -> dict[str, Any]:
        entry: dict[str, Any] = {"element": piece.digest, "key": piece.key}
        if piece.key in self.failures:
            error = self.failures[piece.key].as_json()
            return {**entry, "output": None, "outcome": Outcome.FAILED.value, "error": error}
        output = digest_bytes(self.data[piece.key])
        return {**entry, "output": output, "outcome": self.outcomes[piece.key].value}


def next_draw(current: Row | None, output: str, *, refresh: bool) -> int:
    """The draw that an execution claims.

    The first where there is no value; the next where one is refreshed; and where a damaged value
    comes out the same again, its own, so that it is repaired in place.
    """
    if current is None:
        return 0
    return current.draw if current.output == output and not refresh else current.draw + 1
