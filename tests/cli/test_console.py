import json

from hypothesis import given
from hypothesis import strategies as st

from atelier.cli.console import fields, one_line, safe, table, to_json


@given(st.text())
def test_safe_text_holds_nothing_that_a_terminal_obeys(text: str) -> None:
    assert all(char.isprintable() or char == "\n" for char in safe(text))


@given(st.recursive(st.text(), lambda inner: st.dictionaries(st.text(), inner, max_size=3)))
def test_json_is_safe_and_reads_back_the_same(document: object) -> None:
    try:
        text = to_json(document)
    except TypeError:  # a lone surrogate has no JSON
        return
    assert json.loads(text) == document
    assert all(char.isprintable() or char == "\n" for char in text)


@given(st.text(), st.integers(4, 50))
def test_one_line_is_one_line_and_no_longer_than_asked(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert "\n" not in line
    assert len(line) <= limit


def test_coloured_cells_are_aligned_by_what_is_seen() -> None:
    assert table([("\x1b[32mran\x1b[0m", "a"), ("reused", "b")]) == [
        "\x1b[32mran\x1b[0m     a",
        "reused  b",
    ]


def test_a_fact_of_several_lines_stays_in_its_column() -> None:
    assert fields([("why", "one\ntwo")]) == ["  why  one\n       two"]
