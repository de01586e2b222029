"""A reading's values with every text in them rewritten; what names a thing of our own stays."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from re import compile as pattern
from typing import Any, cast

from atelier.observatory.bundle.masks import Masks, Stretch
from atelier.observatory.reading.beside import Piece, TextPieces
from atelier.observatory.reading.text import Text

# The digest of a thing, the id of a run, of a claim or of a citation: it holds no word by chance.
_NUMBERED = pattern(r"sha256:[0-9a-f]{64}|[0-9a-hjkmnp-tv-z]{26}|[0-9a-f]{8}(\.\d+)?")
# These hold our own words, by which pages choose a mark, and our own moments: nothing of a run's.
_OURS = frozenset(
    {"outcome", "status", "verdict", "role", "supply", "part", "state", "action", "kind", "match"}
    | {"found_by", "standing", "recorded_at", "started_at", "ended_at", "sent_at"}
)
# These hold JSON of a run's: a number in it may be a value that is looked for.
_JSON = frozenset({"values", "parameters", "earlier", "now", "binding", "schema", "reviewed"})
# The names in these are ours: pages ask for them.
_KEYED = frozenset({"error", "errors", "unseen"})


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What becomes of a text, of the beginning of one, of one in pieces, and of a number."""

    text: Callable[[str], str]
    beginning: Callable[[str], str]
    pieces: Callable[[TextPieces], TextPieces]
    number: Callable[[float], Any]


def textual(tell: Callable[[str], str]) -> Rewrite:
    """Every text alike, in pieces or whole."""

    def pieces(text: TextPieces) -> TextPieces:
        told = tuple(
            replace(
                piece,
                text=tell(piece.text),
                citations=tuple(tell(one) for one in piece.citations),
                claims=tuple(tell(one) for one in piece.claims),
            )
            for piece in text.pieces
        )
        return replace(text, pieces=told, length=sum(len(piece.text) for piece in told))

    return Rewrite(tell, tell, pieces, _same)


def masking(masks: Masks) -> Rewrite:
    """Every text without what may not be shown; what names a thing by number stays."""

    def text(value: str) -> str:
        if _NUMBERED.fullmatch(value) and not masks.is_name(value):
            return value
        return masks.text(value)

    return Rewrite(
        text,
        masks.beginning,
        lambda value: _masked_pieces(value, masks),
        lambda value: masks.text(str(value)) if masks.is_name(str(value)) else value,
    )


def rewritten(value: Any, rewrite: Rewrite) -> Any:
    """A value of the reading with every text in it rewritten."""
    match value:
        case str() | Text() | TextPieces():
            return _text(value, rewrite)
        case Enum() | bool() | None:
            return value
        case int() | float():
            return rewrite.number(value)
        case Mapping() | list() | tuple():
            return _collection(cast("Any", value), rewrite)
        case _ if is_dataclass(value) and not isinstance(value, type):
            return _record(value, rewrite)
        case _:
            raise TypeError(type(value).__name__)


def _text(text: str | Text | TextPieces, rewrite: Rewrite) -> str | Text | TextPieces:
    """A text; where only the beginning is shown, no more of its length than what is left out."""
    match text:
        case str():
            return rewrite.text(text)
        case TextPieces():
            return rewrite.pieces(text)
        case Text():
            left_out = text.length - len(text.text)
            told = rewrite.beginning(text.text) if left_out else rewrite.text(text.text)
            return Text(told, len(told) + left_out)


def _collection(value: Mapping[Any, Any] | list[Any] | tuple[Any, ...], rewrite: Rewrite) -> Any:
    if isinstance(value, Mapping):
        return {rewritten(key, rewrite): rewritten(item, rewrite) for key, item in value.items()}
    found = [rewritten(item, rewrite) for item in value]
    return found if isinstance(value, list) else tuple(found)


def _same(value: float) -> float:
    return value


def _record(value: Any, rewrite: Rewrite) -> Any:
    counting = replace(rewrite, number=_same)
    changed: dict[str, Any] = {}
    for field in fields(value):
        held = getattr(value, field.name)
        if field.name in _KEYED:
            changed[field.name] = _keyed(held, rewrite)
        elif field.name not in _OURS:
            changed[field.name] = rewritten(held, rewrite if field.name in _JSON else counting)
    return replace(value, **changed)


def _keyed(value: Any, rewrite: Rewrite) -> Any:
    if isinstance(value, tuple):
        return tuple(_keyed(item, rewrite) for item in cast("tuple[Any, ...]", value))
    if isinstance(value, Mapping):
        held = cast("Mapping[str, Any]", value)
        return {key: rewritten(item, rewrite) for key, item in held.items()}
    return value


def _masked_pieces(text: TextPieces, masks: Masks) -> TextPieces:
    """A text that is cut in pieces: what is found may begin in one and end in another."""
    whole = "".join(piece.text for piece in text.pieces)
    found = masks.stretches(whole)
    if not found:
        return text
    cut: list[Piece] = []
    at = 0
    for piece in text.pieces:
        end = at + len(piece.text)
        cut.append(replace(piece, text=still(whole[:end], at, found)))
        at = end
    return replace(text, pieces=tuple(cut), length=sum(len(piece.text) for piece in cut))


def still(text: str, start: int, found: Iterable[Stretch]) -> str:
    """What a text still says from a place on; a label stands where what it hides begins.

    Example:
        >>> still("of Maya and of Maya", 5, [Stretch(3, 7, "⟦x⟧"), Stretch(15, 19, "⟦x⟧")])
        ' and of ⟦x⟧'
    """
    parts: list[str] = []
    at = start
    for one in found:
        if one.end > at and one.start < len(text):
            parts.append(text[at : max(at, one.start)])
            parts.append(one.label if one.start >= start else "")
            at = min(one.end, len(text))
    return "".join([*parts, text[at:]])
