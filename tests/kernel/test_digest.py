"""Digests: exactly SHA-256 of exactly the canonical bytes, and no two meanings under one."""

import hashlib  # noqa: TID251 - an independent witness
from itertools import combinations
from typing import Any

import pytest

from atelier.kernel.digest import (
    commitment,
    digest,
    digest_bytes,
    is_digest,
    new_salt,
    record_digest,
)


def test_a_digest_is_what_sha256sum_prints_of_the_canonical_bytes() -> None:
    expected = hashlib.sha256(b'{"a":[1,2.5],"b":"\xc3\xa9"}').hexdigest()
    assert digest({"b": "é", "a": [1.0, 2.5]}) == f"sha256:{expected}"


# What peers were measured to confuse: each pair here once shared a key in some system.
COLLISIONS: list[tuple[str, Any, Any]] = [
    ("a number and its text", 1, "1"),
    ("a truth and its name", True, "True"),
    ("a truth and one", True, 1),
    ("a falsehood and zero", False, 0),
    ("nothing and its name", None, "null"),
    ("empty text and nothing", "", None),
    ("empty text and an absent field", {"a": ""}, {}),
    ("nothing and an absent field", {"a": None}, {}),
    ("an empty list and an empty object", [], {}),
    ("a value and a list of it", "a", ["a"]),
    ("texts cut at another place", ["ab", "c"], ["a", "bc"]),
    ("a version and an input, joined", {"code": "v1", "input": "1"}, {"code": "v", "input": "11"}),
    ("delimiters in keys", {"a": "1,b,2"}, {"a": "1", "b": "2"}),
    ("names of inputs", {"left": 1, "right": 2}, {"left": 2, "right": 1}),
    ("the order of a list", [1, 2], [2, 1]),
    ("repeats", [1], [1, 1]),
    ("the address of a server", {"model": "m", "base": "a"}, {"model": "m", "base": "b"}),
    ("the name of a node", {"node": "a.b"}, {"node": "ab"}),
    ("a difference ten levels down", [[[[[[[[[[1]]]]]]]]]], [[[[[[[[[[2]]]]]]]]]]),
    ("a newline", "a", "a\n"),
    ("composed and decomposed letters", "é", "e\u0301"),
    ("a decimal kept as text", "1.50", "1.5"),
    ("structure and its text", {"a": 1}, '{"a":1}'),
]


@pytest.mark.parametrize(("what", "left", "right"), COLLISIONS, ids=[c[0] for c in COLLISIONS])
def test_what_differs_in_meaning_differs_in_digest(what: str, left: Any, right: Any) -> None:
    assert digest(left) != digest(right)
    assert record_digest("k", left) != record_digest("k", right)


def test_all_the_fixtures_are_apart_from_each_other() -> None:
    values = [value for _, left, right in COLLISIONS for value in (left, right)]
    meanings = {repr(value): digest(value) for value in values}
    assert all(meanings[a] != meanings[b] for a, b in combinations(meanings, 2))


def test_numbers_that_are_equal_share_a_digest() -> None:
    assert digest(1.0) == digest(1)
    assert digest([-0.0]) == digest([0])


def test_the_order_of_keys_does_not_count() -> None:
    assert digest({"a": 1, "b": {"c": 2, "d": 3}}) == digest({"b": {"d": 3, "c": 2}, "a": 1})


def test_a_kind_cannot_be_forged_from_inside_a_payload() -> None:
    inner = {"kind": "packet", "of": []}
    assert record_digest("recipe", inner) != record_digest("packet", [])
    assert record_digest("packet", []) == digest({"kind": "packet", "of": []})


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("sha256:" + "0" * 64, True),
        ("sha256:" + "0" * 64 + "\n", False),
        ("sha256:" + "0" * 63, False),
        ("sha256:" + "A" * 64, False),
        ("md5:" + "0" * 64, False),
        ("x" + "sha256:" + "0" * 64, False),
        ("", False),
    ],
)
def test_a_digest_is_known_by_its_writing(text: str, *, answer: bool) -> None:
    assert is_digest(text) is answer


def test_a_commitment_hides_behind_its_salt() -> None:
    first, second = new_salt(), new_salt()
    assert commitment(first, b"leaf") == commitment(first, b"leaf")
    assert commitment(first, b"leaf") != commitment(second, b"leaf")
    assert commitment(first, b"leaf") != digest_bytes(b"leaf")
    assert is_digest(commitment(first, b""))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_salt_of_another_length_would_let_two_leaves_share_a_commitment(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        commitment(b"s" * length, b"leaf")
