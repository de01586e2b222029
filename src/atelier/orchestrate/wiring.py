"""Wiring: a stage's parameters become wires, and each is checked against what it names."""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from inspect import Parameter as Argument
from inspect import Signature, signature
from types import UnionType
from typing import Any, Union, get_args, get_origin

from atelier.aggregate import Shape
from atelier.kernel.errors import SetupError
from atelier.kernel.form import Form, form_of
from atelier.ledger.rows import Supply
from atelier.orchestrate.lens import fit
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


@dataclass(frozen=True)
class Node:
    """A stage in its place: its wires, and the forms of what it returns and asks."""

    stage: Stage[..., Any]
    wires: tuple[Wire, ...]
    returns: Form[Any]
    output: Form[Any]
    asks: Form[Any] | None
    aside: bool
    annotations: tuple[Any, ...]

    @cached_property
    def name(self) -> str:
        """The stage's name."""
        return self.stage.name

    @cached_property
    def upstream(self) -> tuple[str, ...]:
        """The stages that this one needs, each once."""
        return tuple(
            dict.fromkeys(wire.source for wire in self.wires if wire.supply is Supply.STAGE)
        )

    @cached_property
    def mapped(self) -> Wire | None:
        """The wire that the stage is mapped over, if it is."""
        return next((wire for wire in self.wires if wire.each is not None), None)


@dataclass(frozen=True, slots=True)
class Names:
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


def signature_of(stage: Stage[..., Any]) -> Signature:
    """What a stage's function takes and returns, its annotations as objects.

    Raises:
        SetupError: an annotation names what cannot be found.
    """
    try:
        return signature(stage.function, eval_str=True)
    except (NameError, TypeError, ValueError) as error:
        raise SetupError(
            "graph.annotation",
            f"The annotations of stage {stage.name!r} cannot be read.",
            facts={"at": where(stage.function), "why": error},
            next_step="Import the types that it names at the top of its module.",
        ) from error


def output_forms(stage: Stage[..., Any], annotation: Any) -> tuple[Form[Any], Form[Any]]:
    """The forms of what the function returns, and of what consumers get."""
    if annotation is Signature.empty:
        raise SetupError(
            "graph.annotation",
            f"Stage {stage.name!r} does not say what it returns.",
            facts={"at": where(stage.function)},
            next_step="Annotate its return type.",
        )
    return form_of(annotation), form_of(list[annotation]) if stage.each else form_of(annotation)


def node_of(
    stage: Stage[..., Any],
    read: Signature,
    names: Names,
    *,
    returns: tuple[Form[Any], Form[Any]],
) -> Node:
    """A stage with each of its parameters wired.

    Raises:
        SetupError: a parameter names nothing, or cannot take what it names.
    """
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


def _wire(stage: Stage[..., Any], argument: Argument, names: Names) -> Wire:
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
