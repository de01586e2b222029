"""The graph of a workflow: its stages wired, in topological order, checked before anything runs."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atelier.aggregate import Packet, Shape, shape
from atelier.kernel.errors import SetupError
from atelier.orchestrate.artefact import Artefact
from atelier.orchestrate.prompt import read_prompt
from atelier.orchestrate.stage import Stage, where
from atelier.orchestrate.wiring import Names, Node, node_of, output_forms, signature_of


@dataclass(frozen=True, slots=True)
class Graph:
    """A checked workflow; `nodes` stand in topological order."""

    workflow: str
    packet: type[Packet]
    shape: Shape
    nodes: Mapping[str, Node]
    consumers: Mapping[str, tuple[str, ...]]
    artefact: Artefact[Any] | None

    @property
    def final(self) -> tuple[str, ...]:
        """The stages that nobody consumes, and the artefact's."""
        ends = [name for name in self.nodes if not self.consumers[name]]
        if self.artefact is not None and self.artefact.stage.name not in ends:
            ends.append(self.artefact.stage.name)
        return tuple(ends)


def build_graph(
    workflow: str,
    packet: type[Packet],
    stages: Sequence[Stage[..., Any]],
    *,
    artefact: Artefact[Any] | None = None,
) -> Graph:
    """Wire the stages by their parameters' names, and check all that can be checked.

    Raises:
        SetupError: unknown or duplicate name, a type that the producer cannot give, a cycle, a
            missing prompt or an unknown placeholder; it names stage and parameter.
    """
    fields = shape(packet)
    named = _by_name(stages, fields)
    signatures = {name: signature_of(stage) for name, stage in named.items()}
    forms = {
        name: output_forms(named[name], read.return_annotation) for name, read in signatures.items()
    }
    nodes = {
        name: node_of(
            named[name], signatures[name], Names(fields, named, forms), returns=forms[name]
        )
        for name in named
    }
    ordered = _ordered(nodes)
    for node in ordered.values():
        _check_prompt(node)
    _check_artefact(artefact, named)
    return Graph(
        workflow=workflow,
        packet=packet,
        shape=fields,
        nodes=ordered,
        consumers=_consumers(ordered),
        artefact=artefact,
    )


def _by_name(stages: Sequence[Stage[..., Any]], fields: Shape) -> dict[str, Stage[..., Any]]:
    taken = {slice_.name for slice_ in fields.slices} | {
        parameter.name for parameter in fields.parameters
    }
    named: dict[str, Stage[..., Any]] = {}
    for stage in stages:
        if not isinstance(stage, Stage):  # pyright: ignore[reportUnnecessaryIsInstance] - users err
            raise SetupError(
                "graph.not_a_stage",
                "A workflow is made of stages.",
                facts={"got": repr(stage)},
                next_step="Decorate the function with @stage.",
            )
        if stage.name in named or stage.name in taken:
            raise SetupError(
                "graph.duplicate_name",
                f"The name {stage.name!r} stands for two things.",
                facts={
                    "stage": f"{stage.name} ({where(stage.function)})",
                    "other": "a field of the packet" if stage.name in taken else "another stage",
                },
                next_step="Rename one of them; stage(name=...) does it without renaming the function.",
            )
        named[stage.name] = stage
    return named


def _ordered(nodes: Mapping[str, Node]) -> dict[str, Node]:
    """Kahn's algorithm, in order of declaration; a circle is named whole."""
    waiting = {name: len(node.upstream) for name, node in nodes.items()}
    consumers = _consumers(nodes)
    ready = deque(name for name, count in waiting.items() if count == 0)
    ordered: dict[str, Node] = {}
    while ready:
        name = ready.popleft()
        ordered[name] = nodes[name]
        for consumer in consumers[name]:
            waiting[consumer] -= 1
            if waiting[consumer] == 0:
                ready.append(consumer)
    if len(ordered) < len(nodes):
        circle = _circle(nodes, next(name for name in nodes if name not in ordered))
        raise SetupError(
            "graph.cycle",
            "The stages form a circle, so none of them could start.",
            facts={"circle": " → ".join(circle)},
            next_step="Remove one of these inputs; what two stages share may be a third.",
        )
    return ordered


def _circle(nodes: Mapping[str, Node], name: str) -> list[str]:
    """A circle of inputs, followed upstream from a stage that never became ready."""
    path: dict[str, None] = {}
    while name not in path:
        path[name] = None
        stuck = [up for up in nodes[name].upstream if up in path] or list(nodes[name].upstream)
        name = stuck[0]
    names = list(path)
    return [*names[names.index(name) :], name]


def _consumers(nodes: Mapping[str, Node]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {name: [] for name in nodes}
    for name, node in nodes.items():
        for upstream in node.upstream:
            found[upstream].append(name)
    return {name: tuple(consumers) for name, consumers in found.items()}


def _check_prompt(node: Node) -> None:
    if node.stage.prompt is None:
        return
    known = {*(wire.parameter for wire in node.wires), *node.stage.slots}
    for slot in read_prompt(node.stage.prompt, stage=node.name).slots:
        if slot not in known:
            raise SetupError(
                "prompt.unknown_slot",
                f"The prompt of stage {node.name!r} has a slot that the stage cannot fill.",
                facts={"file": node.stage.prompt, "slot": slot, "inputs": ", ".join(sorted(known))},
                next_step="Name an input of the stage, or declare what it makes: stage(slots=(...)).",
            )


def _check_artefact(artefact: Artefact[Any] | None, named: Mapping[str, Stage[..., Any]]) -> None:
    if artefact is not None and named.get(artefact.stage.name) is not artefact.stage:
        raise SetupError(
            "graph.artefact",
            f"The artefact prints stage {artefact.stage.name!r}, which is not in the workflow.",
            facts={"path": artefact.path},
            next_step="Add the stage to stages=[...].",
        )
