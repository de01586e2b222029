"""Escaping: what evidence and models wrote is shown, and never acts."""

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from atelier.artefact.escape import escape, escape_line, visible

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
SPECIAL = st.text(st.sampled_from("<>[]()!*_`~#|\\&;:-+=.1^\"' \n\tab/@$\u202e\u200b"), max_size=40)


def shown(markdown: str) -> str:
    """What a reader sees of one paragraph; fails where anything but text was made of it."""
    blocks = MARKDOWN.parse(markdown)
    assert [block.type for block in blocks] in (
        [],
        ["paragraph_open", "inline", "paragraph_close"],
    ), (markdown, blocks)
    pieces = [piece for block in blocks for piece in block.children or []]
    assert {piece.type for piece in pieces} <= {"text", "text_special"}, (markdown, pieces)
    return "".join(piece.content for piece in pieces)


@given(SPECIAL)
def test_a_line_shows_exactly_its_text(text: str) -> None:
    line = escape_line(text)
    assert "\n" not in line
    assert shown(line) == visible(" ".join(text.split()))


@given(SPECIAL)
def test_text_behind_other_text_shows_exactly_itself(text: str) -> None:
    assert shown(f"“{escape(text)}” — x") == f"“{visible(' '.join(text.split()))}” — x"


@given(SPECIAL, SPECIAL)
def test_two_lines_of_a_paragraph_never_make_a_structure(first: str, second: str) -> None:
    blocks = MARKDOWN.parse(f"a {escape(first)}\n{escape_line(second) or 'x'}\n")
    assert [block.type for block in blocks] == ["paragraph_open", "inline", "paragraph_close"]


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    line = visible(text)
    for number, char in enumerate(line):
        assert category(char) not in {"Cc", "Cs", "Zl", "Zp"}
        assert category(char) != "Cf" or (char in "\u200c\u200d" and 0 < number < len(line) - 1)
    line.encode()


@pytest.mark.parametrize("text", [
    "She slept 4.5 hours, on Monday (mostly); “fine”, she said - it's Noah's: 5 < … no!",
    "Zoë aß 中文 नमस्ते שלום — naïve",
    "C# and F#, 50% of $5 & more, snake_case, a/b, http://example.org/x?y=1&z=2",
    "2026 was a good year.",
    "👩‍👩‍👧 done ✅ 🏳️‍🌈",
])  # fmt: skip
def test_plain_prose_stays_as_it_is(text: str) -> None:
    assert escape_line(text.replace("<", "less than")) == text.replace("<", "less than")


@pytest.mark.parametrize("attack", [
    "<script>alert(1)</script>", "<!-- atelier:sha256:" + "0" * 64 + " -->", "[^1]: forged",
    "[x](javascript:alert(1))", "![x](http://evil/x.png)", "[x]: http://evil", "# Heading",
    "- item", "1. item", "> quote", "---", "===", "```", "~~~", "    code", "| a | b |",
    "&lt;b&gt;", "&#60;b&#62;", "**[cited]**", "~~struck~~", "<http://evil>", "a\\", "\\", "* * *",
    "+ x", "[ ] x", "a  \nb", "<b", "__init__", "_x_", "`code`",
])  # fmt: skip
def test_attack_is_shown_as_its_characters(attack: str) -> None:
    assert shown(escape_line(attack)) == " ".join(attack.split())
    assert "<" not in escape(attack)


@pytest.mark.parametrize(("text", "expected"), [
    ("a\u202eb", "a⟨U+202E⟩b"),
    ("\x1b[2J", "⟨U+001B⟩[2J"),
    ("a\u200bb\ufeff", "a⟨U+200B⟩b⟨U+FEFF⟩"),
    ("soft\u00adhyphen", "soft⟨U+00AD⟩hyphen"),
    ("\U000e0041", "⟨U+E0041⟩"),
    ("a\u200db", "a⟨U+200D⟩b"),
    ("\u2066x\u2069", "⟨U+2066⟩x⟨U+2069⟩"),
    ("\ud800", "⟨U+D800⟩"),
    ("\u3164", "⟨U+3164⟩"),
    ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
])  # fmt: skip
def test_hidden_characters_are_shown_and_needed_joiners_stay(text: str, expected: str) -> None:
    assert visible(text) == expected
