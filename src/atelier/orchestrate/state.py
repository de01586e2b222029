"""One run while it lives: what it was given, and what is known so far."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, count
from threading import Event
from typing import Any

from atelier.aggregate import Collected, Element, Packet, elements, packet_from_record
from atelier.blobs.content import INLINE_LIMIT
from atelier.cache.recipe import Recipe
from atelier.isilon.origin import Origin
from atelier.kernel.canonical import canonical
from atelier.kernel.clock import iso
from atelier.kernel.digest import digest_bytes
from atelier.kernel.evidence import Address
from atelier.kernel.record import changed
from atelier.ledger.rows import Cap, Row, Supply
from atelier.ledger.store import BudgetError, Commit, Committed, OvertakenError
from atelier.orchestrate.citing import Citable
from atelier.orchestrate.events import RunEvent, Warned
from atelier.orchestrate.graph import Graph
from atelier.orchestrate.handed import Hands
from atelier.orchestrate.landing import landed
from atelier.orchestrate.outcome import StageResult
from atelier.orchestrate.prompt import Prompt
from atelier.orchestrate.runtime import Runtime
from atelier.orchestrate.shown import Shown, shown
from atelier.orchestrate.wave import Wave
from atelier.orchestrate.wiring import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What a caller may ask of one run.

    `refresh` maps a stage to the reason why its value is wanted anew. Once `draining` is set, by
    any thread, no further stage starts, and the run ends as interrupted.
    """

    refresh: Mapping[str, str] = field(default_factory=dict[str, str])
    caps: Sequence[Cap] = ()
    overwrite: bool = False
    target: str = ""
    observe: Callable[[RunEvent], None] = lambda _: None
    draining: Event = field(default_factory=Event)


