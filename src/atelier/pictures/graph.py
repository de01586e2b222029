"""A layered graph as SVG: boxes with a name, a mark and captions, and edges that bend smoothly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from atelier.pictures.drawing import Drawing, Link, Look, Mark, Node
from atelier.pictures.layout import Box, Layout, Placed, Route, Spacing, lay_out, lay_out_column
from atelier.pictures.lettering import BOLD, cut, width_of, wrap
from atelier.pictures.markup import classes, element, escape, number, svg, text_at

NAME, CAPTION = 13.0, 11.0
_LEAST, _MOST = 112.0, 224.0
_PAD, _MARK, _RADIUS = 12.0, 16.0, 7.0
_FIRST, _LINE, _FOOT = 22.0, 15.0, 10.0
_CAPTION_LINES = 3
_MARGIN = 8.0
_WIDE = Spacing(beside=26.0, between=38.0)
_COLUMN = Spacing(beside=12.0, between=28.0)
_ARROW = 5.0
# A run that goes on is drawn again and again, and of its boxes only a few are others each time.
_KEPT = 2048


@dataclass(frozen=True, slots=True)
class _Cell:
    """A node with its texts fitted."""

    node: Node
    title: str
    lines: tuple[str, ...]
    box: Box


def draw_graph(drawing: Drawing) -> str:
    """The picture of a graph: names classes and no colour, so the page's style decides.

    Every text is escaped. A box with an address is a link; a name that is cut has its whole one in
    the box's title. Equal drawings give equal pictures.

    Example:
        >>> drawn = draw_graph(Drawing(title="a graph", nodes=[Node(name="a", title="<a>")]))
        >>> "&lt;a&gt;" in drawn, "<a>" in drawn, "style" in drawn
        (True, False, False)
    """
    cells = [_cell(node) for node in drawing.nodes]
    layout = lay_out([cell.box for cell in cells], _joined(drawing), _WIDE)
    return _picture(drawing, cells, layout)


def draw_column(drawing: Drawing, *, within: float) -> str | None:
    """The same graph with one box below another, for a narrow page; None where that is wider still.

    Example:
        >>> three = [Node(name=name, title=name) for name in "abc"]
        >>> column = draw_column(Drawing(title="a graph", nodes=three), within=300)
        >>> column is not None, draw_column(Drawing(title="a graph", nodes=three), within=100)
        (True, None)
    """
    cells = [_cell(node) for node in drawing.nodes]
    layout = lay_out_column([cell.box for cell in cells], _joined(drawing), _COLUMN)
    if layout.width + 2 * _MARGIN > within:
        return None
    return _picture(drawing, cells, layout)


def _joined(drawing: Drawing) -> list[tuple[str, str]]:
    return [(link.source, link.target) for link in drawing.links]


def _picture(drawing: Drawing, cells: list[_Cell], layout: Layout) -> str:
    return svg(
        layout.width + 2 * _MARGIN,
        layout.height + 2 * _MARGIN,
        [
            element(
                "g",
                *_edges(layout, drawing),
                *_boxes(layout, cells),
                transform=f"translate({number(_MARGIN)} {number(_MARGIN)})",
            )
        ],
        title=drawing.title,
        desc=drawing.described,
        class_="pic-graph",
    )


@lru_cache(maxsize=_KEPT)
def _cell(node: Node) -> _Cell:
    mark = _MARK if node.mark else 0.0
    room = _MOST - 2 * _PAD
    title = cut(node.title, NAME * BOLD, room - mark)
    lines = tuple(
        line
        for caption in node.captions
        for line in wrap(caption, CAPTION, room, lines=_CAPTION_LINES)
    )
    widest = max(
        [width_of(title, NAME * BOLD) + mark, *(width_of(line, CAPTION) for line in lines)]
    )
    height = _FIRST + _LINE * len(lines) + _FOOT
    width = min(max(widest + 2 * _PAD, _LEAST), _MOST)
    return _Cell(node, title, lines, Box(node.name, round(width), height))


def _edges(layout: Layout, drawing: Drawing) -> Iterator[str]:
    links = {(link.source, link.target): link for link in drawing.links}
    # What made a stage run is drawn over what did not.
    routes = sorted(layout.routes, key=lambda route: links[route.source, route.target].is_cause)
    for route in routes:
        yield _edge(route, links[route.source, route.target])


@lru_cache(maxsize=_KEPT)
def _edge(route: Route, link: Link) -> str:
    (x, y), *rest = route.points
    steps = [f"M{number(x)} {number(y)}"]
    for at, (to_x, to_y) in enumerate(rest):
        if at % 2 == 0:
            steps.append(f"V{number(to_y)}")
        else:
            end = to_y - _ARROW if at == len(rest) - 2 else to_y
            middle = number((y + end) / 2)
            steps.append(
                f"C{number(x)} {middle} {number(to_x)} {middle} {number(to_x)} {number(end)}"
            )
        x, y = to_x, to_y
    tip = f"M{number(x)} {number(y)}l-3.5 {number(-_ARROW - 1)}h7z"
    kind = classes(
        "pic-edge", "is-cause" if link.is_cause else "", "is-optional" if link.optional else ""
    )
    line = element(
        "path",
        d="".join(steps[:-1]),
        fill="none",
        stroke_dasharray="4 4" if link.optional else None,
        class_="pic-line",
    )
    return element("g", line, element("path", d=tip, class_="pic-tip"), class_=kind)


def _boxes(layout: Layout, cells: list[_Cell]) -> Iterator[str]:
    places: Mapping[str, Placed] = {box.name: box for box in layout.boxes}
    for cell in cells:
        yield _box(cell, places[cell.node.name])


@lru_cache(maxsize=_KEPT)
def _box(cell: _Cell, place: Placed) -> str:
    node = cell.node
    round_by = place.height / 2 if node.look is Look.ARTEFACT else _RADIUS
    mark = _MARK if node.mark else 0.0
    drawn = [
        element("title", escape(node.spoken)),
        element(
            "rect",
            width=place.width,
            height=place.height,
            rx=min(round_by, 18.0),
            class_="pic-box",
        ),
        _mark(node.mark),
        text_at(cell.title, _PAD + mark, _FIRST - 1, size=NAME, class_="pic-name"),
        *(
            text_at(line, _PAD, _FIRST + _LINE * at, size=CAPTION, class_="pic-caption")
            for at, line in enumerate(cell.lines, start=1)
        ),
    ]
    group = element(
        "g",
        *drawn,
        class_=classes(
            "pic-node", f"is-{node.look.value}", f"is-{node.mark.value}" if node.mark else ""
        ),
        transform=f"translate({number(place.x)} {number(place.y)})",
        data_name=node.name,
    )
    if not node.href:
        return group
    return element("a", group, href=node.href, aria_label=node.spoken)


def _mark(mark: Mark) -> str:
    """The sign of how a stage stands, left of its name."""
    x, y = _PAD + 4.0, _FIRST - 5.5
    if not mark:
        return ""
    if mark in _STROKES:
        path = f"M{number(x)} {number(y)}{_STROKES[mark]}"
        return element("path", d=path, fill="none", class_="pic-mark")
    ring = element(
        "circle",
        cx=x,
        cy=y,
        r=4.0,
        class_="pic-mark",
        fill=None if mark is Mark.RAN else "none",
        stroke_dasharray="1.6 2.6" if mark is Mark.WAITING else None,
    )
    half = f"M{number(x)} {number(y - 4)}a4 4 0 0 1 0 8z"
    return ring + (element("path", d=half, class_="pic-mark") if mark is Mark.RUNNING else "")


_STROKES = {Mark.FAILED: "m-3.5 -3.5l7 7m0 -7l-7 7", Mark.BLOCKED: "m-4 0h8"}
