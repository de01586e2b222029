"""A run's graph as a picture: how each stage ended and why, what it cost, and what made it run."""

from collections.abc import Callable, Iterator

from atelier.observatory.reading.graph import Graph, Node
from atelier.pictures.drawing import Drawing, Link, Mark
from atelier.pictures.drawing import Node as Drawn
from atelier.pictures.graph import draw_column, draw_graph
from atelier.pictures.units import money, seconds

_MARKS = {mark.value: mark for mark in Mark} | {"not_begun": Mark.WAITING}


# The room of a narrow phone's page, and the stages that nobody would scroll past to reach their list.
_PHONE, _LONGEST = 312.0, 24


def _nowhere(_: Node) -> str:
    return ""


def draw_run(graph: Graph, *, title: str, address: Callable[[Node], str] = _nowhere) -> str:
    """The stages of a run as SVG; `address` says where a stage's box leads, or nothing."""
    return draw_graph(_drawing(graph, title, address))


def draw_run_narrow(
    graph: Graph, *, title: str, address: Callable[[Node], str] = _nowhere
) -> str | None:
    """The same for a phone, or None where it would not fit: the stages are also told as a list."""
    if len(graph.nodes) > _LONGEST:
        return None
    return draw_column(_drawing(graph, title, address), within=_PHONE)


def _drawing(graph: Graph, title: str, address: Callable[[Node], str]) -> Drawing:
    return Drawing(
        title=title,
        nodes=[_drawn(node, address(node)) for node in graph.nodes],
        links=[
            Link(source=edge.source, target=edge.target, is_cause=edge.is_cause)
            for edge in graph.edges
        ],
    )


def _drawn(node: Node, href: str) -> Drawn:
    return Drawn(
        name=node.stage,
        title=node.stage,
        mark=_MARKS.get(node.outcome, Mark.NONE),
        captions=tuple(_captions(node)),
        href=href,
    )


def _captions(node: Node) -> Iterator[str]:
    cause = node.cause.text if node.cause else node.reason
    # The mark has said the outcome already.
    said = cause.removeprefix(f"{node.outcome}: ").removeprefix(f"{node.outcome} because ")
    if said:
        yield said
    spent = "cost unknown" if node.incurred is None else money(node.incurred)
    took = [
        text
        for text, is_told in (
            (seconds(node.seconds), node.seconds > 0),
            (spent, node.requests > 0 or node.incurred != 0),
            (f"{node.retries} retried", node.retries > 0),
        )
        if is_told
    ]
    if took:
        yield " · ".join(took)
