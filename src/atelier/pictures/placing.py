"""The second half of a layered layout: where on its layer each node stands.

After Brandes and Köpf: nodes are aligned with the middle of their neighbours into vertical blocks,
from both sides and from above and below; of the four placings each node gets the middle. The part
of a long edge between its dummies is one block, and so stays straight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from atelier.pictures.layering import Layers, Neighbours

Places = dict[str, float]


@dataclass(frozen=True, slots=True)
class _View:
    """The layers as one of the four placings sees them: maybe upside down, maybe mirrored."""

    order: Sequence[Sequence[str]]
    fixed: Neighbours
    forbidden: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Side:
    """From where a placing is made, and the segments that none of them aligns."""

    forbidden: frozenset[tuple[str, str]]
    upwards: bool
    mirrored: bool


@dataclass(frozen=True, slots=True)
class _Room:
    """How wide nodes are, and what stays free between them."""

    widths: Mapping[str, float]
    gap: float

    def apart(self, one: str, other: str) -> float:
        """How far the middles of two neighbours are apart at least."""
        return (self.widths.get(one, 0.0) + self.widths.get(other, 0.0)) / 2 + self.gap

    def edges(self, places: Mapping[str, float]) -> tuple[float, float]:
        """Where a placing begins and ends."""
        halves = {name: self.widths.get(name, 0.0) / 2 for name in places}
        return (
            min((x - halves[name] for name, x in places.items()), default=0.0),
            max((x + halves[name] for name, x in places.items()), default=0.0),
        )

    def span(self, places: Mapping[str, float]) -> float:
        """How wide a placing is."""
        low, high = self.edges(places)
        return high - low


def placed(layers: Layers, widths: Mapping[str, float], gap: float) -> Places:
    """The middle of each node and dummy, from 0 on; within a layer nothing is nearer than `gap`.

    Example:
        >>> from atelier.pictures.layering import layered
        >>> found = layered(["a", "b", "c"], [("a", "b"), ("a", "c")])
        >>> placed(found, {"a": 10, "b": 10, "c": 10}, 4)
        {'a': 12.0, 'b': 5.0, 'c': 19.0}
    """
    forbidden, room = _conflicts(layers), _Room(widths, gap)
    four = [
        _placing(layers, room, _Side(forbidden, upwards=upwards, mirrored=mirrored))
        for upwards in (False, True)
        for mirrored in (False, True)
    ]
    narrowest = min(four, key=room.span)
    left, right = room.edges(narrowest)
    shifted: list[Places] = []
    for number, places in enumerate(four):
        low, high = room.edges(places)
        move = right - high if number % 2 else left - low
        shifted.append({name: x + move for name, x in places.items()})
    found = {name: _average(sorted(places[name] for places in shifted)) for name in narrowest}
    least = room.edges(found)[0]
    return {name: round(found[name] - least, 3) for layer in layers.order for name in layer}


def _average(places: Sequence[float]) -> float:
    return (places[1] + places[2]) / 2


def _placing(layers: Layers, room: _Room, side: _Side) -> Places:
    """One of the four placings; a mirrored one is turned back at the end."""
    order = [list(reversed(layer)) if side.mirrored else list(layer) for layer in layers.order]
    if side.upwards:
        order.reverse()
    view = _View(order, layers.below if side.upwards else layers.above, side.forbidden)
    places = _compacted(view, _aligned(view), room)
    return {name: -x for name, x in places.items()} if side.mirrored else places


def _conflicts(layers: Layers) -> frozenset[tuple[str, str]]:
    """The segments that cross the inside of a long edge: those are not aligned."""
    found: set[tuple[str, str]] = set()
    for upper, lower in pairwise(layers.order):
        at = {name: place for place, name in enumerate(upper)}
        low, done = 0, 0
        for place, name in enumerate(lower):
            inner = _inner(name, layers)
            if inner is None and place < len(lower) - 1:
                continue
            high = at[inner] if inner is not None else len(upper) - 1
            for other in lower[done : place + 1]:
                for one in layers.above.get(other, ()):
                    is_inner = one in layers.dummies and other in layers.dummies
                    if not (low <= at[one] <= high) and not is_inner:
                        found.add((one, other))
            low, done = high, place + 1
    return frozenset(found)


def _inner(name: str, layers: Layers) -> str | None:
    """The dummy above a dummy."""
    if name not in layers.dummies:
        return None
    return next((one for one in layers.above.get(name, ()) if one in layers.dummies), None)


def _aligned(view: _View) -> dict[str, str]:
    """The first node of the block that each node is in."""
    root = {name: name for layer in view.order for name in layer}
    taken: set[str] = set()
    for upper, lower in pairwise(view.order):
        at = {name: place for place, name in enumerate(upper)}
        last = -1
        for name in lower:
            near = sorted(view.fixed.get(name, ()), key=at.__getitem__)
            middles = near[(len(near) - 1) // 2 : len(near) // 2 + 1]
            for one in middles:
                crossed = (one, name) in view.forbidden or (name, one) in view.forbidden
                if root[name] == name and not crossed and at[one] > last and one not in taken:
                    root[name], last = root[one], at[one]
                    taken.add(one)
    return root


def _compacted(view: _View, root: Mapping[str, str], room: _Room) -> Places:
    """Every block as far left as its neighbours let it, then as near to its right ones as it can be."""
    left: dict[str, dict[str, float]] = {name: {} for name in dict.fromkeys(root.values())}
    right: dict[str, dict[str, float]] = {name: {} for name in left}
    for layer in view.order:
        for one, other in pairwise(layer):
            apart = room.apart(one, other)
            here, there = root[one], root[other]
            left[there][here] = right[here][there] = max(apart, left[there].get(here, 0.0))
    order = _from_left(left, right)
    x: Places = {}
    for block in order:
        x[block] = max((x[one] + apart for one, apart in left[block].items()), default=0.0)
    for block in reversed(order):
        if right[block]:
            x[block] = max(x[block], min(x[one] - apart for one, apart in right[block].items()))
    return {name: x[block] for name, block in root.items()}


def _from_left(
    left: Mapping[str, Mapping[str, float]], right: Mapping[str, Mapping[str, float]]
) -> list[str]:
    """The blocks, each behind those on its left."""
    needs = {block: len(others) for block, others in left.items()}
    found = [block for block, count in needs.items() if not count]
    for block in found:
        for other in right[block]:
            needs[other] -= 1
            if not needs[other]:
                found.append(other)
    return found
