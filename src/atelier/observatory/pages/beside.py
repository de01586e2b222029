"""The reader's two sides as they are laid out: paragraphs on the left, runs of evidence on the right."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from atelier.observatory.reading.artefact import ArtefactView, LineView
from atelier.observatory.reading.beside import ElementView, Piece, SliceView, TextPieces
from atelier.observatory.reading.claims import CitationView
from atelier.observatory.reading.found import Found, Lit, is_over, split

# Elements that nothing rests on are folded away where more than this many stand in a row.
_QUIET = 3
_AROUND = 1
# What the gutter of an element says already.
_GUTTER = frozenset({"/speaker", "/time", "/start", "/end"})
_MAIN = "/text"
# Which verdict a sentence wears that rests on several claims: the first that one of them has.
_GRAVEST = (
    "contradicted",
    "contested",
    "unsupported",
    "unverified",
    "partial",
    "supported",
    "out_of_scope",
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a reader has asked to see lit: claims and citations by id, and the sentence, if any."""

    claims: frozenset[str] = frozenset()
    citations: frozenset[str] = frozenset()
    line: int = 0

    def __bool__(self) -> bool:
        return bool(self.claims or self.citations or self.line)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A printed sentence with the mark that it wears, and where its evidence begins."""

    line: LineView
    verdict: str
    target: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences that are printed together, as an item of a list or not."""

    sentences: tuple[Sentence, ...]
    is_item: bool


