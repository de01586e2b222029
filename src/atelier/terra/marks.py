"""Quotation marks of a draft: which stretches it presents as somebody's words."""

from dataclasses import dataclass
from re import compile as pattern

from atelier.kernel.evidence import Span
from atelier.terra.fold import fold, is_word

_CLOSERS = {
    "“": "”",
    "„": "“”",
    "«": "»",
    "»": "«",
    "「": "」",
    "『": "』",
    "\u2018": "\u2019",
    '"': '"',
}
_OPENERS = pattern(r"[“„«»「『\"]|(?<!\w)[\u2018'](?=\w)")
MIN_QUOTE_WORDS = 3


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words between quotation marks: `span` without the marks, `outer` with them."""

    span: Span
    outer: Span
    text: str

    @property
    def is_claim(self) -> bool:
        """Whether it is long enough to be checked as a quote; shorter ones may be terms."""
        words = sum(is_word(token) for token in fold(self.text).tokens)
        return words >= MIN_QUOTE_WORDS


def quotations(text: str) -> list[Quotation]:
    """The quotations of a paragraph, outermost only; a mark without its pair opens nothing.

    Example:
        >>> [quotation.text for quotation in quotations('He said “I ran” and "I won".')]
        ['I ran', 'I won']
    """
    found: list[Quotation] = []
    at = 0
    while opening := _OPENERS.search(text, at):
        close = _closing(text, opening.end(), opening[0])
        if close < 0 or not text[opening.end() : close].strip():
            at = opening.end()
            continue
        found.append(
            Quotation(
                span=Span(start=opening.end(), end=close),
                outer=Span(start=opening.start(), end=close + 1),
                text=text[opening.end() : close],
            )
        )
        at = close + 1
    return found


def _closing(text: str, start: int, opener: str) -> int:
    """Where the mark stands that closes the one before `start`, or -1."""
    if opener in {"'", "\u2018"}:
        return _single(text, start, "'" if opener == "'" else "\u2019")
    closers = _CLOSERS[opener]
    places = [place for mark in closers if (place := text.find(mark, start)) >= 0]
    return min(places, default=-1)


def _single(text: str, start: int, mark: str) -> int:
    # An apostrophe stands between letters; a closing mark follows a word and precedes none.
    at = text.find(mark, start)
    while at >= 0:
        after = text[at + 1 : at + 2]
        if not text[at - 1].isspace() and not after.isalnum():
            return at
        at = text.find(mark, at + 1)
    return -1
