"""Names in a text, by their capitals."""

from collections.abc import Sequence
from dataclasses import dataclass
from re import compile as pattern

from atelier.kernel.evidence import Span
from atelier.terra.lexicon import (
    ABBREVIATIONS,
    FINAL_ABBREVIATIONS,
    MONTHS,
    STOP_WORDS,
    WEEKDAYS,
)

_WORD = pattern(r"[^\W\d_][^\W_]*(?:['\u2019\-][^\W_]+)*")
# A label that opens an item, as in "**Code expiry**:", is set in capitals that name nobody.
_LABEL = pattern(r"^[\s>*+\-]*(?:\*\*|__)[^*_\n]{1,80}(?:\*\*:|__:|:\*\*|:__)")
_OPENING = '"“\u2018«([*_'
_STARTERS = ".!?:…。\uff01\uff1f|>#\n"
_LOOK_BACK = 16
_TITLES = frozenset(["mr", "mrs", "ms", "dr", "prof", "sir", "lady"])
_NEVER = STOP_WORDS | WEEKDAYS | MONTHS.keys() | _TITLES | frozenset(["ok", "okay", "yes", "yeah"])


@dataclass(frozen=True, slots=True)
class Name:
    """One capitalised word; `initial` where a sentence starts with it, so it may be no name."""

    text: str
    span: Span
    initial: bool

    @property
    def folded(self) -> str:
        """The name as a vocabulary holds it: lower case, without a possessive mark."""
        plain = self.text.casefold().replace("\u2019", "'")
        return plain.removesuffix("'s").removesuffix("'")


def names(text: str) -> list[Name]:
    r"""The capitalised words that may be names, in order; days, months and stop words are none.

    Example:
        >>> [(name.folded, name.initial) for name in names("Maya met Noah\u2019s coach on Monday.")]
        [('maya', True), ('noah', False)]
    """
    found: list[Name] = []
    label = _LABEL.match(text)
    for match in _WORD.finditer(text):
        word = match[0]
        if not word[0].isupper() or word.casefold().split("'")[0].split("\u2019")[0] in _NEVER:
            continue
        if len(word) == 1 or _is_contraction(word):
            continue
        starts = _starts_sentence(text, match.start())
        initial = starts or (label is not None and match.end() <= label.end())
        found.append(Name(word, Span(start=match.start(), end=match.end()), initial))
    return found


def _starts_sentence(text: str, at: int) -> bool:
    """Whether a word stands where any word would have a capital."""
    close = text[max(at - _LOOK_BACK, 0) : at]
    if close and close[-1] in _OPENING:
        return True
    before = close.rstrip(" \t" + _OPENING)
    if not before:
        return at <= _LOOK_BACK
    if before[-1] == "." and before[:-1].split()[-1:] and _is_short_form(before[:-1].split()[-1]):
        return False
    return before[-1] in _STARTERS or (
        before[-1] in "-+•" and before[:-1].rstrip(" \t")[-1:] in {"", "\n"}
    )


def _is_short_form(word: str) -> bool:
    return word.casefold() in ABBREVIATIONS - FINAL_ABBREVIATIONS or (
        len(word) == 1 and word != "I"
    )


def _is_contraction(word: str) -> bool:
    return word.casefold().replace("\u2019", "'").endswith(("n't", "'m", "'re", "'ve", "'ll"))


def initials(words: Sequence[str]) -> set[str]:
    """The acronyms that runs of two to four capitalised words allow.

    Example:
        >>> sorted(initials(["Project", "Manager", "left"]))
        ['pm']
    """
    found: set[str] = set()
    for start in range(len(words)):
        letters = ""
        for word in words[start : start + 4]:
            if not word[:1].isupper():
                break
            letters += word[0].casefold()
            if len(letters) > 1:
                found.add(letters)
    return found
