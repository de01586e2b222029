"""One JSON text has one reading, or a fault with its place."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from atelier.isilon.document import Document
from atelier.isilon.errors import EvidenceError
from atelier.isilon.strict_json import Fragment, _Reader, element_offsets, parse_json
from atelier.kernel.canonical import MAX_INTEGER, canonical

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALAR = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(-1e15, 1e15, allow_nan=False)
    | TEXT
)
VALUE = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)
)
STYLE = st.fixed_dictionaries(
    {"indent": st.sampled_from([None, 0, 2]), "ensure_ascii": st.booleans()}
)


def fragment(text: str) -> Fragment:
    return Fragment(Document("a.json", text.encode()), text)


def fault(text: str) -> EvidenceError:
    with pytest.raises(EvidenceError) as caught:
        parse_json(fragment(text))
    return caught.value


@given(VALUE, STYLE)
@example({"a:b": "c:d", "": [":"]}, {"ensure_ascii": False})
def test_any_json_reads_as_what_was_written(value: Any, style: dict[str, Any]) -> None:
    text = json.dumps(value, **style)
    assert canonical(parse_json(fragment(text))) == canonical(value)


@given(VALUE, STYLE)
def test_the_deciding_reader_agrees_with_the_fast_one(value: Any, style: dict[str, Any]) -> None:
    text = json.dumps(value, **style)
    assert canonical(_Reader(fragment(text)).read()) == canonical(parse_json(fragment(text)))


@given(st.text(st.sampled_from('[]{}:,"\\u0a1e+-.ntrfalse \n'), max_size=24))
@settings(max_examples=2000)
def test_what_the_deciding_reader_takes_is_json(text: str) -> None:
    try:
        value = _Reader(fragment(text)).read()
    except EvidenceError:
        return
    assert canonical(orjson.loads(text)) == canonical(value)


@given(st.dictionaries(TEXT, SCALAR, min_size=1, max_size=4), st.data())
def test_a_key_that_stands_twice_is_refused_however_it_is_written(
    value: dict[str, Any], data: st.DataObject
) -> None:
    twin = data.draw(st.sampled_from(sorted(value)))
    escaped = "".join(f"\\u{ord(char):04x}" for char in twin if ord(char) < 0x10000)
    if len(escaped) != 6 * len(twin):
        escaped = json.dumps(twin)[1:-1]
    text = json.dumps(value)[:-1] + f', "{escaped}": 1}}'
    assert "stands twice" in fault(text).facts["why"]


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ('{"a": 1,\n "\\u0061": 2}', "2:2", "the key 'a' stands twice, first at 1:2"),
        ("[1,]", "1:3", "a trailing comma"),
        ('{"a": 1,}', "1:8", "a trailing comma"),
        ("[1] x", "1:5", "more follows after the value"),
        ("[\n  NaN]", "2:3", "NaN is not JSON"),
        ("[-Infinity]", "1:2", "-Infinity is not JSON"),
        ("[1e400]", "1:2", "1e400 is too large"),
        ("[9007199254740992]", "1:2", "9007199254740992 is beyond ±(2^53-1)"),
        ("[-18446744073709551616]", "1:2", "-1844674407370955161 is beyond ±(2^53-1)"),
        ("[1e17]", "1:2", "1e17 is beyond ±(2^53-1)"),
        (f"[{'9' * 5000}]", "1:2", "99999999999999999999 is too large"),
        ('["\\ud800"]', "1:2", "a string holds a lone surrogate"),
        ("", "1:1", "nothing is here"),
        ('{"a" 1}', "1:6", "expected `:`, found '1'"),
        ("{1: 2}", "1:2", "expected a key in quotes, found '1'"),
        ("[01]", "1:3", "expected `,` or `]`, found '1'"),
        ("[1", "1:3", "expected `,` or `]`, found the end"),
        ("[tru]", "1:2", "expected a value, found 't'"),
        ('["a', "1:2", "unterminated string starting at"),
        ("\ufeff\ufeff[]", "1:1", "expected a value, found '\\ufeff'"),
    ],
)
def test_a_fault_is_named_with_line_and_column(text: str, at: str, why: str) -> None:
    found = fault(text)
    assert (found.code, found.facts["at"], found.facts["why"]) == (
        "evidence.json",
        f"a.json:{at}",
        why,
    )
    assert found.next_step


@pytest.mark.parametrize("depth", [2_000, 200_000])
def test_deep_nesting_is_refused_and_not_followed(depth: int) -> None:
    assert fault("[" * depth).facts["why"] == "nested deeper than 200"
    assert fault('{"a":' * depth).facts["why"] == "nested deeper than 200"


def test_two_hundred_levels_are_allowed() -> None:
    assert canonical(parse_json(fragment("[" * 200 + "]" * 200))) == b"[" * 200 + b"]" * 200


def test_a_fault_shows_at_most_eighty_characters() -> None:
    found = fault('["' + "x" * 500 + '", NaN]')
    assert len(found.facts["near"]) <= 80
    assert "NaN" in found.facts["near"]


def test_control_characters_in_a_fault_are_escaped() -> None:
    assert fault('["\x1b[2J", x]').facts["near"] == '["\\x1b[2J", x]'


@given(st.lists(VALUE, max_size=5), st.sampled_from([None, 0, 2]))
def test_every_element_of_an_array_has_its_offset(value: list[Any], indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    found = [json.JSONDecoder().raw_decode(text, at)[0] for at in element_offsets(text)]
    assert canonical(found) == canonical(value)
