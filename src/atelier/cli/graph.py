"""`atelier graph`: the stages of a workflow, in layers, as a Mermaid diagram or as a picture."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from atelier.cli.console import emit_json, safe, say, table
from atelier.cli.options import Command, json_option, project_option
from atelier.cli.target import load_given
from atelier.ledger.rows import Supply
from atelier.orchestrate.drawn import asks, drawing_of
from atelier.orchestrate.graph import Graph
from atelier.orchestrate.wiring import Node, Wire
from atelier.pictures.graph import draw_graph
from atelier.pictures.style import standalone


@click.command(cls=Command)
@click.argument("target")
@click.option("--mermaid", is_flag=True, help="Print a Mermaid flowchart.")
@click.option("--svg", is_flag=True, help="Print a picture, as SVG with its style in it.")
@json_option
@project_option
def graph(target: str, *, mermaid: bool, svg: bool, as_json: bool, project: Path | None) -> None:
    """Draw the stages of TARGET with the inputs that each of them takes.

    A lens is shown with the type that it looks through; `?` marks an optional input, `[]` the one
    that a stage is mapped over.
    """
    if mermaid + svg + as_json > 1:
        raise click.UsageError("--mermaid, --svg and --json are three forms: give one.")
    drawn = load_given(target, project=project).workflow.graph
    if as_json:
        emit_json(graph_json(drawn))
        return
    if svg:
        say(standalone(draw_graph(drawing_of(drawn))))
        return
    for line in mermaid_lines(drawn) if mermaid else text_lines(drawn):
        say(line)


def layers(drawn: Graph) -> list[list[Node]]:
    """The stages by depth: each stands below everything that it needs."""
    depth: dict[str, int] = {}
    found: list[list[Node]] = []
    for node in drawn.nodes.values():
        depth[node.name] = 1 + max((depth[name] for name in node.upstream), default=-1)
        if depth[node.name] == len(found):
            found.append([])
        found[depth[node.name]].append(node)
    return found


def text_lines(drawn: Graph) -> list[str]:
    """A graph as a person reads it, a line a stage."""
    rows = [
        (
            str(number) if place == 0 else "",
            node.name,
            f"← {', '.join(_wire(wire) for wire in node.wires) or 'nothing'}",
            asks(node),
        )
        for number, layer in enumerate(layers(drawn), start=1)
        for place, node in enumerate(layer)
    ]
    given = ", ".join(parameter.name for parameter in drawn.shape.parameters)
    slices = ", ".join(item.name for item in drawn.shape.slices)
    end = []
    if drawn.artefact is not None:
        end = [f"artefact  {drawn.artefact.stage.name} → {drawn.artefact.path}"]
    return [
        f"{safe(drawn.workflow)}  over {drawn.packet.__name__}({given})",
        f"slices    {slices or '(none)'}",
        *table(rows),
        *map(safe, end),
    ]


def _wire(wire: Wire) -> str:
    if wire.each is not None:
        return f"{'.'.join((wire.parameter, *wire.each))}[]"
    lens = f" as {_type(wire)}" if wire.lens else ""
    return f"{wire.parameter}{lens}{'?' if wire.optional else ''}"


def _type(wire: Wire) -> str:
    annotation: Any = wire.form.annotation
    is_plain = isinstance(annotation, type) and not hasattr(annotation, "__args__")
    return annotation.__name__ if is_plain else str(annotation).replace("typing.", "")


def mermaid_lines(drawn: Graph) -> Iterator[str]:
    """A graph as a Mermaid flowchart; identifiers have a prefix, since Mermaid has words of its own."""
    yield "flowchart TD"
    used = {
        wire.source
        for node in drawn.nodes.values()
        for wire in node.wires
        if wire.supply in {Supply.SLICE, Supply.PARAMETER}
    }
    for name in [field.name for field in drawn.shape.fields if field.name in used]:
        yield f"  p_{name}[/{_label(name)}/]"
    if any(wire.supply is Supply.PACKET for node in drawn.nodes.values() for wire in node.wires):
        yield f"  p_packet[({_label('packet')})]"
    for node in drawn.nodes.values():
        model = f" · {node.stage.model}" if node.stage.model else ""
        yield f"  s_{node.name}[{_label(node.name + model)}]"
    for node in drawn.nodes.values():
        for wire in node.wires:
            yield _edge(node, wire)
    if drawn.artefact is not None:
        yield f"  artefact([{_label(drawn.artefact.path)}])"
        yield f"  s_{drawn.artefact.stage.name} --> artefact"


def _edge(node: Node, wire: Wire) -> str:
    start = f"{'s' if wire.supply is Supply.STAGE else 'p'}_{wire.source}"
    arrow = "-.->" if wire.optional else "-->"
    said = "each" if wire.each is not None else _type(wire) if wire.lens else ""
    return f"  {start} {arrow}{f'|{_label(said)}|' if said else ''} s_{node.name}"


def _label(text: str) -> str:
    """A text in quotes, with Mermaid's entities for what would end or style it."""
    escaped = "".join(f"#{ord(char)};" if char in '"#;<>&`\\' else char for char in safe(text))
    return f'"{escaped}"'


def graph_json(drawn: Graph) -> dict[str, Any]:
    """What `graph --json` prints."""
    return {
        "workflow": drawn.workflow,
        "packet": {
            "type": drawn.packet.__name__,
            "parameters": [parameter.name for parameter in drawn.shape.parameters],
            "slices": [item.name for item in drawn.shape.slices],
        },
        "stages": [
            {
                "stage": node.name,
                "layer": number,
                "model": node.stage.model,
                "inputs": [_wire_json(wire) for wire in node.wires],
            }
            for number, layer in enumerate(layers(drawn), start=1)
            for node in layer
        ],
        "artefact": {"stage": drawn.artefact.stage.name, "path": drawn.artefact.path}
        if drawn.artefact
        else None,
    }


def _wire_json(wire: Wire) -> dict[str, Any]:
    return {
        "parameter": wire.parameter,
        "supply": wire.supply.value,
        "source": wire.source,
        "lens": _type(wire) if wire.lens and wire.each is None else None,
        "each": ".".join((wire.parameter, *wire.each)) if wire.each is not None else None,
        "optional": wire.optional,
    }
