"""Evidence that a stage picked itself, as it is shown to the model that the stage asks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from atelier.aggregate import Element
from atelier.kernel.canonical import Json, canonical
from atelier.kernel.evidence import Citation, Span

_CUT = " … "


@dataclass(frozen=True, slots=True)
class Excerpt:
    """An element of the packet, whole, or those of its words that `parts` name.

    A part is a pointer and a span of the text that stands there.
    """

    element: Element
    parts: tuple[tuple[str, Span], ...] = ()

    @property
    def line(self) -> str:
        """The element as it stands in a prompt."""
        return f"[{self.element.handle}] {canonical(self._shown()).decode()}"

    @property
    def texts(self) -> list[str]:
        """The texts that are shown, each a run of words of the source."""
        return [text for _, text in self._cut()]

    def shows(self, citation: Citation) -> bool:
        """Whether the words of a citation into this element are among those shown."""
        address = citation.address
        return (address.slice, address.element) == (
            self.element.slice,
            self.element.digest,
        ) and any(citation.quote in text for text in self.texts)

    def _shown(self) -> Json:
        if not self.parts:
            return self.element.value
        if not isinstance(self.element.value, dict):
            return _CUT.join(self.texts)
        shown: dict[str, Any] = {"speaker": self.element.speaker} if self.element.speaker else {}
        for pointer, text in self._cut():
            shown[pointer] = f"{shown[pointer]}{_CUT}{text}" if pointer in shown else text
        return shown

    def _cut(self) -> Iterator[tuple[str, str]]:
        texts = self.element.texts()
        if not self.parts:
            yield from texts
            return
        known = dict(texts)
        for pointer, span in self.parts:
            yield pointer, known[pointer][span.start : span.end]


@dataclass(frozen=True, slots=True)
class Excerpts:
    """Excerpts that are passed to `ask` for one slot: fenced there, each under its handle.

    An answer to an ask that shows excerpts cites from what it was shown, and from nothing else of
    the packet: so request and answer are functions of the excerpts alone.
    """

    items: tuple[Excerpt, ...]

    @classmethod
    def of(cls, elements: Iterable[Element]) -> "Excerpts":
        """Whole elements, as `atelier.aggregate.elements` gives them."""
        return cls(tuple(map(Excerpt, elements)))

    @property
    def text(self) -> str:
        """The excerpts as they stand in a prompt, an element a line."""
        return "\n".join(item.line for item in self.items)


def unshown(found: Iterable[object], shown: Sequence[Excerpt]) -> Iterator[str]:
    """A sentence for each citation whose words stand in the packet and were not shown."""
    for item in found:
        if isinstance(item, Citation) and not any(excerpt.shows(item) for excerpt in shown):
            yield f"{item.quote[:60]!r} is not among the words that were shown"
