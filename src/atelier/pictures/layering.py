"""The first half of a layered layout: which layer a node stands in, and the order within each."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise

Edge = tuple[str, str]
Neighbours = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Layers:
    """Nodes by layer, each edge between neighbouring layers.

    A long edge goes through a dummy in each layer between its ends; `chains` has the way of each
    edge, ends included. An edge that would go back is in no chain.
    """

    order: tuple[tuple[str, ...], ...]
    chains: Mapping[Edge, tuple[str, ...]]
    dummies: frozenset[str]
    above: Neighbours = field(default_factory=dict[str, Sequence[str]])
    below: Neighbours = field(default_factory=dict[str, Sequence[str]])


def layered(nodes: Sequence[str], edges: Sequence[Edge], *, abreast: int | None = None) -> Layers:
    """Every node below all that it needs, and no lower than that, with dummies for long edges.

    A node that needs nothing stands right above the first that needs it. No more than `abreast`
    nodes share a layer: what finds it full stands lower.

    Example:
        >>> found = layered(["a", "b", "c"], [("a", "b"), ("b", "c"), ("a", "c")])
        >>> [len(layer) for layer in found.order], len(found.dummies)
        ([1, 2, 1], 1)
        >>> layered(["a", "b", "c"], [("a", "c")], abreast=1).order[-1]
        ('c',)
    """
    known = set(nodes)
    once = [
        edge
        for edge in dict.fromkeys(edges)
        if edge[0] != edge[1] and edge[0] in known and edge[1] in known
    ]
    ordered, kept = _topological(nodes, once)
    depth = _depths(ordered, kept, len(known) if abreast is None else abreast)
    order: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in nodes:
        order[depth[name]].append(name)
    chains: dict[Edge, tuple[str, ...]] = {}
    dummies: list[str] = []
    for number, (source, target) in enumerate(kept):
        between = [f"\x00{number}/{at}" for at in range(depth[source] + 1, depth[target])]
        for at, dummy in enumerate(between, start=depth[source] + 1):
            order[at].append(dummy)
        dummies += between
        chains[source, target] = (source, *between, target)
    above, below = _neighbours(chains)
    return Layers(tuple(map(tuple, order)), chains, frozenset(dummies), above, below)


def _topological(nodes: Sequence[str], edges: Sequence[Edge]) -> tuple[list[str], list[Edge]]:
    """The nodes behind what they need, as near to the given order as that allows.

    Where there is a circle, the first node in it is taken as if it needed nothing more.
    """
    needs = dict.fromkeys(nodes, 0)
    after: dict[str, list[str]] = {name: [] for name in nodes}
    for source, target in edges:
        needs[target] += 1
        after[source].append(target)
    number = {name: at for at, name in enumerate(nodes)}
    ready = [number[name] for name in nodes if not needs[name]]  # in order, and so a heap
    waiting = deque(nodes)
    place: dict[str, int] = {}
    while len(place) < len(needs):
        if not ready:
            while waiting[0] in place:
                waiting.popleft()
            heappush(ready, number[waiting[0]])
        name = nodes[heappop(ready)]
        if name in place:
            continue
        place[name] = len(place)
        for target in after[name]:
            needs[target] -= 1
            if not needs[target]:
                heappush(ready, number[target])
    return list(place), [edge for edge in edges if place[edge[0]] < place[edge[1]]]


def _depths(ordered: Sequence[str], edges: Sequence[Edge], abreast: int) -> dict[str, int]:
    above: dict[str, list[str]] = {name: [] for name in ordered}
    below: dict[str, list[str]] = {name: [] for name in ordered}
    for source, target in edges:
        above[target].append(source)
        below[source].append(target)
    depth: dict[str, int] = {}
    standing: Counter[int] = Counter()
    for name in ordered:
        at = max((depth[one] + 1 for one in above[name]), default=0)
        while standing[at] >= abreast:
            at += 1
        depth[name] = at
        standing[at] += 1
    for name in ordered:
        if not above[name] and below[name]:
            nearest = min(depth[one] for one in below[name]) - 1
            if standing[nearest] < abreast:
                standing[depth[name]] -= 1
                standing[nearest] += 1
                depth[name] = nearest
    return depth


def _neighbours(chains: Mapping[Edge, Sequence[str]]) -> tuple[Neighbours, Neighbours]:
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for chain in chains.values():
        for upper, lower in pairwise(chain):
            below.setdefault(upper, []).append(lower)
            above.setdefault(lower, []).append(upper)
    return above, below
