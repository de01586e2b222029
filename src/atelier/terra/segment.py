"""A draft cut into units, so that every character belongs to exactly one."""

from collections.abc import Iterator
from dataclasses import dataclass
from re import compile as pattern

from atelier.kernel.evidence import ClaimKind, Span
from atelier.terra.fold import fold, is_word
from atelier.terra.sentences import sentence_ends
from atelier.terra.surface import kind_of

_HEADING = pattern(r"[ ]{0,3}#{1,6}[ \t]+")
_ITEM = pattern(r"[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_QUOTED = pattern(r"[ ]{0,3}(?:>[ \t]?)+")
_ROW = pattern(r"[ \t]*\|.*\|[ \t]*$")
_BOLD_LINE = pattern(r"[ \t]*(\*\*|__)[^*_]+\1:?[ \t]*$")
_LABEL_LINE = pattern(r"[ \t]*[^.!?]{1,60}:[ \t]*$")
_FENCE = pattern(r"[ \t]*(?:```|~~~)")
_QUOTE_MARKER = pattern(r"\n[ ]{0,3}(?:>[ \t]?)+")
_LONGEST_LABEL = 4


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of the draft; the units' spans tile it.

    `body` is the unit without markers and the white space around it; None where the unit holds no
    word and so states nothing.
    """

    span: Span
    body: Span | None
    text: str
    kind: ClaimKind
    is_quotation: bool = False


@dataclass(slots=True)
class _Block:
    start: int  # of the first line, markers included
    body: int  # behind the first line's marker
    end: int  # behind the last line
    form: str  # text, heading, item, quotation, row, code


def segment(text: str) -> list[Unit]:
    r"""The units of a draft: sentences of paragraphs, items and quotations; headings; table rows.

    Example:
        >>> [unit.text for unit in segment("# Week 3\n\nShe ran. He slept.\n- One item\n")]
        ['Week 3', 'She ran.', 'He slept.', 'One item']
    """
    pieces = [piece for block in _blocks(text) for piece in _pieces(text, block)]
    units: list[Unit] = []
    for index, (start, body, end, form) in enumerate(pieces):
        first = 0 if index == 0 else start
        last = pieces[index + 1][0] if index + 1 < len(pieces) else len(text)
        units.append(_unit(text, Span(start=first, end=last), (body, end, form)))
    if not units and text:
        units.append(_unit(text, Span(start=0, end=len(text)), (0, len(text), "text")))
    return units


def _unit(text: str, span: Span, piece: tuple[int, int, str]) -> Unit:
    start, end, form = piece
    inner = text[start:end]
    start += len(inner) - len(inner.lstrip())
    end -= len(inner) - len(inner.rstrip())
    body_text = text[start:end]
    if not any(is_word(token) for token in fold(body_text).tokens):
        return Unit(span, None, body_text, ClaimKind.HEADING)
    quotation = form == "quotation"
    plain = _QUOTE_MARKER.sub(" ", "\n" + body_text).strip() if quotation else body_text
    kind = kind_of(plain, is_heading=form == "heading", is_quotation=quotation)
    return Unit(span, Span(start=start, end=end), body_text, kind, is_quotation=quotation)


def unquoted(unit: Unit) -> str:
    """The words of a block quotation, without its markers."""
    return _QUOTE_MARKER.sub(" ", "\n" + unit.text).strip()


def _pieces(text: str, block: _Block) -> Iterator[tuple[int, int, int, str]]:
    """A block's sentences as (start, body start, body end, form)."""
    inner = text[block.body : block.end]
    if block.form in {"heading", "row", "code"}:
        yield block.start, block.body, block.end, block.form
        return
    start, body = block.start, block.body
    for end in sentence_ends(inner):
        if inner[body - block.body : end].strip():
            yield start, body, block.body + end, block.form
            start = body = block.body + end


def _blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    opened: _Block | None = None  # the block that the next line may continue
    fenced = False
    at = 0
    for line in text.splitlines(keepends=True):
        start, at = at, at + len(line)
        is_fence = _FENCE.match(line) is not None
        form, body = ("code", 0) if fenced or is_fence else _form(line)
        fenced ^= is_fence
        if form == "blank":
            opened = None
        elif opened is not None and _continues(opened, form):
            opened.end = at
        else:
            block = _Block(start, start + body, at, form)
            blocks.append(block)
            opened = block if form in {"text", "item", "quotation"} else None
    return blocks


def _continues(opened: _Block, form: str) -> bool:
    return form == "text" or (form == "quotation" and opened.form == "quotation")


def _form(line: str) -> tuple[str, int]:
    """What a line is, and where its words begin."""
    if not line.strip():
        return "blank", 0
    if _ROW.match(line):
        return "row", 0
    for form, marker in (("heading", _HEADING), ("quotation", _QUOTED), ("item", _ITEM)):
        if found := marker.match(line):
            return form, found.end()
    if _BOLD_LINE.match(line):
        return "heading", 0
    if _LABEL_LINE.match(line) and len(line.split()) <= _LONGEST_LABEL:
        return "heading", 0
    return "text", 0
