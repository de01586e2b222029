"""The canonical fold of a text, with a map back to its code points.

Two texts are equal under the fold when they differ only in case, Unicode composition, kinds of
quotation marks, dashes and white space. Sign, decimal point, per cent, currency and the grouping
of digits stay: they carry meaning. The unit is the token, so a match never cuts into a word or
a number.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from re import Pattern
from re import compile as pattern
from unicodedata import category, combining, is_normalized, normalize

from atelier.kernel.evidence import Span
from atelier.terra.lexicon import FILLERS

# Scripts that are written without spaces: each character is a token.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_INVISIBLE = "\u00ad\u200b-\u200d\u2060\ufeff"
_NUMBER = rf"(?:(?<![\w)])[+\-\u2212])?[$€£¥₹]?\d+(?:[.,:/]\d+)*(?:%|(?:[^\W\d_{_UNSPACED}]|°)+)?"
_MARKS = r"\.{2,}|…|``|''|[-\u2010-\u2015\u2212]+|\S"
_ANNOTATION = r"\{[a-z_]+\}"  # a transcriber's, such as {vocalsound}
_ASCII = rf"{_ANNOTATION}|{_NUMBER}|\w+(?:['\-]\w+)*|{_MARKS}"
_LETTER = rf"(?:[^\W{_UNSPACED}]|[\u0300-\u036f])"
_ANY = (
    rf"{_ANNOTATION}|{_NUMBER}|[{_UNSPACED}]"
    rf"|{_LETTER}+(?:(?:['\u2019\u02bc\-\u2010\u2011]|[{_INVISIBLE}]+){_LETTER}+)*|{_MARKS}"
)
_TRANSLATION = str.maketrans(
    {
        **dict.fromkeys("\u2019\u2018\u201a\u201b\u02bc\u2032", "'"),
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
    }
)
_RESPELT = {"…": "...", "``": '"', "''": '"'}


_COMMA = ","
_PAUSE = "..."


@cache
def _scanner(*, plain: bool) -> Pattern[str]:
    # Compiled on first use: most commands fold nothing.
    return pattern(_ASCII if plain else _ANY)


@cache
def _unspaced() -> Pattern[str]:
    return pattern(f"[{_UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Folded:
    """Canonical tokens, each with the span of the source that it stands for."""

    tokens: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    text: str
    """The tokens with one space before, between and after them."""

    def span(self, first: int, last: int) -> Span:
        """The source span of the tokens from `first` up to, not including, `last`."""
        return Span(start=self.starts[first], end=self.ends[last - 1])

    def token_at(self, offset: int) -> int:
        """The index of the first token that starts at or after a source offset."""
        return bisect_left(self.starts, offset)

    def find(self, needle: "Folded") -> Iterator[tuple[int, int]]:
        """Token ranges at which the needle's tokens stand, in order, overlaps included."""
        if not needle.tokens:
            return
        at = self.text.find(needle.text)
        while at >= 0:
            first = self.text.count(" ", 0, at)
            yield first, first + len(needle.tokens)
            at = self.text.find(needle.text, at + 1)

    def without_fillers(self, *, commas: bool) -> "Folded":
        """The fold without declared fillers and the comma after each; `commas`: before it too."""
        kept: list[int] = []
        after_filler = False
        for index, token in enumerate(self.tokens):
            if is_filler(token):
                if commas and kept and self.tokens[kept[-1]] == _COMMA:
                    kept.pop()
                after_filler = True
            elif not after_filler or token != _COMMA:
                kept.append(index)
                after_filler = False
        return _assembled(
            [self.tokens[index] for index in kept],
            [self.starts[index] for index in kept],
            [self.ends[index] for index in kept],
        )


def is_filler(token: str) -> bool:
    """Whether a folded token says nothing: a filler, a pause or a transcriber's annotation.

    Example:
        >>> is_filler("um"), is_filler("{vocalsound}"), is_filler("no")
        (True, True, False)
    """
    return token in FILLERS or token == _PAUSE or (token.startswith("{") and len(token) > 1)


def is_word(token: str) -> bool:
    """Whether a folded token is a word or a number, and not a mark."""
    return any(char.isalnum() for char in token)


@lru_cache(maxsize=16384)
def fold(text: str) -> Folded:
    r"""The canonical fold of a text.

    Example:
        >>> fold("She  said: “I\u2019M  Fine”").tokens[-3:]
        ("i'm", 'fine', '"')
    """
    if not is_normalized("NFC", text):
        return _fold_decomposed(text)
    tokens: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    plain = text.isascii()
    for found in _scanner(plain=plain).finditer(text):
        start, end = found.span()
        if not plain and tokens and start == ends[-1] and _joins(text, start):
            # A combining mark or a joiner belongs to the character before it.
            ends[-1] = end
            tokens[-1] = _canonical(text[starts[-1] : end])
            continue
        tokens.append(found[0].lower() if plain else _canonical(found[0]))
        starts.append(start)
        ends.append(end)
    if plain:
        tokens = [_respelt(token) for token in tokens]
    keep = [index for index, token in enumerate(tokens) if token]
    if len(keep) < len(tokens):
        tokens = [tokens[index] for index in keep]
        starts = [starts[index] for index in keep]
        ends = [ends[index] for index in keep]
    return _assembled(tokens, starts, ends)


def _fold_decomposed(text: str) -> Folded:
    """The fold of a text by way of its composition, with spans in the text as it is."""
    composed: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text):
        for char in normalize("NFC", text[start:end]):
            composed.append(char)
            starts.append(start)
            ends.append(end)
    folded = fold("".join(composed))
    return Folded(
        folded.tokens,
        tuple(starts[start] for start in folded.starts),
        tuple(ends[end - 1] for end in folded.ends),
        folded.text,
    )


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Spans that compose by themselves: no character of one combines with one of the next."""
    start = 0
    for at in range(1, len(text)):
        here = text[start:at]
        if combining(text[at]) or normalize("NFC", here + text[at]) != normalize(
            "NFC", here
        ) + normalize("NFC", text[at]):
            continue
        yield start, at
        start = at
    if text:
        yield start, len(text)


def _assembled(tokens: list[str], starts: list[int], ends: list[int]) -> Folded:
    return Folded(tuple(tokens), tuple(starts), tuple(ends), f" {' '.join(tokens)} ")


def _joins(text: str, start: int) -> bool:
    here, before = text[start], text[start - 1]
    if category(here)[0] == "M" or "\u200d" in {here, before}:
        return True
    return category(before)[0] == "M" and here.isalnum() and not _unspaced().match(here)


def _canonical(token: str) -> str:
    composed = normalize("NFC", token).translate(_TRANSLATION)
    return _respelt(normalize("NFC", composed.casefold()))


def _respelt(token: str) -> str:
    if token in _RESPELT:
        return _RESPELT[token]
    if len(token) > 1 and (token[0] == "-" or token[0] == "."):
        marks = set(token)
        if marks == {"-"}:
            return "-"
        if marks == {"."}:
            return "..."
    return token
