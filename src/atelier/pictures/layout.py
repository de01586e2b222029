"""A layered layout: boxes below what they need, edges that bend only between layers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from atelier.pictures.column import in_column
from atelier.pictures.crossings import untangled
from atelier.pictures.layering import Edge, Layers, layered
from atelier.pictures.placing import Places, placed

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A node, and the room that it takes."""

    name: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A box in its place; `x` and `y` are its upper left corner."""

    name: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Route:
    """The way of an edge: pairs of points, straight down within a pair and bent between pairs."""

    source: str
    target: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Spacing:
    """What stays free beside a box, between layers, and beside an edge that passes."""

    beside: float = 24.0
    between: float = 40.0


@dataclass(frozen=True, slots=True)
class Layout:
    """Every box and edge in its place, and how much room all of them take."""

    boxes: tuple[Placed, ...]
    routes: tuple[Route, ...]
    width: float
    height: float


def lay_out(boxes: Sequence[Box], edges: Sequence[Edge], spacing: Spacing | None = None) -> Layout:
    """The boxes in layers from top to bottom; equal graphs are laid out equally.

    An edge that closes a circle has no route; one between unknown names is left out.

    Example:
        >>> found = lay_out([Box("a", 40, 20), Box("b", 40, 20)], [("a", "b")])
        >>> [(box.name, box.x, box.y) for box in found.boxes], found.routes[0].points
        ([('a', 0.0, 0.0), ('b', 0.0, 60.0)], ((20.0, 20.0), (20.0, 20.0), (20.0, 60.0), (20.0, 60.0)))
    """
    space = spacing or Spacing()
    known = {box.name: box for box in boxes}
    layers = untangled(layered(list(known), edges))
    middles = placed(layers, {name: box.width for name, box in known.items()}, space.beside)
    return _laid_out(known, layers, middles, between=space.between)


def lay_out_column(boxes: Sequence[Box], edges: Sequence[Edge], spacing: Spacing) -> Layout:
    """The boxes below each other, and the long edges beside them; else as `lay_out`.

    Example:
        >>> found = lay_out_column([Box("a", 40, 20), Box("b", 40, 20)], [], Spacing())
        >>> [(box.name, box.x, box.y) for box in found.boxes]
        [('a', 0.0, 0.0), ('b', 0.0, 60.0)]
    """
    known = {box.name: box for box in boxes}
    layers = layered(list(known), edges, abreast=1)
    middles = in_column(layers, {name: box.width for name, box in known.items()}, spacing.beside)
    return _laid_out(known, layers, middles, between=spacing.between)


def _laid_out(
    known: Mapping[str, Box], layers: Layers, middles: Places, *, between: float
) -> Layout:
    bands = _bands(layers, known, between)
    heights = {name: box.height for name, box in known.items()}
    at = {name: band for layer, band in zip(layers.order, bands, strict=True) for name in layer}
    found = tuple(
        Placed(name, round(middles[name] - box.width / 2, 3), at[name][0], box.width, box.height)
        for name, box in known.items()
    )
    return Layout(
        boxes=found,
        routes=tuple(
            Route(*edge, _way(chain, middles, at, heights=heights))
            for edge, chain in layers.chains.items()
        ),
        width=max((*(box.x + box.width for box in found), *middles.values()), default=0.0),
        height=bands[-1][1] if bands else 0.0,
    )


def _bands(layers: Layers, boxes: Mapping[str, Box], between: float) -> list[tuple[float, float]]:
    """The top and the bottom of each layer."""
    found: list[tuple[float, float]] = []
    top = 0.0
    for layer in layers.order:
        height = max((boxes[name].height for name in layer if name in boxes), default=0.0)
        found.append((top, top + height))
        top += height + between
    return found


def _way(
    chain: Sequence[str],
    middles: Places,
    bands: Mapping[str, tuple[float, float]],
    *,
    heights: Mapping[str, float],
) -> tuple[Point, ...]:
    """From below the source, through its layer and those between, to the top of the target."""
    points: list[Point] = []
    for name, _ in pairwise(chain):
        top, bottom = bands[name]
        start = top + heights[name] if name in heights else top
        points += [(middles[name], start), (middles[name], bottom)]
    end = (middles[chain[-1]], bands[chain[-1]][0])
    return (*points, end, end)
