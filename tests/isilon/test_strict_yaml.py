"""YAML 1.2's core schema, and nothing that one reader takes otherwise than another."""

import re
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from atelier.isilon import strict_yaml
from atelier.isilon.document import Document
from atelier.isilon.errors import EvidenceError
from atelier.isilon.strict_yaml import Block, Yaml12, parse_yaml

SAFE = st.text(
    st.characters(
        min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["Cs", "Cc", "Zl", "Zp"]
    )
)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | SAFE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SAFE, inner, max_size=3),
)


@pytest.fixture(params=["with libyaml", "without it"], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both parsers of PyYAML, since an install may have either."""
    if request.param == "without it":
        monkeypatch.setattr(strict_yaml, "_LOADER", pyyaml.SafeLoader)


def parse(text: str) -> Yaml12:
    return parse_yaml(Block(Document("a.yaml", text.encode()), text))


def test_the_core_schema_has_no_surprises() -> None:
    text = """
plain: [no, on, yes, off, y, 2026-03-01, 12:30:00, 0b11, 1_000, ~x, =, <<]
words: [null, Null, NULL, ~, "", true, True, FALSE, 'true', "null"]
numbers: [1, -2, +3, 007, 0o17, 0x1F, 1.5, .5, -1e3, "1"]
empty:
"<<": {a: 1}
"""
    assert parse(text).value == {
        "plain": [
            "no",
            "on",
            "yes",
            "off",
            "y",
            "2026-03-01",
            "12:30:00",
            "0b11",
            "1_000",
            "~x",
            "=",
            "<<",
        ],
        "words": [None, None, None, None, "", True, True, False, "true", "null"],
        "numbers": [1, -2, 3, 7, 15, 31, 1.5, 0.5, -1000.0, "1"],
        "empty": None,
        "<<": {"a": 1},
    }


def test_blocks_and_quotes_keep_their_text() -> None:
    assert parse('a: |\n  x\n   y\nb: >-\n  x\n  y\nc: "\\u2028\\t"\n').value == {
        "a": "x\n y\n",
        "b": "x y",
        "c": "\u2028\t",
    }


def test_each_element_of_a_list_has_its_line() -> None:
    read = parse("# notes\n- a: 1\n  b:\n    - x\n- [1,\n   2]\n- last\n")
    assert read.value == [{"a": 1, "b": ["x"]}, [1, 2], "last"]
    assert read.lines == (2, 5, 7)


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ("a: 1\nb: 2\na: 3", "3:1", "the key 'a' stands twice, first in line 1"),
        ('a: 1\n"a": 3', "2:1", "the key 'a' stands twice, first in line 1"),
        ("a: &x 1\nb: *x", "1:4", "the anchor &x"),
        ("b: *x", "1:4", "the alias *x"),
        ("!!python/object:os.system x", "1:1", "the tag tag:yaml.org,2002:python/object:os.system"),
        ("a: !!str 1", "1:4", "the tag tag:yaml.org,2002:str"),
        ("a: 1\n---\nb: 2", "2:1", "a second document"),
        ("%YAML 1.1\n---\na: 1", "1:1", "a directive"),
        ("a: .nan", "1:4", ".nan is not JSON"),
        ("a: -.inf", "1:4", "-.inf is not JSON"),
        ("a: 1e400", "1:4", "1e400 is beyond ±(2^53-1)"),
        ("a: 9007199254740992", "1:4", "9007199254740992 is beyond ±(2^53-1)"),
        (f"a: {'9' * 5000}", "1:4", "99999999999999999999 is beyond ±(2^53-1)"),
        ("1: 2", "1:1", "the key '1' is not text"),
        ("true: 2", "1:1", "the key 'true' is not text"),
        ("? [a]\n: 1", "1:3", "a key that is a list or a mapping"),
        ("? {a: b}\n: 1", "1:3", "a key that is a list or a mapping"),
        ("", "1:1", "nothing is here"),
        ("# only a comment\n", "1:1", "nothing is here"),
        ("[" * 3000, "1:201", "nested deeper than 200"),
        ("x\n\u2028", "2:1", "the character '\\u2028', which readers of YAML treat differently"),
        ("a: \x07", "1:4", "the character '\\x07', which readers of YAML treat differently"),
    ],
)
def test_a_fault_is_named_with_line_and_column(text: str, at: str, why: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        parse(text)
    assert caught.value.code == "evidence.yaml"
    assert (caught.value.facts["at"], caught.value.facts["why"]) == (f"a.yaml:{at}", why)


@pytest.mark.parametrize("text", ["a: [1, 2", "a: b: c", "\ta: 1", "a: 'x", "- a\nb: 1", "a: @x"])
def test_malformed_text_is_refused_at_its_line(text: str) -> None:
    with pytest.raises(EvidenceError, match=r"a\.yaml:\d+:\d+"):
        parse(text)


def test_a_block_names_lines_of_its_document() -> None:
    document = Document("a.md", b"---\na: 1\na: 2\n---\nbody")
    with pytest.raises(EvidenceError, match=r"a\.md:3:1(.|\n)*first in line 2"):
        parse_yaml(Block(document, "a: 1\na: 2\n", 1))


@given(VALUE)
def test_what_is_dumped_in_quotes_reads_back(value: Any) -> None:
    text = pyyaml.safe_dump(value, allow_unicode=False, default_style='"', width=10**6)
    kept = _without_tags(text)
    assert parse(kept).value == value


def _without_tags(text: str) -> str:
    """Quoted scalars that PyYAML tags (`!!int "1"`) as plain ones."""
    return re.sub(r'!!(?:int|null|bool) "([^"]*)"', r"\1", text)
