"""Laws of canonical bytes over random JSON: one text per meaning, one meaning per text."""

import json
from fractions import Fraction
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from atelier.kernel.canonical import (
    MAX_DEPTH,
    MAX_INTEGER,
    Fixed,
    ValueRefusedError,
    _pieces,
    canonical,
    read,
)
from atelier.kernel.digest import digest

integers = st.integers(-MAX_INTEGER, MAX_INTEGER)
floats = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-1e-3, 1e-3),
    st.integers(-1000, 1000).map(float),
).filter(lambda value: not value.is_integer() or abs(value) <= MAX_INTEGER)
texts = st.text(max_size=12)
keys = st.one_of(
    st.text("abc", max_size=3), texts, st.text("\u20ac\uffff\ue000\U00010000\U0010ffff", max_size=3)
)
scalars = st.one_of(st.none(), st.booleans(), integers, floats, texts)
documents = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(keys, inner, max_size=5)),
    max_leaves=25,
)
# Few values, so that two documents often mean the same.
alike = st.recursive(
    st.sampled_from([None, True, False, 0, -0.0, 1, 1.0, "1", "", "a", "True", "null", 0.1]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def meaning(value: Any) -> Any:
    """What a document says, by a rule that shares nothing with the code under test."""
    match value:
        case None | bool() | str():
            return (type(value).__name__, value)
        case int() | float():
            return ("number", Fraction(value))
        case list():
            return ("list", tuple(meaning(item) for item in value))
        case _:
            return ("object", frozenset((key, meaning(item)) for key, item in value.items()))


@given(documents)
def test_the_fast_path_the_slow_path_and_an_independent_writer_agree(value: Any) -> None:
    slow = "".join(_pieces(value, (), MAX_DEPTH)).encode()
    assert canonical(value) == slow
    assert canonical(value) == rfc8785.dumps(value)


@given(st.dictionaries(keys, documents, max_size=3), documents)
def test_what_is_fixed_is_written_as_the_object_it_is(value: dict[str, Any], beside: Any) -> None:
    fixed = Fixed(value)
    assert canonical(fixed) == canonical(value)
    for _ in range(2):  # made once, and taken from then on
        whole = canonical([beside, {"b": fixed, "a": fixed}])
        assert whole == canonical([beside, {"b": value, "a": value}])


def test_a_fault_in_what_is_fixed_is_named_by_its_place_in_the_whole() -> None:
    with pytest.raises(ValueRefusedError) as caught:
        canonical({"a": [Fixed(b=float("nan"))]})
    assert caught.value.facts["path"] == "/a/0/b"


@given(floats)
def test_every_number_is_written_as_an_independent_writer_writes_it(value: float) -> None:
    assert canonical([value])[1:-1] == canonical(value) == rfc8785.dumps(value)


@given(documents)
def test_what_is_read_back_is_written_alike(value: Any) -> None:
    data = canonical(value)
    assert canonical(read(data)) == data
    assert meaning(read(data)) == meaning(value)


@given(documents)
def test_an_ordinary_reader_sees_the_same_document(value: Any) -> None:
    assert meaning(json.loads(canonical(value))) == meaning(value)


@given(alike, alike)
def test_digests_are_equal_exactly_when_meanings_are(left: Any, right: Any) -> None:
    assert (digest(left) == digest(right)) == (meaning(left) == meaning(right))


@given(documents, st.randoms(use_true_random=False))
def test_the_order_in_which_an_object_was_built_does_not_count(value: Any, random: Any) -> None:
    def shuffled(node: Any) -> Any:
        if isinstance(node, dict):
            pairs = [(key, shuffled(item)) for key, item in node.items()]
            random.shuffle(pairs)
            return dict(pairs)
        return [shuffled(item) for item in node] if isinstance(node, list) else node

    assert canonical(shuffled(value)) == canonical(value)
