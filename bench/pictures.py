"""How long a layered layout takes: goals are 100 ms for 100 nodes and 1 s for 1,000.

python bench/pictures.py
"""

import random
from time import perf_counter

from atelier.pictures.drawing import Drawing, Link, Node
from atelier.pictures.graph import draw_graph
from atelier.pictures.layout import Box, lay_out

GOALS = {10: 0.01, 100: 0.1, 1_000: 1.0, 3_000: 5.0}


def graph(size: int) -> tuple[list[str], list[tuple[str, str]]]:
    """A graph of one to three edges a node, each to one of the thirty before it."""
    chance = random.Random(size)  # noqa: S311 - equal graphs, no secrets
    names = [f"stage_{number}" for number in range(size)]
    edges = [
        (names[chance.randrange(max(0, at - 30), at)], names[at])
        for at in range(1, size)
        for _ in range(chance.randrange(1, 4))
    ]
    return names, edges


def main() -> None:
    """Print what each size takes, beside its goal."""
    print(f"{'nodes':>6} {'edges':>6} {'layout':>9} {'picture':>9} {'goal':>9}")
    for size, goal in GOALS.items():
        names, edges = graph(size)
        began = perf_counter()
        lay_out([Box(name, 120.0, 40.0) for name in names], edges)
        laid_out = perf_counter()
        nodes = [Node(name=name, title=name, captions=("input changed",)) for name in names]
        links = [Link(source=source, target=target) for source, target in edges]
        draw_graph(Drawing(title="a graph", nodes=nodes, links=links))
        drawn = perf_counter()
        times = (laid_out - began, drawn - laid_out, goal)
        print(
            f"{size:>6} {len(edges):>6} "
            + " ".join(f"{seconds * 1000:>7.0f}ms" for seconds in times)
        )


if __name__ == "__main__":
    main()
