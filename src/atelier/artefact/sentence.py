"""The sentences of a passage: what the door checks is, one to one, what is printed."""

from dataclasses import dataclass
from re import compile as pattern

from atelier.kernel.evidence import Span
from atelier.terra.segment import segment, unquoted

_ITEM = pattern(r"(?:^|\n)[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?$")
_BLANK_LINE = pattern(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, without list and quotation markers, and where it stands in its passage."""

    text: str
    span: Span
    is_item: bool = False
    opens: bool = False
    """Whether a blank line stands before it."""


def sentences_of(text: str) -> list[Sentence]:
    r"""The sentences of a passage's text, in order; what holds no word is none.

    A heading written into the text is a sentence like any other: passages have a field for it.

    Example:
        >>> [(found.text, found.is_item) for found in sentences_of("She ran. Well.\n- He slept.")]
        [('She ran.', False), ('Well.', False), ('He slept.', True)]
    """
    found: list[Sentence] = []
    behind = 0
    for unit in segment(text):
        if unit.body is None:
            continue
        gap = text[behind : unit.body.start]
        found.append(
            Sentence(
                unquoted(unit) if unit.is_quotation else unit.text,
                unit.body,
                is_item=_ITEM.search(gap) is not None,
                opens=_BLANK_LINE.search(gap) is not None,
            )
        )
        behind = unit.body.end
    return found
