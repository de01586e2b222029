"""Quotes looked up in the evidence: canonical and exact, never by edit distance."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from re import compile as pattern
from typing import Literal

from atelier.kernel.evidence import Citation, Cite, FoundBy, Match, Span
from atelier.terra.clip import clipped, turned
from atelier.terra.corpus import Corpus, Evidence, Passage
from atelier.terra.fold import Folded, fold, is_filler, is_word
from atelier.terra.retrieve import Retriever
from atelier.terra.words import words

_ELLIPSIS = pattern(r"\s*(?:[\[(]\s*(?:…|\.{3,})\s*[\])]|…|\.{3,})\s*")
_TRAILING = frozenset({".", ",", ";", ":", "-", "..."})
_MIN_WORDS = 3
_MIN_CHARACTERS = 12
_LONGEST_GAP = 60  # words left out by an ellipsis

FaultKind = Literal["unknown_handle", "not_found", "misattributed", "clipped", "too_short"]


@dataclass(frozen=True, slots=True)
class QuoteFault:
    """Why a quote is no citation; `kind` is stable, `detail` tells the stage what to do."""

    kind: FaultKind
    detail: str
    near: Passage | None = None
    """Where words like these stand: a suggestion, never a citation."""


@dataclass(frozen=True, slots=True)
class Located:
    """A quote found in an element."""

    passage: Passage
    match: Match
    pieces: tuple[Span, ...]
    """The parts of an elided quote; else the whole of it."""

    @property
    def clipped(self) -> str:
        """The word that a cut removes and that turns the meaning, or empty."""
        text = self.passage.text
        gaps = [text[left.end : right.start] for left, right in pairwise(self.pieces)]
        hidden = next((word for gap in gaps if (word := turned(gap))), "")
        whole = Span(start=self.pieces[0].start, end=self.pieces[-1].end)
        return hidden or clipped(text, whole)


def find_quote(quote: str, text: str) -> list[tuple[Span, Match]]:
    r"""Where a quote stands in a text: every occurrence, in order.

    A match covers whole words and numbers. It is `verbatim` where the code points are equal,
    `canonical` where they are equal under the fold (fillers of the source may be missing in the
    quote, and a final mark may differ), `elided` where the quote says with an ellipsis that words
    are left out; an elided span runs from the first piece to the last.

    Example:
        >>> find_quote("I'm fine", "Well, I\u2019m  fine today")
        [(Span(start=6, end=15), <Match.CANONICAL: 'canonical'>)]
        >>> find_quote("fine", "I refine"), find_quote("I did sleep", "I did not sleep")
        ([], [])
    """
    return [
        (Span(start=pieces[0].start, end=pieces[-1].end), match)
        for pieces, match in _matches(quote.strip(), text)
    ]


def _matches(quote: str, text: str) -> list[tuple[tuple[Span, ...], Match]]:
    wanted = _wanted(quote)
    if wanted is None or not wanted <= _tokens(text):
        return []
    needle, source = fold(quote), fold(text)
    spans = _contiguous(needle, source)
    if not spans:
        return [(pieces, Match.ELIDED) for pieces in _elided(quote, source)]
    exact = [text[span.start : span.end] == quote for span in spans]
    return [
        ((span,), Match.VERBATIM if same else Match.CANONICAL)
        for span, same in zip(spans, exact, strict=True)
    ]


def _contiguous(needle: Folded, source: Folded) -> list[Span]:
    spans = [source.span(first, last) for first, last in source.find(needle)]
    if spans:
        return spans
    for wanted in (needle, _trimmed(needle)):
        for plain, bare in zip(_bare(wanted), _bare(source), strict=True):
            spans = [bare.span(first, last) for first, last in bare.find(plain)]
            spans = [_widened(wanted, source, span) for span in spans]
            spans = [span for span in spans if _keeps_fillers(wanted, source, span)]
            if spans:
                return spans
    return []


def _bare(folded: Folded) -> tuple[Folded, Folded, Folded]:
    if not any(is_filler(token) for token in folded.tokens):
        return folded, folded, folded
    return folded, folded.without_fillers(commas=False), folded.without_fillers(commas=True)


def _trimmed(folded: Folded) -> Folded:
    """Without the marks at its end: a draft closes a quotation with its own full stop."""
    last = len(folded.tokens)
    while last and folded.tokens[last - 1] in _TRAILING:
        last -= 1
    tokens = folded.tokens[:last]
    return Folded(tokens, folded.starts[:last], folded.ends[:last], f" {' '.join(tokens)} ")


def _widened(needle: Folded, source: Folded, span: Span) -> Span:
    """The span with the fillers around it, on the side where the quote has one."""
    first, last = source.token_at(span.start), source.token_at(span.end)
    if is_filler(needle.tokens[0]):
        while first and (is_filler(source.tokens[first - 1]) or source.tokens[first - 1] == ","):
            first -= 1
        while source.tokens[first] == ",":
            first += 1
    if is_filler(needle.tokens[-1]):
        while last < len(source.tokens) and is_filler(source.tokens[last]):
            last += 1
    return source.span(first, last)


def _keeps_fillers(needle: Folded, source: Folded, span: Span) -> bool:
    """A quote may leave out the source's fillers and may not add any of its own."""
    first, last = source.token_at(span.start), source.token_at(span.end)
    there = iter(token for token in source.tokens[first:last] if is_filler(token))
    return all(token in there for token in needle.tokens if is_filler(token))