@dataclass(frozen=True, slots=True)
class Passage:
    """A heading and what stands below it."""

    heading: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Elements in a row: read, or folded away because nothing rests on them."""

    elements: tuple[ElementView, ...]
    is_folded: bool


def chosen(view: ArtefactView, *, line: str = "", citation: str = "", claim: str = "") -> Chosen:
    """What the address of a page asks to be lit; nothing where it names what is not there."""
    if citation:
        claims = {one.claim for one in view.citations if one.id == citation and one.claim}
        return Chosen(frozenset(claims), frozenset({citation} & {one.id for one in view.citations}))
    if claim:
        found = {one.id for one in view.citations if one.claim == claim}
        known = {claim} & {one.claim for one in view.claims}
        return Chosen(frozenset(known), frozenset(found))
    for one in view.lines:
        if line == str(one.first) and one.part == "text":
            return Chosen(frozenset(one.claims), frozenset(one.citations), one.first)
    return Chosen()


def passages(view: ArtefactView) -> tuple[Passage, ...]:
    """The printed text as passages of paragraphs; footnotes are left out: the evidence is beside."""
    verdicts = {claim.claim: claim.verdict for claim in view.claims}
    places = {one.id: one for one in view.citations}
    printed = [line for line in view.lines if line.part in {"heading", "text"}]
    found: list[Passage] = []
    for _, group in groupby(printed, key=lambda line: line.passage):
        lines = list(group)
        heading = next((line.text for line in lines if line.part == "heading"), "")
        body = [line for line in lines if line.part == "text"]
        found.append(Passage(heading, tuple(_paragraphs(body, verdicts, places))))
    return tuple(found)


def _paragraphs(
    lines: Sequence[LineView], verdicts: Mapping[str, str], places: Mapping[str, CitationView]
) -> Iterator[Paragraph]:
    gathered: list[LineView] = []
    for line in lines:
        if gathered and not _goes_on(gathered[-1], line):
            yield _paragraph(gathered, verdicts, places)
            gathered = []
        gathered.append(line)
    if gathered:
        yield _paragraph(gathered, verdicts, places)


def _goes_on(before: LineView, line: LineView) -> bool:
    """Whether a sentence continues what is printed above it, and is no item of its own."""
    return line.first <= before.last + 1 and not line.printed.startswith(("- ", "* "))


def _paragraph(
    lines: Sequence[LineView], verdicts: Mapping[str, str], places: Mapping[str, CitationView]
) -> Paragraph:
    sentences = tuple(
        Sentence(line, verdict_of(line, verdicts), _target(line, places)) for line in lines
    )
    return Paragraph(sentences, lines[0].printed.startswith(("- ", "* ")))


def verdict_of(line: LineView, verdicts: Mapping[str, str]) -> str:
    """The verdict that a sentence wears; empty where it rests on nothing and needs nothing."""
    worn = {verdicts[claim] for claim in line.claims if claim in verdicts}
    if line.flag:
        named = line.flag.removeprefix("contested: ").replace(" ", "_")
        worn = {verdict for verdict in worn if verdict not in {"supported", "out_of_scope"}} or {
            named if named in _GRAVEST else "unverified"
        }
    return next((verdict for verdict in _GRAVEST if verdict in worn), "")


def _target(line: LineView, places: Mapping[str, CitationView]) -> str:
    """The anchor of the first element that a sentence rests on."""
    cited = (places[one] for one in line.citations if one in places)
    first = next((one for one in cited if one.position is not None), None)
    return f"e-{first.slice}-{first.position}" if first else "claims-beside"


def stretches(part: SliceView) -> tuple[Stretch, ...]:
    """The elements of a slice, in order: those that something rests on, and the quiet between."""
    cited = [at for at, element in enumerate(part.elements) if element.citations]
    near = {at for place in cited for at in range(place - _AROUND, place + _AROUND + 1)}
    found: list[Stretch] = []
    numbered = enumerate(part.elements)
    for is_near, group in groupby(numbered, key=lambda pair: pair[0] in near):
        elements = tuple(element for _, element in group)
        found.append(Stretch(elements, not is_near and len(elements) > _QUIET))
    return tuple(found)


def main_text(element: ElementView) -> TextPieces | None:
    """The text that an element is read for, where it has one."""
    return next((text for text in element.texts if text.pointer in {_MAIN, ""}), None)


def other_texts(element: ElementView, found: Container[str]) -> tuple[TextPieces, ...]:
    """The other texts, without what the gutter says already, unless it is cited or was found."""
    main = main_text(element)
    return tuple(
        text
        for text in element.texts
        if text is not main
        and (
            text.pointer not in _GUTTER
            or text.pointer in found
            or any(piece.citations for piece in text.pieces)
        )
    )


def lit_pieces(piece: Piece, found: Found, pointer: str) -> Iterator[Lit]:
    """A piece of the text at a pointer, cut where what was found in it begins and ends."""
    at = found.place.start - piece.start if pointer == found.place.pointer else None
    spans = found.spans.get(pointer, ())
    for one in split(piece.text, [(a - piece.start, b - piece.start) for a, b in spans]):
        is_lit = bool(one.names)
        yield one.text, is_lit, is_lit and is_over(one, at)


def counted(verdicts: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """How many claims have each verdict, the gravest first.

    Example:
        >>> counted(["supported", "contested", "supported"])
        (('contested', 1), ('supported', 2))
    """
    numbers = Counter(verdicts)
    return tuple((verdict, numbers[verdict]) for verdict in _GRAVEST if numbers[verdict])


def cited_by(
    view: ArtefactView, cited_in: Mapping[str, str]
) -> dict[tuple[str, int], tuple[str, ...]]:
    """The stages whose rows cite an element, by its slice and place; `cited_in` has each output's."""
    found: dict[tuple[str, int], dict[str, None]] = {}
    for one in view.citations:
        if one.position is not None and one.output in cited_in:
            found.setdefault((one.slice, one.position), {})[cited_in[one.output]] = None
    return {place: tuple(stages) for place, stages in found.items()}


def laid_out(view: ArtefactView, lit: Chosen, *, cited_in: Mapping[str, str]) -> dict[str, object]:
    """All that the reader's template is handed; `cited_in` names the stage of each output."""
    lines = [line for line in view.lines if line.part == "text"]
    printed = passages(view)
    return {
        "view": view,
        "chosen": lit,
        "found": None,
        "passages": printed,
        "flagged": [
            sentence
            for passage in printed
            for paragraph in passage.paragraphs
            for sentence in paragraph.sentences
            if sentence.line.flag
        ],
        "tally": counted(claim.verdict for claim in view.claims),
        "cited_by": cited_by(view, cited_in),
        "against": frozenset(one.id for one in view.citations if one.role == "contradicts"),
        "lines_of": {
            citation: f"line-{line.first}"
            for line in reversed(lines)
            for citation in line.citations
        },
    }
