"""The wave of a run through its graph: who may start, and whose value is durable already."""

import asyncio
from collections.abc import Callable, Iterable

from atelier.orchestrate.graph import Graph
from atelier.orchestrate.wiring import Node


class Wave:
    """Starts each stage as soon as its inputs are there.

    A value is handed on once it is on its way into the ledger, which keeps the order in which it
    was given: what rests on a value is never durable before it.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._waiting = {name: len(node.upstream) for name, node in graph.nodes.items()}
        self._handed: set[str] = set()
        self._ended: dict[str, asyncio.Event] = {}
        self._start: Callable[[Node], object] = lambda _: None

    def begin(self, start: Callable[[Node], object]) -> None:
        """Start the stages that need no other; `start` is called again for each that follows."""
        self._start = start
        for name, node in self._graph.nodes.items():
            if self._waiting[name] == 0:
                start(node)

    def rest(self) -> None:
        """Start nothing more, and let go of whoever started: it holds the run, as the run holds this."""
        self._start = lambda _: None

    def hand_on(self, stage: str) -> None:
        """A stage has its value: what waited for nothing else starts."""
        if stage in self._handed:
            return
        self._handed.add(stage)
        for consumer in self._graph.consumers[stage]:
            self._waiting[consumer] -= 1
            if self._waiting[consumer] == 0:
                self._start(self._graph.nodes[consumer])

    def end(self, stage: str) -> None:
        """A stage is at its end: what it gave is what the ledger holds."""
        self._event(stage).set()
        self.hand_on(stage)

    def open_among(self, stages: Iterable[str]) -> list[str]:
        """Those whose value another process could still overtake."""
        return [stage for stage in stages if not self._event(stage).is_set()]

    async def ended(self, stages: Iterable[str]) -> None:
        """Wait until all of them are at their end."""
        for stage in stages:
            await self._event(stage).wait()

    def _event(self, stage: str) -> asyncio.Event:
        return self._ended.setdefault(stage, asyncio.Event())
