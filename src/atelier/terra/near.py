"""The evidence that a claim is judged on: the closest elements, or the closest words of long ones."""

from collections.abc import Iterable, Sequence

from atelier.aggregate import Element
from atelier.kernel.canonical import canonical
from atelier.kernel.evidence import Span
from atelier.orchestrate.excerpt import Excerpt, Excerpts
from atelier.terra.attribution import without_frame
from atelier.terra.corpus import Corpus
from atelier.terra.retrieve import Retriever, Window
from atelier.terra.words import words

_WHOLE = 1500  # bytes up to which an element is shown as it is
_PARTS = 3


class Near:
    """Looks up what a packet holds near a text.

    Elements that share no word with the text change neither what is found nor its order.
    """

    def __init__(self, elements: Sequence[Element]) -> None:
        self._retriever = Retriever(Corpus(elements))
        self._elements = {(item.slice, item.digest): item for item in reversed(elements)}

    def excerpts(self, text: str, limit: int = 8) -> Excerpts:
        """The elements closest to a text, in the packet's order."""
        return self.around([text], limit)

    def around(self, texts: Iterable[str], limit: int) -> Excerpts:
        """The elements closest to each of some texts, each element once, in the packet's order."""
        near: dict[int, list[str]] = {}
        for text in texts:
            for hit in self._retriever.closest(text, limit):
                near.setdefault(hit.index, []).append(text)
        return Excerpts(tuple(self._excerpt(index, near[index]) for index in sorted(near)))

    def _excerpt(self, index: int, texts: Sequence[str]) -> Excerpt:
        found = self._retriever.corpus.elements[index]
        element = self._elements[found.slice, found.digest]
        if len(canonical(element.value)) <= _WHOLE:
            return Excerpt(element)
        parts = [part for text in texts for part in self._parts(text, index)]
        return Excerpt(element, tuple(_merged(parts)))

    def _parts(self, text: str, index: int) -> list[tuple[str, Span]]:
        windows = self._retriever.windows(words(without_frame(text)), index)
        return _apart(sorted(windows, key=_rank))


def _rank(window: Window) -> tuple[float, float, int, str]:
    alignment, span = window.alignment, window.passage.span
    # The longer window among equals: a judge reads what stands around a sentence.
    return (
        -alignment.coverage,
        -alignment.subsequence,
        span.start - span.end,
        window.passage.pointer,
    )


def _apart(windows: Sequence[Window]) -> list[tuple[str, Span]]:
    """The first few of these windows that share no words."""
    kept: list[tuple[str, Span]] = []
    for window in windows:
        part = window.passage.pointer, window.passage.span
        if len(kept) < _PARTS and not any(_meet(part, other) for other in kept):
            kept.append(part)
    return kept


def _merged(parts: Iterable[tuple[str, Span]]) -> list[tuple[str, Span]]:
    """The parts in the order of the source, those that share words as one."""
    found: list[tuple[str, Span]] = []
    for part in sorted(parts, key=lambda part: (part[0], part[1].start)):
        if found and _meet(found[-1], part):
            start, end = found[-1][1].start, max(found[-1][1].end, part[1].end)
            found[-1] = part[0], Span(start=start, end=end)
        else:
            found.append(part)
    return found


def _meet(one: tuple[str, Span], other: tuple[str, Span]) -> bool:
    (place, span), (there, beside) = one, other
    return place == there and span.start < beside.end and beside.start < span.end