@dataclass(kw_only=True)
class RunState:
    """The run's own desk; the ledger is the truth, this is what one process knows of it."""

    id: str
    runtime: Runtime
    graph: Graph
    started_at: str
    evidence: Collected[Any]
    recipes: Mapping[str, Recipe]
    prompts: Mapping[str, Prompt | None]
    options: RunOptions
    hands: Hands
    wave: Wave
    outputs: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    results: dict[str, StageResult] = field(default_factory=dict[str, StageResult])
    warnings: list[str] = field(default_factory=list[str])
    attempt_numbers: defaultdict[tuple[str, str | None], Iterator[int]] = field(
        default_factory=lambda: defaultdict(lambda: count(1))
    )
    _shown: dict[str, dict[str, list[Shown]]] = field(
        default_factory=dict[str, "dict[str, list[Shown]]"]
    )
    _shown_by_digest: dict[tuple[str, str], dict[str, Shown]] = field(
        default_factory=dict[tuple[str, str], "dict[str, Shown]"]
    )
    _citable: dict[str, Citable] = field(default_factory=dict[str, Citable])
    _later: list[Row] = field(default_factory=list[Row])

    @cached_property
    def given(self) -> dict[str, Any]:
        """The parameters that the caller gave: what a run is of, without what follows from it."""
        derived = {item.name for item in self.graph.shape.parameters if item.derived is not None}
        known = self.evidence.digests.parameters
        return {name: value for name, value in known.items() if name not in derived}

    @cached_property
    def caps(self) -> tuple[Cap, ...]:
        """The budgets that hold for this run; those of the run itself are filled with its id."""
        classes = (
            Cap(limit=one.max_micros, what=f"for [models.{name}] in a run", model_class=name)
            for name, one in self.runtime.bindings.items()
            if one.max_micros is not None
        )
        given = (*self.options.caps, *classes)
        return tuple(cap if cap.workflow else replace(cap, run=self.id) for cap in given)

    @cached_property
    def has_precedents(self) -> bool:
        """Whether any stage was executed for these parameters before this run's first one is."""
        stages = [name for node in self.graph.nodes.values() for name in node.stage.names]
        found = self.runtime.ledger.find_precedents(stages, parameters=self.given, limit=1)
        return bool(found)

    @cached_property
    def elements(self) -> list[Element]:
        """The packet's elements, in order."""
        return elements(self.evidence.packet, known=self.evidence.digests)

    def shown_to(self, node: Node) -> dict[str, list[Shown]]:
        """The slices that a stage takes, by parameter, each element as the stage is shown it."""
        if node.name not in self._shown:
            lists = {item.name: item.is_list for item in self.graph.shape.slices}
            self._shown[node.name] = {
                wire.parameter: shown(
                    [item for item in self.elements if item.slice == wire.source],
                    wire,
                    is_list=lists[wire.source],
                )
                for wire in node.wires
                if wire.supply is Supply.SLICE
            }
        return self._shown[node.name]

    def shown_of(self, node: Node, parameter: str, digest: str) -> list[Shown]:
        """The one element of a slice that a mapped stage is shown; none where the slice is another."""
        place = node.name, parameter
        if place not in self._shown_by_digest:
            items = reversed(self.shown_to(node)[parameter])  # of equal elements the first stands
            self._shown_by_digest[place] = {item.digest: item for item in items}
        found = self._shown_by_digest[place].get(digest)
        return [found] if found is not None else []

    def citable_by(self, node: Node) -> Citable:
        """The packet's elements; those that the stage is shown stand under its own handles."""
        if node.name not in self._citable:
            own = {
                wire.source: [item.element for item in self.shown_to(node)[wire.parameter]]
                for wire in node.wires
                if wire.supply is Supply.SLICE
            }
            others = [item for item in self.elements if item.slice not in own]
            self._citable[node.name] = Citable([*chain.from_iterable(own.values()), *others])
        return self._citable[node.name]

    def packet(self) -> Packet:
        """The packet, read anew from its canonical bytes: no stage sees another's changes."""
        record = self.evidence.digests.record
        return packet_from_record(self.graph.packet, record, self.hands.data)

    @cached_property
    def manifest(self) -> tuple[bytes, str]:
        """The packet's record; its digest is the packet's."""
        data = canonical({"kind": "packet", "of": self.evidence.digests.record})
        return data, digest_bytes(data)

    def stored(self, digest: str) -> bytes | None:
        """The bytes of a digest: of this packet, or from the store."""
        if digest == self.manifest[1]:
            return self.manifest[0]
        return self.hands.find(digest)

    def origin(self, address: Address) -> str:
        """Where an address stood when it was collected, as people read it."""
        found = self._origins.get((address.slice, address.element, address.occurrence))
        if found is None:
            return address.slice
        element, origin = found
        return str(_at_line(origin, element, address))

    @cached_property
    def _origins(self) -> dict[tuple[str, str, int], tuple[Element, Origin]]:
        found: dict[tuple[str, str, int], tuple[Element, Origin]] = {}
        at: dict[str, int] = {}
        for element in self.elements:
            index = at[element.slice] = at.get(element.slice, -1) + 1
            origins = self.evidence.origins.get(element.slice, [])
            if index < len(origins) and str(origins[index]):
                place = (element.slice, element.digest, element.occurrence)
                found[place] = (element, origins[index])
        return found

    def now(self) -> str:
        """The wall time as rows keep it."""
        return iso(self.runtime.clock.now())

    def later(self, row: Row) -> None:
        """Keep a row for the next commit: nothing waits for it."""
        self._later.append(row)

    def commit(self, commit: Commit) -> Awaitable[Committed]:
        """Make it durable, with everything kept for later before it; it is begun at once or awaited."""
        return self._stored(commit) if has_large(commit) else self.submit(commit)

    async def _stored(self, commit: Commit) -> Committed:
        blobs = await asyncio.to_thread(self.runtime.content.split, commit.blobs)
        return await self.submit(changed(commit, blobs=blobs))

    def submit(self, commit: Commit) -> Awaitable[Committed]:
        """Send a commit without large blobs on its way, and give what waits until it is durable."""
        waiting, self._later = self._later, []
        memos, self.hands.memos = self.hands.memos, []
        if waiting or memos:
            commit = changed(commit, rows=(*waiting, *commit.rows), memos=(*memos, *commit.memos))
        durable = landed(self.runtime.ledger.commit(commit))
        return self._without(waiting, durable) if waiting else durable

    async def _without(self, waiting: list[Row], durable: Awaitable[Committed]) -> Committed:
        """What became of a commit, without the rows that it carried for others."""
        try:
            done = await durable
        except (OvertakenError, BudgetError):  # what it carried is still to be kept
            self._later[:0] = waiting
            raise
        return changed(done, rows=done.rows[len(waiting) :])

    def warn(self, text: str) -> None:
        """Tell people something once."""
        if text not in self.warnings:
            self.warnings.append(text)
            self.options.observe(Warned(text))

    def finish(self, result: StageResult) -> StageResult:
        """Keep a stage's end."""
        self.results[result.stage] = result
        self.outputs[result.stage] = result.output
        return result


def has_large(commit: Commit) -> bool:
    """Whether a commit has blobs that go to the store's files before it."""
    return any(len(data) > INLINE_LIMIT for data in commit.blobs.values())


def _at_line(origin: Origin, element: Element, address: Address) -> Origin:
    """The line of a quote in a text of many lines, where the origin is that of its first."""
    text = dict(element.texts()).get(address.pointer, "")
    if origin.line is None or address.span is None or "\n" not in text:
        return origin
    return replace(origin, line=origin.line + text.count("\n", 0, address.span.start))
