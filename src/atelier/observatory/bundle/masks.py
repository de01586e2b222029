"""Words that may not stand in a file, found wherever a value repeats them, and put out of sight."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from re import IGNORECASE, Pattern, escape
from re import compile as pattern
from typing import Any, cast
from unicodedata import normalize
from urllib.parse import quote

from atelier.artefact.escape import escape as printed
from atelier.observatory.reading.beside import Piece, TextPieces

# A shorter value would be found in every other word; where it stands by itself it is taken away.
SHORTEST = 3
# A shorter text of the evidence is a common word as likely as not.
TELLING = 8
# So many words in a row are the evidence's, wherever they are met.
RUN = 4

_WORD = pattern(r"\w+")
_NAMES = pattern(r"sha256:[0-9a-f]{64}|[0-9a-hjkmnp-tv-z]{26}|[0-9a-f]{8}(\.\d+)?")
# These fields hold our own words, by which pages choose a mark, and never a word of a run's.
_OURS = frozenset({"outcome", "status", "verdict", "role", "supply", "part", "state", "action"})


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text that may not be shown, and what stands in its place."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Masks:
    """What is looked for: names anywhere, each with its label, and runs of words under one."""

    names: tuple[tuple[Pattern[str], str], ...] = ()
    runs: frozenset[tuple[str, ...]] = frozenset()
    label: str = ""

    def __bool__(self) -> bool:
        return bool(self.names or self.runs)

    def text(self, text: str) -> str:
        """A text without what may not be shown."""
        parts: list[str] = []
        at = 0
        for one in self.stretches(text):
            parts += [text[at : one.start], one.label]
            at = one.end
        return "".join([*parts, text[at:]]) if parts else text

    def stretches(self, text: str) -> list[Stretch]:
        """What is found in a text, in order; what touches is one."""
        found = [
            Stretch(*match.span(), label)
            for wanted, label in self.names
            for match in wanted.finditer(text)
        ]
        found += [Stretch(start, end, self.label) for start, end in self._run_spans(text)]
        merged: list[Stretch] = []
        for one in sorted(found, key=lambda each: (each.start, -each.end)):
            if merged and one.start < merged[-1].end:
                before = merged[-1]
                merged[-1] = Stretch(before.start, max(before.end, one.end), before.label)
            else:
                merged.append(one)
        return merged

    def _run_spans(self, text: str) -> Iterator[tuple[int, int]]:
        words = list(_WORD.finditer(text)) if self.runs else []
        for at, length, run in _grams([word[0].casefold() for word in words]):
            if run in self.runs:
                yield words[at].start(), words[at + length - 1].end()


def names_mask(named: Iterable[tuple[str, str]]) -> Masks:
    """Values that may stand nowhere, in any case of letters, each with the label in its place.

    Example:
        >>> names_mask([("Maya", "⟦subject⟧")]).text("students/maya/s12.vtt")
        'students/⟦subject⟧/s12.vtt'
    """
    wanted = {text: label for text, label in named if len(text) >= SHORTEST}
    longest_first = sorted(wanted.items(), key=lambda item: -len(item[0]))
    return Masks(tuple((_anyhow(text), label) for text, label in longest_first))


def words_mask(texts: Iterable[str], label: str, *, spare: Iterable[str] = ()) -> Masks:
    """Texts of which no run of words may stand anywhere, unless what is spared has it too.

    Example:
        >>> said = words_mask(["I moved the casing to the front."], "⟦evidence⟧")
        >>> said.text("She moved the casing to the wall."), said.text("The casing broke.")
        ('She ⟦evidence⟧ wall.', 'The casing broke.')
    """
    spared = {run for text in spare for _, _, run in _grams(_words(text))}
    return Masks(runs=frozenset(_telling(texts)) - spared, label=label)


def joined(first: Masks, second: Masks) -> Masks:
    """Both at once; names of the first are looked for first."""
    return Masks(
        (*first.names, *second.names), first.runs | second.runs, first.label or second.label
    )


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _grams(words: Sequence[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Every run of at most `RUN` words: where it begins, how many they are, and which."""
    for at in range(len(words)):
        for length in range(1, min(RUN, len(words) - at) + 1):
            yield at, length, tuple(words[at : at + length])


def _telling(texts: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """What gives a text away: each full run of its words; a short text only as a whole."""
    for text in texts:
        said = _words(text)
        if len(said) >= RUN:
            yield from (run for _, length, run in _grams(said) if length == RUN)
        elif said and len(text) >= TELLING:
            yield tuple(said)


def _anyhow(text: str) -> Pattern[str]:
    """A text in every way in which a value may write it: as JSON, in an address, in Markdown."""
    ways = {normalize(form, text) for form in ("NFC", "NFD")} | {text}
    for way in list(ways):
        ways |= {
            json.dumps(way)[1:-1],
            json.dumps(way, ensure_ascii=False)[1:-1],
            quote(way, safe=""),
            printed(way),
        }
    return pattern("|".join(escape(way) for way in sorted(ways, key=len, reverse=True)), IGNORECASE)


def masked(value: Any, masks: Masks) -> Any:
    """A value of the reading with every text in it masked; what names a thing by number stays."""
    match value:
        case str():
            return value if _NAMES.fullmatch(value) else masks.text(value)
        case TextPieces():
            return _pieces(value, masks)
        case Enum() | bool() | int() | float() | None:
            return value
        case Mapping():
            held = cast("Mapping[Any, Any]", value)
            return {masked(key, masks): masked(item, masks) for key, item in held.items()}
        case list() | tuple():
            items = cast("Iterable[Any]", value)
            found = [masked(item, masks) for item in items]
            return found if isinstance(value, list) else tuple(found)
        case _ if is_dataclass(value) and not isinstance(value, type):
            changed = {
                field.name: masked(getattr(value, field.name), masks)
                for field in fields(value)
                if field.name not in _OURS
            }
            return replace(value, **changed)
        case _:
            raise TypeError(type(value).__name__)


def _pieces(text: TextPieces, masks: Masks) -> TextPieces:
    """A text that is cut in pieces: what is found may begin in one and end in another."""
    whole = "".join(piece.text for piece in text.pieces)
    found = masks.stretches(whole)
    if not found:
        return text
    cut: list[Piece] = []
    at = 0
    for piece in text.pieces:
        end = at + len(piece.text)
        cut.append(replace(piece, text=_still(whole[:end], at, found)))
        at = end
    return replace(text, pieces=tuple(cut), length=sum(len(piece.text) for piece in cut))


def _still(text: str, start: int, found: Iterable[Stretch]) -> str:
    """What a text still says from a place on; a label stands where what it hides begins."""
    parts: list[str] = []
    at = start
    for one in found:
        if one.end > at and one.start < len(text):
            parts.append(text[at : max(at, one.start)])
            parts.append(one.label if one.start >= start else "")
            at = min(one.end, len(text))
    return "".join([*parts, text[at:]])
