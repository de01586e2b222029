"""Where things stand on a narrow page: boxes below each other, long edges in lanes on their right."""

from collections.abc import Mapping

from atelier.pictures.layering import Layers
from atelier.pictures.placing import Places


def in_column(layers: Layers, widths: Mapping[str, float], gap: float) -> Places:
    """The middle of each node and dummy of layers that have one node each, from 0 on.

    A long edge keeps its lane from end to end, the nearest that is free all the way.

    Example:
        >>> from atelier.pictures.layering import layered
        >>> found = layered(["a", "b", "c"], [("a", "b"), ("b", "c"), ("a", "c")], abreast=1)
        >>> list(in_column(found, {"a": 10, "b": 20, "c": 10}, 4).values())
        [5.0, 10.0, 5.0, 24]
    """
    places = {name: widths[name] / 2 for layer in layers.order for name in layer if name in widths}
    right = max(widths.values(), default=0.0)
    depth = {name: at for at, layer in enumerate(layers.order) for name in layer}
    taken: list[set[int]] = []
    for _, *between, _ in layers.chains.values():
        passed = {depth[name] for name in between}
        if not passed:
            continue
        lane = next((at for at, used in enumerate(taken) if not used & passed), len(taken))
        if lane == len(taken):
            taken.append(set())
        taken[lane] |= passed
        places.update(dict.fromkeys(between, right + gap * (lane + 1)))
    return places
