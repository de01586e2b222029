"""BM25 over the elements of a packet, and the best window of sentences inside one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from atelier.kernel.evidence import Span
from atelier.terra.align import Alignment, align
from atelier.terra.corpus import Corpus, Passage
from atelier.terra.lexicon import STOP_WORDS
from atelier.terra.words import content, stem

_K1 = 1.5
_B = 0.75
# Below this length brevity is no merit: "The remote control ." is not about remote controls.
# Measured on the meetings of QMSum: hit@1 .66 without the floor, .72 with it.
_SHORTEST = 30
# Packets of this size and elements of this length: fixed, so that no element that shares nothing
# with a query can move another's score. On QMSum this finds what BM25 finds: .93 within eight.
_TYPICAL_COUNT = 1000
_TYPICAL_LENGTH = 45.0
# Of the best score: below this an element shares a common word and no more.
_CLOSE = 0.4
_LONGEST_WINDOW = 3
_MOST_WINDOWS = 16  # of one length in one text


@dataclass(frozen=True, slots=True)
class Hit:
    """An element by its place in the packet's order, with its score."""

    index: int
    score: float


@dataclass(frozen=True, slots=True)
class Window:
    """One to three sentences of one text, and how much of the claim they hold."""

    index: int
    passage: Passage
    alignment: Alignment


class Retriever:
    """BM25 over a corpus; the index is the corpus's postings, built once."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._lengths = [max(len(said), _SHORTEST) for said in corpus.words]
        self._mean = sum(self._lengths) / len(self._lengths) if self._lengths else 0.0

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        """The best elements for a query, best first; among equals the earlier one.

        The scores depend on the whole packet, so they rank and never decide.
        """
        scores = self._scores(query, count=len(self._lengths), mean=self._mean)
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        return [Hit(index, score) for index, score in ranked[:limit]]

    def closest(self, query: str, limit: int = 8) -> list[Hit]:
        """The elements that a query is about, best first; what is far from the best is left out.

        BM25 again, over a packet of a fixed size: which elements are found, and how they score, is
        the same whatever else the packet holds. Among equals the later one comes first.
        """
        scores = self._scores(query, count=_TYPICAL_COUNT, mean=_TYPICAL_LENGTH)
        ranked = sorted(scores.items(), key=lambda item: (-item[1], -item[0]))[:limit]
        return [Hit(index, score) for index, score in ranked if score >= _CLOSE * ranked[0][1]]

    def _scores(self, query: str, *, count: int, mean: float) -> dict[int, float]:
        scores: dict[int, float] = {}
        for term in dict.fromkeys(content(query)):
            places = self.corpus.postings.get(term, {})
            rarity = log(1 + (max(count - len(places), 0) + 0.5) / (len(places) + 0.5))
            for index, times in places.items():
                length = _K1 * (1 - _B + _B * self._lengths[index] / mean)
                gain = rarity * times * (_K1 + 1) / (times + length)
                scores[index] = scores.get(index, 0.0) + gain
        return scores

    def candidates(self, stems: Sequence[str], limit: int = 12) -> list[int]:
        """The elements that share the most distinct stems with a claim, best first.

        Unlike a BM25 score, the count cannot be moved by an element that shares nothing: so what
        the rules decide on stays the same when unrelated evidence arrives. Among equals the later
        one comes first, so that an insertion at the top displaces nothing.
        """
        counts: dict[int, int] = {}
        for term in dict.fromkeys(stems):
            for index in self.corpus.postings.get(term, {}):
                counts[index] = counts.get(index, 0) + 1
        ranked = sorted(counts, key=lambda index: (-counts[index], -index))
        return ranked[:limit]

    def windows(self, claim: Sequence[str], index: int) -> list[Window]:
        """The windows of an element that hold the most of a claim's content, aligned with it.

        Of each length from one to three sentences those with the highest count of distinct stems;
        the others cannot have a higher coverage.
        """
        wanted = frozenset(stem(word) for word in claim if word not in STOP_WORDS)
        found: list[Window] = []
        for sentences in self.corpus.sentences(index):
            for first, last in _richest(sentences.stems, wanted):
                span = Span(start=sentences.spans[first][0], end=sentences.spans[last - 1][1])
                passage = Passage(
                    self.corpus.elements[index], sentences.pointer, sentences.text, span
                )
                held = [word for words in sentences.words[first:last] for word in words]
                found.append(Window(index, passage, align(claim, held)))
        return found


def _richest(stems: Sequence[frozenset[str]], wanted: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Ranges of sentences: of each length those that hold the most of what is wanted."""
    shared = [one & wanted for one in stems]
    for length in range(1, min(_LONGEST_WINDOW, len(shared)) + 1):
        counts = [
            len(frozenset[str]().union(*shared[first : first + length]))
            for first in range(len(shared) - length + 1)
        ]
        most = max(counts)
        if most or length == 1:
            best = [first for first, count in enumerate(counts) if count == most]
            yield from ((first, first + length) for first in best[:_MOST_WINDOWS])
