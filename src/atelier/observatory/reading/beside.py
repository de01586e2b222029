"""The evidence beside an artefact: elements in order, their texts cut where citations point."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from atelier.aggregate.element import texts_of
from atelier.isilon.origin import Origin
from atelier.kernel.canonical import Json, pointer
from atelier.observatory.reading.claims import CitationView
from atelier.observatory.reading.packet_record import PacketContent, SliceRecord
from atelier.observatory.reading.segments import Mark, segments

# Of a larger slice, the elements around what is cited are shown, and as many from its beginning.
ELEMENTS = 2_000
AROUND = 3
# Of one text; nobody reads a longer one beside a page.
LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text, with the citations that point at it and the claims that rest on it."""

    start: int
    text: str
    citations: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextPieces:
    """One text of an element, by its pointer, in pieces; `length` is that of the whole."""

    pointer: str
    pieces: tuple[Piece, ...]
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementView:
    """One element of a slice. `values` are what it holds beside texts, by pointer."""

    position: int
    digest: str
    occurrence: int
    origin: Origin
    speaker: str
    time: str
    is_obliged: bool
    texts: tuple[TextPieces, ...]
    values: Mapping[str, Json]
    citations: tuple[str, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceView:
    """One slice of the packet: how much of it is cited, and its elements in order."""

    name: str
    digest: str
    count: int
    cited: int
    is_list: bool
    is_missing: bool
    elements: tuple[ElementView, ...]
    left_out: int


def evidence_beside(
    packet: PacketContent, citations: Sequence[CitationView]
) -> tuple[SliceView, ...]:
    """Every slice of a packet, with what these citations point at."""
    return tuple(_slice(item, citations) for item in packet.slices.values())


def _slice(item: SliceRecord, citations: Sequence[CitationView]) -> SliceView:
    into: dict[int, list[CitationView]] = {}
    for citation in citations:
        if citation.slice == item.name and citation.position is not None:
            into.setdefault(citation.position, []).append(citation)
    shown = _shown(len(item.elements), sorted(into))
    seen = Counter[str]()
    elements: list[ElementView] = []
    for position, digest in enumerate(item.digests):
        seen[digest] += 1
        if position in shown:
            cited = into.get(position, [])
            elements.append(_element(item, position, cited, occurrence=seen[digest]))
    return SliceView(
        name=item.name,
        digest=item.digest,
        count=len(item.elements),
        cited=len(into),
        is_list=item.is_list,
        is_missing=item.is_missing,
        elements=tuple(elements),
        left_out=len(item.elements) - len(elements),
    )


def _shown(count: int, cited: Sequence[int]) -> frozenset[int]:
    """The positions that are shown: all of a slice that is not too large."""
    if count <= ELEMENTS:
        return frozenset(range(count))
    near = {at for place in cited for at in range(place - AROUND, place + AROUND + 1)}
    first = range(max(ELEMENTS - len(near), 0))
    return frozenset(at for at in {*near, *first} if 0 <= at < count)


def _element(
    item: SliceRecord, position: int, cited: Sequence[CitationView], *, occurrence: int
) -> ElementView:
    value, origin = item.elements[position], item.origin(position)
    return ElementView(
        position=position,
        digest=item.digests[position],
        occurrence=occurrence,
        origin=origin,
        speaker=_said(value, "speaker") or origin.speaker,
        time=origin.time or _said(value, "time"),
        is_obliged=item.digests[position] in item.obliged,
        texts=tuple(
            TextPieces(place, tuple(_pieces(place, text[:LONGEST], cited)), len(text))
            for place, text in texts_of(value)
        ),
        values=dict(_values(value, ())),
        citations=tuple(one.id for one in cited),
        claims=_claims(cited),
    )


def _said(value: Any, name: str) -> str:
    said = cast("dict[str, Any]", value).get(name) if isinstance(value, dict) else None
    return said if isinstance(said, str) else ""


def _pieces(place: str, text: str, cited: Sequence[CitationView]) -> Iterator[Piece]:
    here = {one.id: one for one in cited if one.pointer == place}
    marks = [Mark(one.id, one.start or 0, one.end) for one in here.values()]
    for found in segments(text, marks):
        covering = [here[name] for name in found.names]
        yield Piece(found.start, found.text, found.names, _claims(covering))


def _claims(cited: Sequence[CitationView]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.claim for one in cited if one.claim))


def _values(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str, Json]]:
    """What a value holds beside texts, by pointer."""
    match value:
        case str():
            return
        case dict():
            for key, item in sorted(cast("dict[str, Any]", value).items()):
                yield from _values(item, (*path, key))
        case list():
            for index, item in enumerate(cast("list[Any]", value)):
                yield from _values(item, (*path, index))
        case _:
            yield pointer(path), value
