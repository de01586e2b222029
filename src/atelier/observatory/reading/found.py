"""Where a place of the evidence is read: beside the artefact of a run that cites it, or in its packet."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from unicodedata import combining

from atelier.aggregate.element import texts_of
from atelier.isilon.origin import Origin
from atelier.ledger.rows import CitationRow, RunRecord
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.packet_record import PacketContent
from atelier.observatory.reading.segments import Mark, Segment, segments

# Of the citations into one element, and of the runs of one value, how many are looked at.
_LOOKED_AT = 200
_RUNS = 20
# Around what was found, how much of a long text is shown on either side.
_AROUND = 400
_NAME = "found"
# What makes one picture of several characters: the joiner, the choice of a form, the tones of skin.
_JOINER = "\u200d"
_CLINGING = frozenset((_JOINER, "\ufe0e", "\ufe0f", *map(chr, range(0x1F3FB, 0x1F400))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A span of a text of the evidence, in code points; an empty one stands for the whole text."""

    slice: str
    element: str
    pointer: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A place as a packet has it. `pieces` are its text, or what stands around the span."""

    place: Place
    position: int
    origin: Origin
    pieces: tuple[tuple[str, bool], ...]


def find_reading_run(archive: Archive, place: Place) -> RunRecord | None:
    """The newest run whose artefact can be read beside this place, and that cites it.

    A run that cites the very span goes before one that cites its element alone.
    """
    archive = archive.remembering()
    cited = [
        one
        for one in islice(archive.ledger.iter_citing(place.element), _LOOKED_AT)
        if one.slice == place.slice
    ]
    over = [one for one in cited if _meets(one, place)]
    for citations in (over, cited):
        outputs = dict.fromkeys(one.output for one in citations)
        runs = (run for output in outputs for run in _read(archive, output))
        newest = max(runs, key=lambda run: run.start.run, default=None)
        if newest is not None:
            return newest
    return None


def _read(archive: Archive, output: str) -> Iterator[RunRecord]:
    """The runs with a value, and with an artefact of their own."""
    for run in islice(archive.ledger.iter_runs_with(output), _RUNS):
        if next(archive.ledger.iter_artefacts(run=run.start.run), None) is not None:
            yield run


def _meets(one: CitationRow, place: Place) -> bool:
    if one.pointer != place.pointer or one.start is None or one.end is None:
        return False
    return one.start < place.end and place.start < one.end


def find_in_packet(packet: PacketContent, place: Place) -> Found | None:
    """A place in a packet; None where the packet has no such element, or the element no such text."""
    item = packet.slices.get(place.slice)
    position = item.find(place.element, 1) if item else None
    if item is None or position is None:
        return None
    texts = dict(texts_of(item.elements[position]))
    if place.pointer not in texts:
        return None
    pieces = tuple(_around(texts[place.pointer], place))
    return Found(place=place, position=position, origin=item.origin(position), pieces=pieces)


def _around(text: str, place: Place) -> Iterator[tuple[str, bool]]:
    """The pieces of a text around a span, each with whether it is what was found."""
    left, right = max(place.start - _AROUND, 0), place.end + _AROUND
    if left:
        yield "…", False
    for piece in split(text[left:right], start=place.start - left, end=place.end - left):
        yield piece.text, bool(piece.names)
    if right < len(text):
        yield "…", False


def split(text: str, *, start: int, end: int) -> tuple[Segment, ...]:
    """A text cut where a span begins and ends; what is in the span has a name.

    No character is cut from what clings to it, so that a joined emoji stays one.

    Example:
        >>> [(piece.text, bool(piece.names)) for piece in split("I ran far.", start=2, end=5)]
        [('I ', False), ('ran', True), (' far.', False)]
    """
    size = len(text)
    first, last = min(max(start, 0), size), min(max(end, 0), size)
    if first >= last:
        return segments(text, [])
    while first > 0 and _is_joined(text, first):
        first -= 1
    while last < size and _is_joined(text, last):
        last += 1
    return segments(text, [Mark(_NAME, first, last)])


def _is_joined(text: str, at: int) -> bool:
    """Whether two neighbours are seen as one; both are there."""
    return text[at] in _CLINGING or text[at - 1] == _JOINER or combining(text[at]) > 0
