"""A run's picture: how each stage stands, why, what it took, and where its box leads."""

import re

from atelier.observatory.drawn import draw_run, draw_run_narrow
from atelier.observatory.reading.causes import Cause
from atelier.observatory.reading.graph import Edge, Graph, Node

NODES = (
    Node(
        stage="draft",
        outcome="ran",
        seq=7,
        cause=Cause(text="ran because journal entry 6 changed"),
        seconds=4.21,
        incurred=35_442,
        requests=2,
        retries=1,
    ),
    Node(stage="grounded", outcome="reused", seq=8, cause=Cause(text="reused: nothing changed")),
    Node(stage="page", outcome="ran", seq=9, reason="first run", seconds=0.04, incurred=None),
    Node(stage="review", outcome="waiting"),
)
GRAPH = Graph(
    NODES,
    (
        Edge(source="draft", target="grounded", parameter="draft", is_cause=True),
        Edge(source="draft", target="review", parameter="draft"),
    ),
)


def test_a_box_says_why_and_what_it_took() -> None:
    svg = draw_run(GRAPH, title="Run 01")
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert texts == [
        *("draft", "journal entry 6 changed", "4.2 s · $0.0354 · 1 retried"),
        *("grounded", "nothing changed"),
        *("page", "first run", "40 ms · cost unknown"),
        "review",
    ]


def test_a_box_leads_where_the_page_says() -> None:
    svg = draw_run(
        GRAPH, title="Run 01", address=lambda node: f"/rows/{node.seq}" if node.seq else ""
    )
    assert re.findall(r'<a href="([^"]+)"', svg) == ["/rows/7", "/rows/8", "/rows/9"]


def test_what_made_a_stage_run_and_what_still_waits_are_marked() -> None:
    svg = draw_run(GRAPH, title="Run 01")
    assert svg.count("pic-edge is-cause") == 1
    assert svg.count("is-waiting") == 1


def test_a_phone_has_a_column_or_the_list_alone() -> None:
    column = draw_run_narrow(GRAPH, title="Run 01")
    assert column is not None
    assert float(re.findall(r' width="([\d.]+)"', column)[0]) <= 312
    wide = Graph(tuple(Node(stage=f"s{number}", outcome="ran") for number in range(30)), ())
    assert draw_run_narrow(wide, title="Run 01") is None
