"""Characters that a reader cannot see, made visible: a name may not hide what it does."""

import re
from unicodedata import category, name

from markupsafe import Markup

# Controls, zero-width and direction marks, fillers, tags: whatever moves, hides or swallows text.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
_JOINERS = "\u200c\u200d"
_TAG_BASE = "\U0001f3f4"
_CANCEL_TAG = "\U000e007f"


def shown(text: str) -> str:
    r"""A text in which what cannot be seen stands as its code point.

    Joiners inside an emoji or a script that needs them are part of what is seen, and stay.

    Example:
        >>> shown("pay\u202etxt"), shown("\U0001f469\u200d\U0001f680") == "\U0001f469\u200d\U0001f680"
        ('pay⟦U+202E⟧txt', True)
    """
    return _HIDDEN.sub(lambda found: _plain(found, text), text)


def marked(text: str) -> Markup:
    r"""The same as markup: each hidden character is a small label that says its name.

    Example:
        >>> marked("<\u200b>")
        Markup('&lt;<span class="unseen" title="ZERO WIDTH SPACE">U+200B</span>&gt;')
    """
    if not _HIDDEN.search(text):
        return Markup.escape(text)
    parts: list[Markup] = []
    at = 0
    for found in _HIDDEN.finditer(text):
        if not _belongs(text, found.start()):
            parts += [Markup.escape(text[at : found.start()]), _label(found[0])]
            at = found.end()
    return Markup("").join([*parts, Markup.escape(text[at:])])


def _plain(found: re.Match[str], text: str) -> str:
    return found[0] if _belongs(text, found.start()) else f"⟦U+{ord(found[0]):04X}⟧"


def _label(char: str) -> Markup:
    told = name(char, "CONTROL" if category(char) == "Cc" else "NO NAME")
    return Markup('<span class="unseen" title="{}">U+{:04X}</span>').format(told, ord(char))


def _belongs(text: str, at: int) -> bool:
    """Whether the hidden character is part of a visible one: an emoji, a flag, a joined letter."""
    char = text[at]
    if char in _JOINERS:
        around = text[at - 1 : at] + text[at + 1 : at + 2]
        return len(around) == 2 and not any(_ends_joining(beside) for beside in around)
    if "\U000e0020" <= char <= _CANCEL_TAG:
        base = text.rfind(_TAG_BASE, max(0, at - 8), at)
        return base >= 0 and all("\U000e0020" <= tag < _CANCEL_TAG for tag in text[base + 1 : at])
    return False


def _ends_joining(char: str) -> bool:
    return char.isascii() or _HIDDEN.match(char) is not None
