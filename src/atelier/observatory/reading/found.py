"""Where a place of the evidence is read: beside the artefact of a run that cites it, or in its packet."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from unicodedata import combining

from atelier.aggregate.element import texts_of
from atelier.isilon.origin import Origin
from atelier.ledger.rows import CitationRow, RunRecord
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.packet_record import PacketContent
from atelier.observatory.reading.segments import Mark, Segment, segments

# From one code point of a text up to another.
Span = tuple[int, int]
# A piece of a text, whether it is lit, and whether it is the one to go to.
Lit = tuple[str, bool, bool]
# Where in a text that stands which is looked for.
LookedFor = Callable[[str], Iterable[Span]]

# Of the citations into one element, and of the runs of one value, how many are looked at.
_LOOKED_AT = 200
_RUNS = 20
# Of one text, how many spans are lit.
_SPANS = 500
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
    """A place as a packet has it, and every span of its element's texts that is to be lit.

    `spans` stand by the pointers of the texts, `excerpts` are these texts around them, in pieces.
    """

    place: Place
    position: int
    origin: Origin
    spans: Mapping[str, Sequence[Span]]
    excerpts: Mapping[str, Sequence[Lit]]


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


def find_in_packet(packet: PacketContent, place: Place, looked_for: LookedFor) -> Found | None:
    """A place in a packet; None where the packet has no such element, or the element no such text.

    Beside its own span, what `looked_for` finds in the texts of its element is lit.
    """
    item = packet.slices.get(place.slice)
    position = item.find(place.element, 1) if item else None
    if item is None or position is None:
        return None
    texts = dict(texts_of(item.elements[position]))
    if place.pointer not in texts:
        return None
    spans = {pointer: tuple(islice(looked_for(text), _SPANS)) for pointer, text in texts.items()}
    spans[place.pointer] = ((place.start, place.end), *spans[place.pointer])
    lit = {pointer: found for pointer, found in spans.items() if found}
    return Found(
        place=place,
        position=position,
        origin=item.origin(position),
        spans=lit,
        excerpts={
            pointer: tuple(
                excerpts(texts[pointer], found, place.start if pointer == place.pointer else None)
            )
            for pointer, found in lit.items()
        },
    )


def excerpts(text: str, spans: Sequence[Span], at: int | None) -> Iterator[Lit]:
    """The pieces of a text; what is far from any span is left out. The one over `at` is gone to."""
    pieces = split(text, spans)
    last = len(pieces) - 1
    for number, piece in enumerate(pieces):
        if piece.names:
            yield piece.text, True, is_over(piece, at)
        else:
            behind = _AROUND if number or not last else 0
            before = _AROUND if number < last else 0
            yield _ends(piece.text, behind=behind, before=before), False, False


def is_over(piece: Segment, at: int | None) -> bool:
    """Whether a place of the text is in this piece of it."""
    return at is not None and piece.start <= at < piece.start + len(piece.text)


def _ends(text: str, *, behind: int, before: int) -> str:
    if len(text) <= behind + before:
        return text
    return f"{text[:behind]}…{text[len(text) - before :]}"


def split(text: str, spans: Iterable[Span]) -> tuple[Segment, ...]:
    """A text cut where spans begin and end; what is in a span has a name.

    No character is cut from what clings to it, so that a joined emoji stays one.

    Example:
        >>> [(piece.text, bool(piece.names)) for piece in split("I ran far.", [(2, 5)])]
        [('I ', False), ('ran', True), (' far.', False)]
    """
    return segments(text, [Mark(_NAME, *_whole(text, span)) for span in spans])


def _whole(text: str, span: Span) -> Span:
    """A span within a text, with what clings to its ends."""
    size = len(text)
    first, last = (min(max(place, 0), size) for place in span)
    if first >= last:
        return first, first
    while first > 0 and _is_joined(text, first):
        first -= 1
    while last < size and _is_joined(text, last):
        last += 1
    return first, last


def _is_joined(text: str, at: int) -> bool:
    """Whether two neighbours are seen as one; both are there."""
    return text[at] in _CLINGING or text[at - 1] == _JOINER or combining(text[at]) > 0
