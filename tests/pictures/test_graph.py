"""The graph's picture: texts within their boxes, links, marks, and nothing but text from texts."""

import re
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import SVG, parsed, rectangles, texts, walk

from atelier.pictures.drawing import Drawing, Link, Look, Mark, Node
from atelier.pictures.graph import draw_graph
from atelier.pictures.style import standalone, style

HOSTILE = "</text><script>alert(1)</script>\"'\x1b[2J\u202e& <img src=x onerror=alert(1)>"
words = st.text(max_size=60)


def chain(*nodes: Node) -> Drawing:
    links = [Link(source=one.name, target=other.name) for one, other in pairwise(nodes)]
    return Drawing(title="a graph", nodes=nodes, links=links)


@given(st.lists(st.tuples(words, words, st.sampled_from(list(Mark))), min_size=1, max_size=5))
def test_texts_stay_within_their_boxes_and_off_each_other(
    told: list[tuple[str, str, Mark]],
) -> None:
    nodes = [
        Node(name=str(at), title=title, captions=(caption,), mark=mark)
        for at, (title, caption, mark) in enumerate(told)
    ]
    svg = draw_graph(chain(*nodes))
    boxes, written = rectangles(svg, "pic-box"), [text for text in texts(svg) if text.width]
    for text in written:
        assert sum(box.holds(text) for box in boxes) == 1, text
    assert not [pair for pair in combinations(written, 2) if pair[0].meets(pair[1])]


@given(words, words)
def test_a_picture_is_xml_whatever_stands_in_it(title: str, caption: str) -> None:
    svg = draw_graph(chain(Node(name="a", title=title, captions=(caption,), href=caption)))
    parsed(standalone(svg))


def test_hostile_text_is_only_text() -> None:
    node = Node(name=HOSTILE, title=HOSTILE, captions=(HOSTILE,), said=HOSTILE)
    svg = draw_graph(Drawing(title=HOSTILE, nodes=[node]))
    tags = {element.tag.removeprefix(SVG) for element, _, _ in walk(parsed(svg))}
    assert tags <= {"svg", "title", "desc", "g", "rect", "text", "path", "circle"}
    assert "\x1b" not in svg
    assert "\u202e" not in svg
    assert "onerror=alert(1)>" not in svg.replace("&gt;", "")


def test_a_picture_in_a_page_brings_no_style_and_no_script() -> None:
    svg = draw_graph(chain(Node(name="a", title="a"), Node(name="b", title="b")))
    assert "style" not in svg
    assert "url(" not in svg
    assert " id=" not in svg


def test_a_picture_that_stands_alone_fits_light_and_dark() -> None:
    svg = standalone(draw_graph(chain(Node(name="a", title="a"))))
    assert "@media (prefers-color-scheme: dark)" in svg
    assert "<" not in style()
    assert ET.fromstring(svg).tag == f"{SVG}svg"  # noqa: S314 - our own picture


def test_every_class_of_a_picture_has_a_style() -> None:
    nodes = [Node(name=mark.value or "none", title="a", mark=mark) for mark in Mark]
    svg = draw_graph(chain(*nodes, Node(name="end", title="end", look=Look.ARTEFACT)))
    named = {one for found in re.findall(r'class="([^"]+)"', svg) for one in found.split()}
    plain = {"pic-graph", "is-stage", "is-reused", "pic-node", "pic-edge"}
    assert [one for one in sorted(named - plain) if f".{one}" not in style()] == []


def test_a_box_with_an_address_is_a_link_that_says_what_it_is() -> None:
    node = Node(
        name="a", title="draft", mark=Mark.RAN, captions=("first run",), href="/rows/1?a=1&b=2"
    )
    (link,) = parsed(draw_graph(chain(node))).iter(f"{SVG}a")
    assert link.get("href") == "/rows/1?a=1&b=2"
    assert link.get("aria-label") == "draft, ran, first run"


@pytest.mark.parametrize("mark", [mark for mark in Mark if mark])
def test_each_mark_has_a_shape_of_its_own(mark: Mark) -> None:
    def shape(one: Mark) -> list[str]:
        svg = draw_graph(chain(Node(name="a", title="a", mark=one)))
        return re.findall(r"<(?:circle|path)[^>]*pic-mark[^>]*>", svg)

    assert [other for other in Mark if shape(other) == shape(mark)] == [mark]


def test_the_description_tells_the_graph_in_words() -> None:
    drawing = Drawing(
        title="a graph",
        nodes=[Node(name="a", title="draft"), Node(name="b", title="page", mark=Mark.BLOCKED)],
        links=[Link(source="a", target="b")],
    )
    assert (
        parsed(draw_graph(drawing)).findtext(f"{SVG}desc") == "draft. page, blocked, after draft."
    )


def test_what_made_a_stage_run_is_drawn_last_and_marked() -> None:
    drawing = Drawing(
        title="a graph",
        nodes=[Node(name=name, title=name) for name in "abc"],
        links=[
            Link(source="a", target="c", is_cause=True),
            Link(source="b", target="c", optional=True),
        ],
    )
    kinds = re.findall(r'class="(pic-edge[^"]*)"', draw_graph(drawing))
    assert kinds == ["pic-edge is-optional", "pic-edge is-cause"]
