"""The graph of a workflow: names become wires, and every wire is checked before anything runs."""

import warnings
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import Parameter as Argument
from inspect import Signature, signature
from types import UnionType
from typing import Any, Union, get_args, get_origin

from atelier.aggregate import Packet, Shape, shape
from atelier.kernel.errors import SetupError
from atelier.kernel.form import Form, form_of
from atelier.ledger.rows import Supply
from atelier.orchestrate.artefact import Artefact
from atelier.orchestrate.lens import fit
from atelier.orchestrate.prompt import read_prompt
from atelier.orchestrate.stage import Ask, Stage, where


@dataclass(frozen=True, slots=True)
class Wire:
    """One input of a stage: where it comes from, and the form in which the stage takes it."""

    parameter: str
    supply: Supply
    source: str
    form: Form[Any]
    lens: bool
    optional: bool
    each: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A stage in its place: its wires, and the forms of what it returns and asks."""

    stage: Stage[..., Any]
    wires: tuple[Wire, ...]
    returns: Form[Any]
    output: Form[Any]
    asks: Form[Any] | None
    aside: bool
    annotations: tuple[Any, ...]

    @property
    def name(self) -> str:
        """The stage's name."""
        return self.stage.name

    @property
    def upstream(self) -> tuple[str, ...]:
        """The stages that this one needs, each once."""
        return tuple(
            dict.fromkeys(wire.source for wire in self.wires if wire.supply is Supply.STAGE)
        )

    @property
    def mapped(self) -> Wire | None:
        """The wire that the stage is mapped over, if it is."""
        return next((wire for wire in self.wires if wire.each is not None), None)


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
    signatures = {name: _signature(stage) for name, stage in named.items()}
    forms = {
        name: _output(named[name], read.return_annotation) for name, read in signatures.items()
    }
    nodes = {
        name: _node(
            named[name], signatures[name], _Names(fields, named, forms), returns=forms[name]
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


@dataclass(frozen=True, slots=True)
class _Names:
    """Everything that a parameter can name."""

    fields: Shape
    stages: Mapping[str, Stage[..., Any]]
    forms: Mapping[str, tuple[Form[Any], Form[Any]]]

    def find(self, name: str) -> tuple[Supply, Form[Any]] | None:
        """What a name stands for, and the form of what it gives."""
        if name in self.forms:
            return Supply.STAGE, self.forms[name][1]
        for slice_ in self.fields.slices:
            if slice_.name == name:
                return Supply.SLICE, form_of(slice_.annotation)
        for parameter in self.fields.parameters:
            if parameter.name == name:
                return Supply.PARAMETER, form_of(parameter.annotation)
        return None

    def near(self, name: str) -> str:
        """What somebody who wrote `name` may have meant."""
        known = [
            *self.stages,
            *(slice_.name for slice_ in self.fields.slices),
            *(parameter.name for parameter in self.fields.parameters),
        ]
        close = get_close_matches(name, known, n=1)
        return f"Did you mean {close[0]!r}?" if close else f"Known names: {', '.join(known)}."


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


def _signature(stage: Stage[..., Any]) -> Signature:
    try:
        return signature(stage.function, eval_str=True)
    except (NameError, TypeError, ValueError) as error:
        raise SetupError(
            "graph.annotation",
            f"The annotations of stage {stage.name!r} cannot be read.",
            facts={"at": where(stage.function), "why": error},
            next_step="Import the types that it names at the top of its module.",
        ) from error


def _output(stage: Stage[..., Any], annotation: Any) -> tuple[Form[Any], Form[Any]]:
    """The forms of what the function returns, and of what consumers get."""
    if annotation is Signature.empty:
        raise SetupError(
            "graph.annotation",
            f"Stage {stage.name!r} does not say what it returns.",
            facts={"at": where(stage.function)},
            next_step="Annotate its return type.",
        )
    return form_of(annotation), form_of(list[annotation]) if stage.each else form_of(annotation)


def _node(
    stage: Stage[..., Any],
    read: Signature,
    names: _Names,
    *,
    returns: tuple[Form[Any], Form[Any]],
) -> Node:
    arguments = [
        argument for argument in read.parameters.values() if argument.name not in {"ask", "aside"}
    ]
    wires = tuple(_wire(stage, argument, names) for argument in arguments)
    root = stage.each.split(".")[0] if stage.each else None
    if root is not None and all(wire.each is None for wire in wires):
        raise SetupError(
            "graph.each",
            f"Stage {stage.name!r} is mapped over {stage.each!r} but does not take it.",
            facts={"at": where(stage.function)},
            next_step=f"Give it a parameter named {root!r}, annotated with the element's type.",
        )
    ask = read.parameters.get("ask")
    return Node(
        stage=stage,
        wires=wires,
        returns=returns[0],
        output=returns[1],
        asks=form_of(_asked(stage, ask)) if ask is not None else None,
        aside="aside" in read.parameters,
        annotations=tuple(
            annotation
            for annotation in (
                *(argument.annotation for argument in arguments),
                read.return_annotation,
                *([_asked(stage, ask)] if ask is not None else []),
            )
        ),
    )


def _asked(stage: Stage[..., Any], ask: Argument) -> Any:
    """The `T` of `ask: Ask[T]`, also under `| None`."""
    for candidate in (ask.annotation, *get_args(ask.annotation)):
        if get_origin(candidate) is Ask:
            return get_args(candidate)[0]
    raise SetupError(
        "graph.annotation",
        f"Stage {stage.name!r} does not say what it asks for.",
        facts={"at": where(stage.function), "parameter": "ask"},
        next_step="Annotate it: `ask: Ask[Draft]`.",
    )


def _wire(stage: Stage[..., Any], argument: Argument, names: _Names) -> Wire:
    name = argument.name
    _check_argument(stage, argument)
    if name == "packet":
        return Wire(name, Supply.PACKET, "packet", form_of(Any), lens=False, optional=False)
    found = names.find(name)
    if found is None or name == stage.name:
        raise SetupError(
            "graph.unknown_name",
            f"Stage {stage.name!r} takes {name!r}, which nothing is called.",
            facts={"at": where(stage.function), "parameter": name},
            next_step=names.near(name),
        )
    supply, produced = found
    optional = argument.default is None
    each = tuple(stage.each.split(".")) if stage.each else ()
    if each and each[0] == name:
        return _mapped_wire(stage, argument, found)
    annotation = _without_none(argument.annotation) if optional else argument.annotation
    wanted = form_of(annotation)
    if supply is Supply.SLICE and optional:  # a slice may itself be None
        wanted = form_of(argument.annotation)
    matched = fit(produced, wanted)
    if matched.problem:
        raise _misfit(stage, name, matched.problem)
    if matched.warning:
        warnings.warn(f"stage {stage.name!r}, {name!r}: {matched.warning}", stacklevel=2)
    return Wire(name, supply, name, wanted, lens=matched.lens, optional=optional)


def _mapped_wire(
    stage: Stage[..., Any], argument: Argument, found: tuple[Supply, Form[Any]]
) -> Wire:
    supply, produced = found
    path = tuple((stage.each or "").split("."))[1:]
    schema = _items(produced, path)
    if schema is None:
        raise SetupError(
            "graph.each",
            f"Stage {stage.name!r} is mapped over {stage.each!r}, which is not a list.",
            facts={"at": where(stage.function), "parameter": argument.name},
            next_step="Name a list slice, or a list field of a stage's output.",
        )
    return Wire(
        argument.name,
        supply,
        argument.name,
        form_of(argument.annotation),
        lens=True,
        optional=False,
        each=path,
    )


def _items(produced: Form[Any], path: Iterable[str]) -> Any:
    """The schema of the elements at a path of field names, or None where there is no list."""
    definitions = produced.schema.get("$defs", {})
    node: Any = produced.schema
    for step in path:
        node = _deref(node, definitions).get("properties", {}).get(step)
        if node is None:
            return None
    node = _deref(node, definitions)
    return node.get("items") if node.get("type") == "array" else None


def _deref(node: Any, definitions: Mapping[str, Any]) -> Any:
    while "$ref" in node:
        node = definitions[node["$ref"].removeprefix("#/$defs/")]
    return node


def _check_argument(stage: Stage[..., Any], argument: Argument) -> None:
    if argument.kind in {Argument.VAR_POSITIONAL, Argument.VAR_KEYWORD, Argument.POSITIONAL_ONLY}:
        problem, step = f"takes {argument}", "Name each input: a parameter name is the wiring."
    elif argument.annotation is Argument.empty:
        problem, step = (
            f"does not annotate {argument.name!r}",
            "Annotate it with the type it takes.",
        )
    elif argument.default not in {Argument.empty, None}:
        problem, step = (
            f"gives {argument.name!r} a default",
            "Only `= None` is allowed: it makes the input optional. Use options={...} for settings.",
        )
    else:
        return
    raise SetupError(
        "graph.parameter",
        f"Stage {stage.name!r} {problem}.",
        facts={"at": where(stage.function), "parameter": argument.name},
        next_step=step,
    )


def _misfit(stage: Stage[..., Any], name: str, problem: str) -> SetupError:
    return SetupError(
        "graph.type",
        f"Stage {stage.name!r} cannot take {name!r} as it is annotated.",
        facts={"at": where(stage.function), "parameter": name, "why": problem},
        next_step="Annotate it with the producer's type, or with a model of fewer of its fields.",
    )


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in {Union, UnionType}:
        rest = tuple(part for part in get_args(annotation) if part is not type(None))
        return Union[rest] if rest else annotation  # noqa: UP007 - built from parts
    return annotation


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
    known = {wire.parameter for wire in node.wires}
    for slot in read_prompt(node.stage.prompt, stage=node.name).slots:
        if slot not in known:
            raise SetupError(
                "prompt.unknown_slot",
                f"The prompt of stage {node.name!r} has a slot that the stage cannot fill.",
                facts={"file": node.stage.prompt, "slot": slot, "inputs": ", ".join(sorted(known))},
                next_step="Name an input of the stage, or pass the slot through one.",
            )


def _check_artefact(artefact: Artefact[Any] | None, named: Mapping[str, Stage[..., Any]]) -> None:
    if artefact is not None and named.get(artefact.stage.name) is not artefact.stage:
        raise SetupError(
            "graph.artefact",
            f"The artefact prints stage {artefact.stage.name!r}, which is not in the workflow.",
            facts={"path": artefact.path},
            next_step="Add the stage to stages=[...].",
        )
