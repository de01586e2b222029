from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.cache.difference import ALIGNED, difference, text_diff

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def told(earlier: Any, now: Any, **options: Any) -> list[tuple[str, str]]:
    return [(change.kind, change.pointer) for change in difference(earlier, now, **options)]


@pytest.mark.parametrize(
    ("earlier", "now", "changes"),
    [
        (1, 1.0, []),
        (1, True, [("changed", "")]),
        ({"a/b": 1}, {"a/b": 2}, [("changed", "/a~1b")]),
        ({"a": 1}, {"b": 1}, [("removed", "/a"), ("added", "/b")]),
        ([1, 2, 3], [0, 1, 2, 3], [("added", "/0")]),
        ([1, 2, 3], [1, 3], [("removed", "/1")]),
        ([{"a": 1}, {"b": 1}], [{"a": 2}, {"b": 1}], [("changed", "/0/a")]),
        ([1, 2], [3, 4, 5], [("changed", "/0"), ("changed", "/1"), ("added", "/2")]),
        ({"a": [1]}, {"a": {"0": 1}}, [("changed", "/a")]),
    ],
)
def test_changes_are_told_by_pointer(earlier: Any, now: Any, changes: Any) -> None:
    assert told(earlier, now) == changes


@given(JSON, JSON)
def test_a_difference_is_empty_exactly_for_equal_values(earlier: Any, now: Any) -> None:
    from atelier.kernel.canonical import canonical

    assert (difference(earlier, now) == []) is (canonical(earlier) == canonical(now))


def test_the_number_of_changes_is_capped() -> None:
    assert len(told(list(range(500)), list(range(500, 1000)))) == 200
    assert told([1, 2, 3], [4, 5, 6], limit=1) == [("changed", "/0")]


def test_long_lists_compare_by_position() -> None:
    long = list(range(ALIGNED + 1))
    assert told(long, [*long, 7]) == [("added", f"/{ALIGNED + 1}")]


def test_a_text_is_compared_by_line() -> None:
    assert text_diff("a\nb\nc", "a\nx\nc").splitlines() == [
        "@@ -1,3 +1,3 @@", " a", "-b", "+x", " c",
    ]  # fmt: skip
    assert text_diff("a", "a") == ""
