"""The evidence that a claim is judged on: the closest elements, or the closest words of long ones."""

from collections.abc import Sequence

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
        """The closest elements, in the packet's order."""
        hits = self._retriever.closest(text, limit)
        return Excerpts(
            tuple(self._excerpt(text, hit) for hit in sorted(hit.index for hit in hits))
        )

    def _excerpt(self, text: str, index: int) -> Excerpt:
        found = self._retriever.corpus.elements[index]
        element = self._elements[found.slice, found.digest]
        if len(canonical(element.value)) <= _WHOLE:
            return Excerpt(element)
        windows = self._retriever.windows(words(without_frame(text)), index)
        return Excerpt(element, tuple(_apart(sorted(windows, key=_rank))))


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
    """The first few of these windows that share no words, in the order of the source."""
    kept: list[tuple[str, Span]] = []
    for window in windows:
        pointer, span = window.passage.pointer, window.passage.span
        if len(kept) < _PARTS and not any(
            place == pointer and other.start < span.end and span.start < other.end
            for place, other in kept
        ):
            kept.append((pointer, span))
    return sorted(kept, key=lambda part: (part[0], part[1].start))
