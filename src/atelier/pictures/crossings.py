"""Fewer crossings: each layer is put into the order of the middle of its neighbours, up and down."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from atelier.pictures.layering import Layers, Neighbours

SWEEPS = 12
# After so many sweeps without a gain, more do not help.
_PATIENCE = 4


def untangled(layers: Layers) -> Layers:
    """The same layers in the best order that was found; equal layers come out equally.

    Example:
        >>> from atelier.pictures.layering import layered
        >>> found = layered(["a", "b", "c", "d"], [("a", "d"), ("b", "c")])
        >>> crossings(found), crossings(untangled(found))
        (1, 0)
    """
    order = [list(layer) for layer in layers.order]
    best, fewest, idle = [list(layer) for layer in order], crossings(layers), 0
    for sweep in range(SWEEPS):
        if not fewest or idle >= _PATIENCE:
            break
        if sweep % 2 == 0:
            for upper, lower in pairwise(range(len(order))):
                order[lower] = _sorted(order[lower], order[upper], layers.above, sweep=sweep)
        else:
            for lower, upper in pairwise(reversed(range(len(order)))):
                order[upper] = _sorted(order[upper], order[lower], layers.below, sweep=sweep)
        found = crossings(replace(layers, order=tuple(map(tuple, order))))
        idle += 1
        if found < fewest:
            best, fewest, idle = [list(layer) for layer in order], found, 0
    return replace(layers, order=tuple(map(tuple, best)))


def crossings(layers: Layers) -> int:
    """How many pairs of edges cross."""
    return sum(_between(upper, lower, layers.below) for upper, lower in pairwise(layers.order))


def _sorted(
    layer: Sequence[str], fixed: Sequence[str], neighbours: Neighbours, *, sweep: int
) -> list[str]:
    """A layer in the order of its neighbours' middle; a node without any keeps its place."""
    at = {name: place for place, name in enumerate(fixed)}
    weights: dict[str, float] = {}
    for name in layer:
        places = sorted(at[one] for one in neighbours.get(name, ()))
        if places:
            weights[name] = _middle(places) if sweep % 4 < 2 else sum(places) / len(places)
    moving = iter(sorted((name for name in layer if name in weights), key=weights.__getitem__))
    return [next(moving) if name in weights else name for name in layer]


def _middle(places: Sequence[int]) -> float:
    """The median; of an even number, drawn to the side where they stand closer.

    Example:
        >>> _middle([1, 2, 9]), _middle([1, 3]), _middle([0, 1, 5, 9])
        (2.0, 2.0, 1.8)
    """
    half = len(places) // 2
    if len(places) % 2:
        return float(places[half])
    if len(places) == 2:
        return (places[0] + places[1]) / 2
    left, right = places[half - 1] - places[0], places[-1] - places[half]
    if not left + right:
        return (places[half - 1] + places[half]) / 2
    return (places[half - 1] * right + places[half] * left) / (left + right)


def _between(upper: Sequence[str], lower: Sequence[str], below: Neighbours) -> int:
    """The crossings between two layers: inversions, counted in a tree of sums."""
    at = {name: place for place, name in enumerate(lower)}
    ends = [place for name in upper for place in sorted(at[one] for one in below.get(name, ()))]
    tree = [0] * (len(lower) + 1)
    found = 0
    for seen, place in enumerate(ends):
        index, not_right = place + 1, 0
        while index:
            not_right += tree[index]
            index -= index & -index
        found += seen - not_right
        index = place + 1
        while index <= len(lower):
            tree[index] += 1
            index += index & -index
    return found
