"""The layered layout: nothing overlaps, edges go down, long ones go straight, and it is the same each time."""

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st
from reading import Rectangle

from atelier.pictures.crossings import crossings, untangled
from atelier.pictures.layering import layered
from atelier.pictures.layout import Box, Layout, Spacing, lay_out, lay_out_column

NAMES = [f"n{number}" for number in range(14)]
Edges = list[tuple[str, str]]
graphs = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=34)
widths = st.lists(st.sampled_from([30.0, 80.0, 190.0]), min_size=len(NAMES), max_size=len(NAMES))


def drawn(edges: Edges, sizes: list[float] | None = None) -> Layout:
    known = sizes or [60.0] * len(NAMES)
    boxes = [Box(name, width, 20.0 + width % 40) for name, width in zip(NAMES, known, strict=True)]
    return lay_out(boxes, edges)


def room(layout: Layout) -> dict[str, Rectangle]:
    return {box.name: Rectangle(box.x, box.y, box.width, box.height) for box in layout.boxes}


@given(graphs, widths)
def test_boxes_do_not_overlap_and_stand_inside_the_picture(
    edges: Edges, sizes: list[float]
) -> None:
    layout = drawn(edges, sizes)
    whole = Rectangle(0, 0, layout.width, layout.height)
    found = room(layout)
    assert len(found) == len(NAMES)
    assert not [pair for pair in combinations(found.values(), 2) if pair[0].meets(pair[1])]
    assert all(whole.holds(box) for box in found.values())


@given(graphs, widths)
def test_an_edge_leaves_below_its_source_and_ends_on_top_of_its_target(
    edges: Edges, sizes: list[float]
) -> None:
    layout = drawn(edges, sizes)
    found = room(layout)
    for route in layout.routes:
        source, target = found[route.source], found[route.target]
        assert route.points[0] == (source.x + source.width / 2, source.y + source.height)
        assert route.points[-1] == (target.x + target.width / 2, target.y)
        assert all(one[1] <= other[1] for one, other in pairwise(route.points))


@given(graphs, widths)
def test_an_edge_passes_beside_the_boxes_that_it_does_not_join(
    edges: Edges, sizes: list[float]
) -> None:
    """Within a layer an edge goes straight down; it bends only where no box is."""
    layout = drawn(edges, sizes)
    found = room(layout)
    for route in layout.routes:
        others = [box for name, box in found.items() if name not in {route.source, route.target}]
        for at, (one, other) in enumerate(pairwise(route.points)):
            if at % 2 == 0:
                assert one[0] == other[0]
            low, high = sorted((one[0], other[0]))
            way = Rectangle(low, one[1], max(high - low, 0.1), max(other[1] - one[1], 0.0))
            assert not [box for box in others if box.meets(way)]


@given(graphs)
def test_the_middle_of_a_long_edge_is_straight_where_no_other_long_one_crosses_it(
    edges: Edges,
) -> None:
    layout = drawn(edges)
    if crossings(untangled(layered(NAMES, edges))):
        return
    for route in layout.routes:
        inner = {x for x, _ in route.points[2:-2]}
        assert len(inner) <= 1


@given(graphs)
def test_every_edge_goes_down_but_for_those_that_close_a_circle(edges: Edges) -> None:
    layers = layered(NAMES, edges)
    depth = {name: at for at, layer in enumerate(layers.order) for name in layer}
    assert all(depth[source] < depth[target] for source, target in layers.chains)
    for chain in layers.chains.values():
        assert all(depth[other] == depth[one] + 1 for one, other in pairwise(chain))


@given(graphs)
def test_sweeps_never_add_a_crossing(edges: Edges) -> None:
    layers = layered(NAMES, edges)
    assert crossings(untangled(layers)) <= crossings(layers)


@given(graphs)
def test_equal_graphs_are_laid_out_equally(edges: Edges) -> None:
    assert drawn(edges) == drawn(list(edges))


def test_crossings_are_counted() -> None:
    layers = layered(list("abcdef"), [("a", "f"), ("a", "e"), ("b", "d"), ("c", "d")])
    assert crossings(layers) == 4
    assert crossings(untangled(layers)) == 0


def test_a_node_stands_right_above_the_first_that_needs_it() -> None:
    layers = layered(list("abcd"), [("a", "b"), ("b", "c"), ("d", "c")])
    assert layers.order == (("a",), ("b", "d"), ("c",))


def test_a_deep_graph_needs_no_deep_stack() -> None:
    names = [str(number) for number in range(3000)]
    layout = lay_out([Box(name, 10, 10) for name in names], list(pairwise(names)))
    assert {box.x for box in layout.boxes} == {0.0}
    assert layout.height == 3000 * 10 + 2999 * Spacing().between


def test_nothing_is_an_empty_picture() -> None:
    assert lay_out([], [("a", "b")]) == Layout((), (), 0.0, 0.0)


@given(graphs, widths)
def test_in_a_column_boxes_stand_below_each_other_and_edges_beside_them(
    edges: Edges, sizes: list[float]
) -> None:
    boxes = [Box(name, width, 20.0) for name, width in zip(NAMES, sizes, strict=True)]
    layout = lay_out_column(boxes, edges, Spacing(beside=12.0, between=28.0))
    found = room(layout)
    assert {box.x for box in layout.boxes} == {0.0}
    assert len({box.y for box in layout.boxes}) == len(NAMES)
    for route in layout.routes:
        inside = [box for name, box in found.items() if name not in (route.source, route.target)]
        for (x, top), (_, bottom) in zip(route.points[::2], route.points[1::2], strict=True):
            passing = Rectangle(x, top, 0.1, bottom - top)
            assert not any(box.meets(passing) for box in inside)


def test_a_column_keeps_the_order_that_it_is_given() -> None:
    boxes = [Box(name, 40.0, 20.0) for name in "abcd"]
    layout = lay_out_column(boxes, [("a", "b"), ("b", "d"), ("c", "d")], Spacing())
    assert [box.name for box in sorted(layout.boxes, key=lambda box: box.y)] == list("abcd")