def _elided(quote: str, source: Folded) -> list[tuple[Span, ...]]:
    pieces = [_trimmed(fold(piece)) for piece in _ELLIPSIS.split(quote)]
    kept = [piece for piece in pieces if piece.tokens]
    if len(pieces) < 2 or not kept or any(_words(piece) < _MIN_WORDS for piece in kept):
        return []
    chains = [_chain(start, kept[1:], source) for start in _contiguous(kept[0], source)]
    return [chain for chain in chains if chain]


def _chain(start: Span, pieces: list[Folded], source: Folded) -> tuple[Span, ...]:
    """A first piece with the nearest later place of each next one; empty where one is missing."""
    chain = [start]
    for piece in pieces:
        end = chain[-1].end
        later = [span for span in _contiguous(piece, source) if span.start >= end]
        if not later or source.token_at(later[0].start) - source.token_at(end) > _LONGEST_GAP:
            return ()
        chain.append(later[0])
    return tuple(chain)


def _words(folded: Folded) -> int:
    return sum(is_word(token) for token in folded.tokens)


def is_short(quote: str) -> bool:
    """Whether a quote is too short to identify a passage, unless it is unique.

    Example:
        >>> is_short("I slept"), is_short("I slept very well")
        (True, False)
    """
    folded = fold(quote)
    spaced = any(char.isascii() for char in quote.strip())
    return _words(folded) < _MIN_WORDS or (spaced and len(folded.text.strip()) < _MIN_CHARACTERS)


def places(quote: str, elements: Sequence[Evidence]) -> list[Located]:
    """Every place at which a quote stands, in the packet's order.

    Of equal elements only the first is searched: their words are the same evidence.
    """
    found: list[Located] = []
    seen: set[tuple[str, str]] = set()
    for element in elements:
        identity = (element.slice, element.digest)
        if identity in seen:
            continue
        seen.add(identity)
        for place, text in element.texts():
            for pieces, match in _matches(quote.strip(), text):
                span = Span(start=pieces[0].start, end=pieces[-1].end)
                found.append(Located(Passage(element, place, text, span), match, pieces))
    return found


@lru_cache(maxsize=1024)
def _wanted(quote: str) -> frozenset[str] | None:
    """The words that a text must hold to hold the quote; None for a quote without any word."""
    found = [token for token in fold(quote).tokens if is_word(token)]
    return frozenset(token for token in found if not is_filler(token)) if found else None


@lru_cache(maxsize=16384)
def _tokens(text: str) -> frozenset[str]:
    return frozenset(fold(text).tokens)


def locate(
    quote: str, elements: Sequence[Evidence], handle: str | None = None
) -> Located | QuoteFault:
    """Where a quote stands: in the element of `handle`, or without a handle anywhere.

    Of several places a whole sentence wins over a clipped one, verbatim over canonical, then the
    later one. A quote of fewer than 3 words or 12 characters must stand in one place only.
    """
    cited = [element for element in elements if handle is None or element.handle == handle]
    if not cited:
        return QuoteFault("unknown_handle", f"no element of the packet is called {handle!r}")
    found = places(quote, cited)
    if not found:
        return _not_there(quote, elements, handle)
    if is_short(quote) and len(found) > 1:
        detail = f"{len(found)} places hold these words: quote at least 3 words and 12 characters"
        return QuoteFault("too_short", detail)
    best = max(
        enumerate(found),
        key=lambda item: (not item[1].clipped, item[1].match is Match.VERBATIM, item[0]),
    )[1]
    if word := best.clipped:
        detail = f"the quote leaves out {word!r}, which changes what it says: quote the sentence"
        return QuoteFault("clipped", detail, best.passage)
    return best


def _not_there(quote: str, elements: Sequence[Evidence], handle: str | None) -> QuoteFault:
    elsewhere = places(quote, elements) if handle is not None and not is_short(quote) else []
    if elsewhere:
        other = elsewhere[0].passage
        return QuoteFault("misattributed", f"these words stand in {other.element.handle}", other)
    near = nearest(quote, elements)
    detail = "no element holds these words; quote exactly, or cite something else"
    if near is not None:
        detail += f" (nearest, in {near.element.handle}: {_cut(near.quote)!r})"
    return QuoteFault("not_found", detail, near)


def nearest(text: str, elements: Sequence[Evidence]) -> Passage | None:
    """The passage that is most like a text, as a suggestion; None where nothing is like it."""
    retriever = Retriever(Corpus(elements))
    hits = retriever.search(text, limit=3)
    windows = [window for hit in hits for window in retriever.windows(words(text), hit.index)]
    best = max(windows, key=lambda window: window.alignment.subsequence, default=None)
    return best.passage if best else None


def _cut(text: str) -> str:
    return text if len(text) <= 120 else text[:119] + "…"


def resolve_cite(cite: Cite, elements: Sequence[Evidence]) -> Citation | QuoteFault:
    """The citation that a stage's `Cite` stands for, its quote cut out of the source again.

    Example:
        >>> resolve_cite(Cite(handle="journal-00000000", quote="I slept"), []).kind
        'unknown_handle'
    """
    found = locate(cite.quote, elements, cite.handle)
    if isinstance(found, QuoteFault):
        return found
    return found.passage.citation(match=found.match, found_by=FoundBy.STAGE)
