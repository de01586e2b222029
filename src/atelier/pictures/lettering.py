"""How wide a text will be, without a font: by the kind of each character, rather too wide than not."""

import re
from functools import lru_cache
from unicodedata import combining, east_asian_width

_ELLIPSIS = "…"
_PART = re.compile(r"[^/._-]*[/._-]*$|[^/._-]*[/._-]+")
# After DejaVu Sans, the widest of the fonts that a system shows by default.
_WIDTHS = {
    **dict.fromkeys("ijl'|.,:;", 0.35),
    **dict.fromkeys("frtI()[]/\\- ", 0.42),
    **dict.fromkeys('!"*`', 0.5),
    **dict.fromkeys("mw%@&—…", 1.0),
    **dict.fromkeys("MW", 1.02),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ", 0.79),
    **dict.fromkeys("#+=<>~^→←", 0.84),
}
_USUAL = 0.64
_WIDE = 1.12
# How much wider the same text is in bold.
BOLD = 1.13


@lru_cache(maxsize=4096)
def width_of(text: str, size: float) -> float:
    """The width of a text in one line, in the unit of its font size.

    Example:
        >>> width_of("ill", 10) < width_of("ran", 10) < width_of("Maya", 10) < width_of("日本語", 10)
        True
        >>> width_of("", 10)
        0.0
    """
    return round(sum(map(_width, text), 0.0) * size, 2)


def cut(text: str, size: float, limit: float) -> str:
    """A text on one line, shortened where it is wider than a limit.

    Example:
        >>> cut("crosschecked", 10, 200), cut("crosschecked", 10, 40)
        ('crosschecked', 'cross…')
    """
    if width_of(text, size) <= limit:
        return text
    left = limit - width_of(_ELLIPSIS, size)
    kept = ""
    for char in text:
        left -= _width(char) * size
        if left < 0:
            break
        kept += char
    return kept.rstrip() + _ELLIPSIS


def wrap(text: str, size: float, limit: float, *, lines: int) -> list[str]:
    """A text on at most so many lines, each within a limit; what does not fit ends in an ellipsis.

    Example:
        >>> wrap("input changed: journal", 10, 80, lines=2)
        ['input changed:', 'journal']
        >>> wrap("one two three four five", 10, 50, lines=2)
        ['one two', 'three…']
        >>> wrap("artefacts/{student}/{session}.md", 10, 130, lines=2)
        ['artefacts/{student}/', '{session}.md']
    """
    words = [part for word in text.split() for part in _parts(word, size, limit)]
    found: list[str] = []
    while words and len(found) < lines:
        line = words.pop(0)
        while words and width_of(line + words[0].rstrip(), size) <= limit:
            line += words.pop(0)
        found.append(cut(line.rstrip(), size, limit))
    if words and not found[-1].endswith(_ELLIPSIS):
        found[-1] = cut(found[-1] + _ELLIPSIS, size, limit)
    return found


def _parts(word: str, size: float, limit: float) -> list[str]:
    """A word with the space behind it; one that fits on no line in parts that end as paths do."""
    if width_of(word, size) <= limit:
        return [f"{word} "]
    return [*_PART.findall(word)[:-1], f"{_PART.findall(word)[-1]} "]


def _width(char: str) -> float:
    if char in _WIDTHS:
        return _WIDTHS[char]
    if combining(char) or char in "\u200d\ufe0f":
        return 0.0
    return _WIDE if east_asian_width(char) in "WF" or ord(char) > 0xFFFF else _USUAL
