from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from atelier.observatory.reading.found import excerpts, split
from atelier.observatory.reading.segments import Mark, Segment, segments

# What a browser counts differently, or draws as one: emoji beyond the first plane, families of
# them, combining marks, right to left, ideographs.
PIECES = ["a", " ", "é", "e\u0301", "\u0301", "日本", "👩‍👩‍👧", "🌱", "ש", "\n", "\u200d"]
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
places = st.integers(min_value=0, max_value=40)
spans = st.tuples(places, st.none() | places)
marks = st.lists(spans, max_size=6).map(
    lambda found: [Mark(str(at), start, end) for at, (start, end) in enumerate(found)]
)


def covers(mark: Mark, place: int, size: int) -> bool:
    return mark.start <= place < (size if mark.end is None else mark.end)


@given(texts, marks)
def test_the_pieces_together_are_the_text(text: str, found: list[Mark]) -> None:
    assert "".join(piece.text for piece in segments(text, found)) == text


@given(texts, marks)
def test_every_code_point_is_under_exactly_its_marks(text: str, found: list[Mark]) -> None:
    for piece in segments(text, found):
        assert piece.text, "no piece is empty"
        for place in range(piece.start, piece.start + len(piece.text)):
            expected = tuple(mark.name for mark in found if covers(mark, place, len(text)))
            assert piece.names == expected


@given(texts, marks)
def test_a_piece_starts_where_the_one_before_ends_and_differs_from_it(
    text: str, found: list[Mark]
) -> None:
    pieces = segments(text, found)
    at = 0
    for piece in pieces:
        assert piece.start == at
        at += len(piece.text)
    for one, other in pairwise(pieces):
        assert one.names != other.names


def test_a_span_within_a_span_is_cut_out_of_it() -> None:
    assert segments("日本で👩‍👩‍👧と走った。", [Mark("outer", 0, 9), Mark("inner", 3, 8)]) == (
        Segment(0, "日本で", ("outer",)),
        Segment(3, "👩‍👩‍👧", ("outer", "inner")),
        Segment(8, "と", ("outer",)),
        Segment(9, "走った。", ()),
    )


def test_a_mark_beyond_the_text_changes_nothing() -> None:
    assert segments("I ran.", [Mark("a", 6, 9), Mark("b", 3, 3), Mark("c", 5, 2)]) == (
        Segment(0, "I ran."),
    )


def test_an_empty_text_has_no_pieces() -> None:
    assert segments("", [Mark("a")]) == ()


def test_every_span_that_was_found_is_cut_out_and_no_joined_character_is_split() -> None:
    found = split("日本で👩‍👩‍👧と走った。走る", [(0, 2), (3, 4), (9, 11), (10, 12)])
    assert [piece.text for piece in found if piece.names] == ["日本", "👩‍👩‍👧", "走った"]


def test_of_a_long_text_what_is_found_is_shown_and_what_is_far_from_it_is_not() -> None:
    text = f"{'a' * 900}ONE{'b' * 900}TWO{'c' * 900}"
    shown = list(excerpts(text, [(900, 903), (1803, 1806)], 1803))
    assert [piece for piece in shown if piece[1]] == [("ONE", True, False), ("TWO", True, True)]
    assert [text for text, is_lit, _ in shown if not is_lit] == [
        "…" + "a" * 400,
        "b" * 400 + "…" + "b" * 400,
        "c" * 400 + "…",
    ]
    assert list(excerpts("d" * 900, [], None)) == [("d" * 400 + "…", False, False)]
