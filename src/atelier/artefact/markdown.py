"""Passages as Markdown: one sentence a line, its footnotes and its flag behind it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atelier.artefact.basis import Basis, Footing, basis_of, footing_of, restates
from atelier.artefact.door import DoorFault, Part
from atelier.artefact.escape import escape, escape_line
from atelier.artefact.footnotes import Footnotes
from atelier.artefact.mark import marked
from atelier.artefact.passage import Passage, sections_of
from atelier.artefact.sentence import Sentence, sentences_of
from atelier.artefact.wording import wording
from atelier.kernel.evidence import Address, Citation, GroundedClaim, Span, Verdict
from atelier.terra.sentences import sentences
from atelier.terra.surface import kind_of, needs_support

# In the run key: a change of what is printed is a change of this number.
RENDER_SCHEME = 1
NOT_GROUNDED = "contested: not grounded"
OUT_OF_SCOPE = "out of scope"


@dataclass(frozen=True, slots=True)
class Line:
    """What printed lines rest on; `first` and `last` count from 1, `passage` from 0.

    `part` is title, heading, text or footnote; `sentence` is the passage's own words, or the
    footnote's quote; `flag` is what the reader sees, empty where nothing is contested.
    """

    first: int
    last: int
    passage: int
    sentence: str
    claims: tuple[str, ...]
    flag: str
    part: str = "text"

    def as_json(self) -> dict[str, Any]:
        """The line as the ledger keeps it."""
        return {
            "first": self.first,
            "last": self.last,
            "part": self.part,
            "passage": self.passage,
            "sentence": self.sentence,
            "claims": list(self.claims),
            "flag": self.flag,
        }


@dataclass(frozen=True, slots=True)
class Rendered:
    """An artefact's text, what its lines rest on, and the digest in its last line."""

    text: str
    lines: tuple[Line, ...]
    mark: str

    def lines_json(self) -> list[dict[str, Any]]:
        """The map of the lines, as the ledger keeps it."""
        return [line.as_json() for line in self.lines]


def render(  # noqa: PLR0913 - a page is these things, each named
    title: str,
    passages: Sequence[Passage],
    claims: Mapping[str, GroundedClaim],
    *,
    origin: Callable[[Address], str],
    faults: Sequence[DoorFault] = (),
    notes: Sequence[str] = (),
    cited: Mapping[str, Sequence[Citation]] | None = None,
) -> Rendered:
    """The artefact of these passages; a pure function, so that equal inputs print equal bytes.

    A sentence with a fault is printed as contested, one that rests on a flagged claim under the
    claim's flag, whatever its words say. `notes` say what the run had to do without; `cited` gives
    the citations of texts that rest on no claim, such as a review's question.

    Example:
        >>> rendered = render("Week 3", [Passage(text="What next?")], {}, origin=str)
        >>> rendered.text.splitlines()[:3]
        ['# Week 3', '', 'What next?']
        >>> rendered.lines[-1].first
        3
    """
    sheet = _Sheet(claims, faults=faults, origin=origin, cited=cited or {})
    sheet.label(-1, title, passages)
    sheet.remarks(notes)
    for section in sections_of(passages):
        first = section.start
        sheet.label(first, passages[first].heading, passages[first : section.stop])
        for index in section:
            sheet.passage(index, passages[index])
    sheet.footnotes()
    text, mark = marked(sheet.text())
    return Rendered(text, tuple(sheet.lines), mark)


