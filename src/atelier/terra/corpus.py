"""The evidence of one packet, read once: texts, words, stems, names and amounts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, cast

from atelier.kernel.canonical import canonical, pointer
from atelier.kernel.evidence import Address, Citation, FoundBy, Match, Role, Span
from atelier.terra.names import initials
from atelier.terra.numbers import NOTHING, Amounts, amounts
from atelier.terra.sentences import sentence_spans
from atelier.terra.words import stem, words


class Evidence(Protocol):
    """What Terra asks of an element of a packet."""

    @property
    def slice(self) -> str:
        """The slice's name."""
        ...

    @property
    def digest(self) -> str:
        """The element's own digest."""
        ...

    @property
    def occurrence(self) -> int:
        """Which of several equal elements this is, from 1."""
        ...

    @property
    def value(self) -> Any:
        """The element's JSON."""
        ...

    @property
    def handle(self) -> str:
        """How a stage names it."""
        ...

    @property
    def obliged(self) -> bool:
        """Whether the packet declares that it must be addressed."""
        ...

    @property
    def speaker(self) -> str:
        """Who speaks in it, or empty."""
        ...

    def texts(self) -> list[tuple[str, str]]:
        """Its strings, with the pointer of each."""
        ...


@dataclass(frozen=True, slots=True)
class Passage:
    """Words that stand in an element."""

    element: Evidence
    pointer: str
    text: str
    """The whole text at the pointer."""
    span: Span

    @property
    def quote(self) -> str:
        """The words, cut out of the text."""
        return self.text[self.span.start : self.span.end]

    def is_cited_by(self, citation: Citation) -> bool:
        """Whether a citation shares words with this passage."""
        address = citation.address
        place = (address.slice, address.element, address.pointer)
        if place != (self.element.slice, self.element.digest, self.pointer):
            return False
        span = address.span
        return span is None or (span.start < self.span.end and self.span.start < span.end)

    def citation(
        self,
        *,
        role: Role = Role.SUPPORTS,
        match: Match = Match.VERBATIM,
        found_by: FoundBy = FoundBy.RETRIEVAL,
    ) -> Citation:
        """The citation of these words."""
        address = Address(
            slice=self.element.slice,
            element=self.element.digest,
            occurrence=self.element.occurrence,
            pointer=self.pointer,
            span=self.span,
        )
        return Citation(
            address=address, quote=self.quote, match=match, role=role, found_by=found_by
        )


class Corpus:
    """The elements of a packet with what the rules look up in them."""

    def __init__(self, elements: Sequence[Evidence], known: Iterable[str] = ()) -> None:
        # Equal elements say the same: the first stands for all, so a copy moves no citation.
        unique: dict[tuple[str, str], Evidence] = {}
        for element in elements:
            unique.setdefault((element.slice, element.digest), element)
        self.elements = list(unique.values())
        self._known = tuple(known)
        self.texts = [element.texts() for element in self.elements]
        self._sentences: dict[int, list[Sentences]] = {}

    @cached_property
    def words(self) -> list[list[str]]:
        """The words of each element, all its texts together."""
        return [[word for _, text in texts for word in words(text)] for texts in self.texts]

    @cached_property
    def postings(self) -> dict[str, dict[int, int]]:
        """For each stem the elements that hold it, and how often."""
        found: dict[str, dict[int, int]] = {}
        for index, element_words in enumerate(self.words):
            for word in element_words:
                counts = found.setdefault(stem(word), {})
                counts[index] = counts.get(index, 0) + 1
        return found

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of the packet in lower case, the names of its slices, and what is known."""
        found = {word for element_words in self.words for word in element_words}
        for text in (*self._known, *{element.slice for element in self.elements}):
            found.update(words(text.replace("_", " ")))
        return frozenset(found)

    @cached_property
    def acronyms(self) -> frozenset[str]:
        """Initials of runs of capitalised words: "PM" where the packet says "Project Manager"."""
        found: set[str] = set()
        for texts in self.texts:
            for _, text in texts:
                found |= initials(text.split())
        return frozenset(found)

    @cached_property
    def speakers(self) -> dict[str, str]:
        """The speakers of the packet as they are written, by their lower-case form."""
        return {
            element.speaker.casefold(): element.speaker
            for element in self.elements
            if element.speaker
        }

    @cached_property
    def amounts(self) -> Amounts:
        """Every amount of the packet, those of its numeric fields included."""
        return merged(
            [
                *(amounts(text) for texts in self.texts for _, text in texts),
                *(amounts(text) for text in self._known),
                *(
                    amounts(number)
                    for element in self.elements
                    for _, number in numbers_of(element)
                ),
            ]
        )

    def sentences(self, index: int) -> list["Sentences"]:
        """The texts of an element with their sentences and the words of each, read once."""
        if index not in self._sentences:
            found = [Sentences.of(pointer, text) for pointer, text in self.texts[index]]
            self._sentences[index] = [item for item in found if item.spans]
        return self._sentences[index]


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of one text."""

    pointer: str
    text: str
    spans: list[tuple[int, int]]
    words: list[list[str]]
    stems: list[frozenset[str]]

    @classmethod
    def of(cls, pointer: str, text: str) -> "Sentences":
        """The sentences of the text at a pointer."""
        spans = sentence_spans(text)
        found = [words(text[start:end]) for start, end in spans]
        return cls(pointer, text, spans, found, [frozenset(map(stem, item)) for item in found])


def merged(parts: Iterable[Amounts]) -> Amounts:
    """All amounts of several texts as one."""
    found = [part for part in parts if part is not NOTHING]
    return Amounts(
        tuple(quantity for part in found for quantity in part.quantities),
        tuple(date for part in found for date in part.dates),
        tuple(clock for part in found for clock in part.clocks),
    )


def numbers_of(element: Evidence) -> list[tuple[str, str]]:
    """The numeric fields of an element as (pointer, canonical text)."""
    return sorted(_numbers(element.value, ()))


def _numbers(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, item in cast("dict[str, Any]", value).items():
                yield from _numbers(item, (*path, key))
        case list():
            for index, item in enumerate(cast("list[Any]", value)):
                yield from _numbers(item, (*path, index))
        case int() | float() if not isinstance(value, bool):
            yield pointer(path), canonical(value).decode()
        case _:
            pass
