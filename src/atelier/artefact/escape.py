"""Text made inert for Markdown: what evidence and models wrote reads as they wrote it."""

from re import Match
from re import compile as pattern
from unicodedata import category

# A backslash first of all; brackets make links, images and footnotes; a tilde strikes through.
_INLINE = pattern(r"[\\`*\[~|]|(?<![^\W_])_|_(?![^\W_])")
_ENTITY = pattern(r"&(?=#?\w+;)")
_OPENING = pattern(r"#|>|=|[-+](?=\s|-|$)|:(?=-)")
_NUMBERED = pattern(r"(\d{1,9})([.)])(?=\s|$)")
_SPACE = pattern(r"\s+")
_JOINERS = "\u200c\u200d"
# Letters and marks that show nothing, though their category says otherwise.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")


def escape(text: str) -> str:
    r"""One line of Markdown that shows exactly this text: white space folded, nothing hidden.

    Plain prose stays as it is. Markup, HTML, links, images, footnotes and entities are shown as
    characters; control, invisible and bidirectional characters as their code points.

    Example:
        >>> escape("<b>“5 * 3”</b>[^1]\n# and ![x](http://x)")
        '&lt;b>“5 \\* 3”&lt;/b>\\[^1] # and !\\[x](http://x)'
    """
    line = visible(_SPACE.sub(" ", text).strip())
    line = _ENTITY.sub("&amp;", line).replace("<", "&lt;") if "&" in line or "<" in line else line
    return _INLINE.sub(r"\\\g<0>", line)


def escape_line(text: str) -> str:
    r"""`escape`, safe at the start of a line: no heading, list, quotation, rule or table.

    Example:
        >>> escape_line("# Not a heading"), escape_line("1. not a list"), escape_line("-5 degrees")
        ('\\# Not a heading', '1\\. not a list', '-5 degrees')
    """
    line = escape(text)
    if _OPENING.match(line):
        return "\\" + line
    return _NUMBERED.sub(r"\1\\\2", line, count=1) if _NUMBERED.match(line) else line


def visible(text: str) -> str:
    r"""Text in which every control, invisible and bidirectional character shows its code point.

    A joiner between two letters of one script that needs it, or inside an emoji, stays.

    Example:
        >>> visible("a\u202eb\x1b[2J")
        'a⟨U+202E⟩b⟨U+001B⟩[2J'
    """
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(_code_point, text)


# Candidates by range; `_code_point` decides by category, so that a new Unicode needs no change.
_HIDDEN = pattern(r"[^\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u0400-\u04ff\u2010-\u2027\u4e00-\u9fff]")


def _code_point(found: Match[str]) -> str:
    char = found[0]
    if char in _JOINERS and _joins(found.string, found.start()):
        return char
    if category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} or char in _BLANK:
        return f"⟨U+{ord(char):04X}⟩"
    return char


def _joins(text: str, at: int) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return bool(before and after) and not before.isascii() and not after.isascii()
