"""A text cut where citations begin and end, so that each piece knows all that rests on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a text that something points at, in code points; no end means its whole rest."""

    name: str
    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a text, and the names of the marks that cover it, in the marks' order."""

    start: int
    text: str
    names: tuple[str, ...] = ()


def segments(text: str, marks: Sequence[Mark]) -> tuple[Segment, ...]:
    """The pieces of a text, in order; together they are the text, and each is under one set of marks.

    Neighbours differ in their marks. What a mark says beyond the text is nothing.

    Example:
        >>> found = segments("I ran far.", [Mark("a", 2, 5), Mark("b", 4, 9)])
        >>> [(piece.text, piece.names) for piece in found]
        [('I ', ()), ('ra', ('a',)), ('n', ('a', 'b')), (' far', ('b',)), ('.', ())]
    """
    if not marks:  # as of most texts
        return (Segment(0, text),) if text else ()
    size = len(text)
    spans = [(mark.name, mark.start, size if mark.end is None else mark.end) for mark in marks]
    places = {0, size}
    for _, start, end in spans:
        places.update((min(start, size), min(end, size)))
    bounds = sorted(places)
    found: list[Segment] = []
    for start, end in pairwise(bounds):
        covering = (name for name, first, last in spans if first <= start and end <= last)
        names = tuple(dict.fromkeys(covering))
        if found and found[-1].names == names:
            before = found.pop()
            found.append(Segment(before.start, before.text + text[start:end], names))
        else:
            found.append(Segment(start, text[start:end], names))
    return tuple(found)
