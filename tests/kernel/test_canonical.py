"""RFC 8785 on the facts that it states itself, and refusals that name their place."""

import struct
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest

from atelier.kernel.canonical import MAX_DEPTH, ValueRefusedError, canonical, pointer, read


def double(bits: str) -> float:
    return struct.unpack(">d", bytes.fromhex(bits))[0]


# RFC 8785, appendix B: the bits of a double and its text, as far as a value may hold them.
NUMBERS = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
    ("433fffffffffffff", "9007199254740991"),
    ("3ff0000000000000", "1"),
    ("bff0000000000000", "-1"),
    ("3ee4f8b588e368f1", "0.00001"),
]

# The same appendix, where JSON readers disagree on the number that is meant.
REFUSED_NUMBERS = [
    "4340000000000000",
    "c340000000000000",
    "4430000000000000",
    "444b1ae4d6e2ef50",
    "44b52d02c7e14af6",
    "7fefffffffffffff",
    "ffefffffffffffff",
    "7ff0000000000000",
    "fff0000000000000",
    "7fffffffffffffff",
]


@pytest.mark.parametrize(("bits", "text"), NUMBERS)
def test_a_number_is_written_as_ecmascript_writes_it(bits: str, text: str) -> None:
    assert canonical(double(bits)).decode() == text
    assert canonical([double(bits)]).decode() == f"[{text}]", "inside a container, too"


@pytest.mark.parametrize("bits", REFUSED_NUMBERS)
def test_a_number_that_readers_would_change_is_refused(bits: str) -> None:
    with pytest.raises(ValueRefusedError) as refusal:
        canonical({"scores": [0.5, double(bits)]})
    assert refusal.value.facts["path"] == "/scores/1"


def test_keys_are_ordered_by_utf_16_code_unit() -> None:
    value = {
        "€": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\x80": "Control",
        "ö": "Latin Small Letter O With Diaeresis",
    }
    assert list(read(canonical(value)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


def test_a_string_is_escaped_only_where_json_demands_it() -> None:
    text = '€$\x0f\nA\'B"\\\\"/\x7f\u2028\b\f\r\t\x00'
    assert canonical(text).decode() == (
        '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f\u2028\\b\\f\\r\\t\\u0000"'
    )
    assert canonical([text]) == b"[" + canonical(text) + b"]"


def test_no_normalisation_is_applied_to_text() -> None:
    assert canonical("e\u0301") != canonical("é")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        ({}, "{}"),
        ([], "[]"),
        ("", '""'),
        ((1, (2,)), "[1,[2]]"),
        ({"b": 1, "a": {"d": [], "c": None}}, '{"a":{"c":null,"d":[]},"b":1}'),
        ({"z": 1.0, "y": 1e-7, "x": [2.5, -0.0]}, '{"x":[2.5,0],"y":1e-7,"z":1}'),
    ],
)
def test_a_value_has_one_text(value: Any, text: str) -> None:
    assert canonical(value).decode() == text


class Colour(StrEnum):
    RED = "red"


REFUSALS: list[tuple[Any, str, str]] = [
    (float("nan"), "(the value itself)", "nan is not JSON"),
    ({"a": {"b": [1, float("inf")]}}, "/a/b/1", "inf is not JSON"),
    ([0, 2**53], "/1", "an integer beyond"),
    ({"n": -(2**53)}, "/n", "an integer beyond"),
    ({"n": 10**400}, "/n", "an integer beyond"),
    ({"n": 2.0**53}, "/n", "an integral float of 2^53"),
    ({"a": ["x", "\ud800"]}, "/a/1", "a lone surrogate"),
    ("\udfff", "(the value itself)", "a lone surrogate"),
    ({"a": {"\ud800": 1}}, "/a/\\ud800", "a lone surrogate"),
    ({"a": {1: 2}}, "/a", "the key 1 is not a string"),
    ({"a": {None: 2}}, "/a", "the key None is not a string"),
    ({Colour.RED: 1}, "(the value itself)", "is not a string"),
    ({"a": [{1, 2}]}, "/a/0", "set is not a JSON type"),
    ({"a/b": {"~": b"x"}}, "/a~1b/~0", "bytes is not a JSON type"),
    ([datetime(2026, 1, 1, tzinfo=UTC)], "/0", "datetime is not a JSON type"),
    ([Colour.RED], "/0", "Colour is not a JSON type"),
    ({"a": object}, "/a", "type is not a JSON type"),
]


@pytest.mark.parametrize(("value", "path", "why"), REFUSALS)
def test_a_refusal_names_the_place_and_the_reason(value: Any, path: str, why: str) -> None:
    with pytest.raises(ValueRefusedError) as refusal:
        canonical(value)
    assert refusal.value.code == "value.refused"
    assert refusal.value.facts["path"] == path
    assert why in refusal.value.facts["why"]


@pytest.mark.parametrize("kind", ["list", "dict", "tuple"])
def test_nesting_is_taken_to_its_limit_and_no_deeper(kind: str) -> None:
    wrap: dict[str, Any] = {
        "list": lambda v: [v],
        "dict": lambda v: {"k": v},
        "tuple": lambda v: (v,),
    }
    deepest: Any = "leaf"
    for _ in range(MAX_DEPTH):
        deepest = wrap[kind](deepest)
    assert canonical(read(canonical(deepest))) == canonical(deepest)
    with pytest.raises(ValueRefusedError, match="nested deeper"):
        canonical(wrap[kind](deepest))


def test_a_value_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ValueRefusedError, match="nested deeper"):
        canonical(endless)


def test_a_value_is_never_altered_by_writing_it() -> None:
    value: dict[str, Any] = {"a": [1.0, {"b": 1e-9}], "c": {"d": 2.0}}
    canonical(value)
    assert repr(value) == "{'a': [1.0, {'b': 1e-09}], 'c': {'d': 2.0}}"


@pytest.mark.parametrize("data", [b"", b"{", b"nul", b'"\xff"', b"NaN", b"[1,]"])
def test_bytes_that_are_not_json_are_refused(data: bytes) -> None:
    with pytest.raises(ValueRefusedError, match="not canonical JSON") as refusal:
        read(data)
    assert "atelier verify" in refusal.value.next_step


def test_a_pointer_is_an_rfc_6901_pointer() -> None:
    assert pointer(()) == ""
    assert pointer(("",)) == "/"
    assert pointer(("m~n", "a/b", 3)) == "/m~0n/a~1b/3"