class _Sheet:
    """The artefact as it is filled, line by line."""

    def __init__(
        self,
        claims: Mapping[str, GroundedClaim],
        *,
        faults: Sequence[DoorFault],
        origin: Callable[[Address], str],
        cited: Mapping[str, Sequence[Citation]],
    ) -> None:
        self._cited = {
            wording(part).plain: citations
            for text, citations in cited.items()
            for part in (text, *sentences(text))
        }
        self._footings = {name: footing_of(claim) for name, claim in claims.items()}
        self._faults = faults
        self._notes = Footnotes(origin)
        self._printed: list[str] = []
        self.lines: list[Line] = []

    def text(self) -> str:
        """What stands above the mark."""
        return "".join(f"{line}\n" for line in [*self._printed, ""]) if self._printed else ""

    def label(self, index: int, text: str, passages: Sequence[Passage]) -> None:
        """The title (-1) or a heading, with the passages that stand below it."""
        if not text.strip():
            return
        part: Part = "title" if index < 0 else "heading"
        named = self._named(name for passage in passages for name in passage.claims)
        basis = _label_basis(text, named)
        fault = self._fault(index, Span(start=0, end=len(text)), part)
        flag = fault or "; ".join(basis.flags)
        references = self._notes.refer([footing.claim for footing in basis.claims], index)
        marker = "#" if part == "title" else "##"
        self._space()
        self._print(f"{marker} {_closed(escape(text))}{references}{_shown(flag)}")
        ids = tuple(footing.claim.claim.id for footing in basis.claims or named)
        self._rests(Line(0, 0, index, text, ids, flag, part))

    def _named(self, names: Iterable[str]) -> list[Footing]:
        return [self._footings[name] for name in dict.fromkeys(names) if name in self._footings]

    def remarks(self, notes: Sequence[str]) -> None:
        """What the run had to do without, above everything that rests on less for it."""
        if notes:
            self._space()
            for number, note in enumerate(notes):
                if number:
                    self._print(">")
                self._print(f"> {escape_line(note)}")

    def passage(self, index: int, passage: Passage) -> None:
        """One paragraph, or a list where its text is one."""
        named = self._named(passage.claims)
        in_list = False
        found = sentences_of(passage.text)
        for number, sentence in enumerate(found):
            if number == 0 or sentence.opens:
                self._space()
                in_list = False
            lead = "- " if sentence.is_item else "  " if in_list else ""
            in_list |= sentence.is_item
            basis = basis_of(sentence.text, named)
            if len(found) == 1 and not basis.claims and not needs_support(sentence.text):
                basis = Basis(tuple(named), occasion=True)
            self._sentence(index, sentence, basis, lead=lead)

    def _sentence(self, index: int, sentence: Sentence, basis: Basis, *, lead: str) -> None:
        claims = [footing.claim for footing in basis.claims]
        flag = self._fault(index, sentence.span, "text") or "; ".join(basis.flags)
        references = self._notes.refer(claims, index)
        if not claims:
            told = self._cited.get(wording(sentence.text).plain, ())
            references = self._notes.cite(told, index)
        if references and "://" in sentence.text.split()[-1]:
            references = " " + references  # a reference would be read as part of the address
        scope = "" if flag else _scope(sentence.text, basis)
        self._print(f"{lead}{escape_line(sentence.text)}{references}{_shown(flag)}{scope}")
        ids = tuple(claim.claim.id for claim in claims)
        self._rests(Line(0, 0, index, sentence.text, ids, flag))

    def footnotes(self) -> None:
        """All footnotes, in the order of their numbers."""
        if self._notes.notes:
            self._space()
        for note in self._notes.notes:
            self._print(self._notes.line(note))
            quote, ids = note.citation.quote, tuple(note.claims)
            self._rests(Line(0, 0, note.passage, quote, ids, "", "footnote"))

    def _fault(self, passage: int, span: Span, part: str) -> str:
        hit = any(
            fault.passage == passage
            and fault.part == part
            and fault.span.start < span.end
            and span.start < fault.span.end
            for fault in self._faults
        )
        return NOT_GROUNDED if hit else ""

    def _space(self) -> None:
        if self._printed:
            self._printed.append("")

    def _print(self, line: str) -> None:
        self._printed.append(line)

    def _rests(self, line: Line) -> None:
        """Note what the line printed last rests on."""
        at = len(self._printed)
        self.lines.append(
            Line(at, at, line.passage, line.sentence, line.claims, line.flag, line.part)
        )


def _label_basis(text: str, named: Sequence[Footing]) -> Basis:
    """What a heading states, where it states something; most entitle and rest on nothing."""
    if kind_of(text, is_heading=True).needs_support:
        return basis_of(text, named)
    said = wording(text)
    return Basis(tuple(f for f in named if f.claim.flag and restates(said, f.said)))


def _closed(heading: str) -> str:
    """A heading whose last character is not taken for the mark that closes one."""
    return heading[:-1] + "\\#" if heading.endswith("#") else heading


def _shown(flag: str) -> str:
    return f" **[{flag}]**" if flag else ""


def _scope(sentence: str, basis: Basis) -> str:
    """The mark of a statement whose claims the evidence cannot speak to."""
    outside = all(footing.claim.verdict is Verdict.OUT_OF_SCOPE for footing in basis.claims)
    if basis.claims and outside and needs_support(sentence):
        return f" *[{OUT_OF_SCOPE}]*"
    return ""
