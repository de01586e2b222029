"""A workflow's graph as a drawing: its stages, what each reads and asks, and its artefact."""

from collections.abc import Iterator

from atelier.ledger.rows import Supply
from atelier.orchestrate.graph import Graph
from atelier.orchestrate.wiring import Node
from atelier.pictures.drawing import Drawing, Link, Look
from atelier.pictures.drawing import Node as Drawn

# No stage is called so: it is no name of Python.
_ARTEFACT = "(artefact)"


def drawing_of(graph: Graph) -> Drawing:
    """The drawing of a checked graph, as `atelier graph --svg` and a notebook show it."""
    nodes = [_drawn(node) for node in graph.nodes.values()]
    links = [link for node in graph.nodes.values() for link in _links(node)]
    if graph.artefact is not None:
        path = graph.artefact.path
        nodes.append(Drawn(name=_ARTEFACT, title="artefact", captions=(path,), look=Look.ARTEFACT))
        links.append(Link(source=graph.artefact.stage.name, target=_ARTEFACT))
    return Drawing(title=f"The stages of {graph.workflow}", nodes=nodes, links=links)


def asks(node: Node) -> str:
    """Which model class a stage asks, in words; empty where it asks none."""
    if node.stage.model is None:
        return ""
    # A stage of rules goes on alone where its class is bound to nothing.
    return f"{'asks' if node.stage.required else 'may ask'} {node.stage.model}"


def _drawn(node: Node) -> Drawn:
    captions = tuple(text for text in (asks(node), _reads(node)) if text)
    return Drawn(name=node.name, title=node.name, captions=captions)


def _reads(node: Node) -> str:
    mapped = node.mapped
    names = [
        "the packet" if wire.supply is Supply.PACKET else wire.source
        for wire in node.wires
        if wire.supply is not Supply.STAGE and wire is not mapped
    ]
    each = [f"each of {'.'.join((mapped.source, *(mapped.each or ())))}"] if mapped else []
    read = [*each, *dict.fromkeys(names)]
    return f"reads {', '.join(read)}" if read else ""


def _links(node: Node) -> Iterator[Link]:
    for wire in node.wires:
        if wire.supply is Supply.STAGE:
            yield Link(source=wire.source, target=node.name, optional=wire.optional)
