"""Search: where words stand in prompts, answers, outputs, claims, evidence, errors and judgements."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from re import Pattern
from typing import Any, NamedTuple

import orjson

from atelier.ledger.queries import queries
from atelier.observatory.index.connection import Connections
from atelier.observatory.index.documents import KINDS
from atelier.observatory.index.page import ROOM, Count
from atelier.observatory.index.query import FilterError
from atelier.observatory.index.words import finder, match_text, parse_words, plain

AROUND = 90
_SHOWN = 280
# Around a word that stands far from the first; and how far behind that one it is looked for.
_BESIDE = 60
_LOOKED_THROUGH = 20_000
COUNTED = 1000
_NEWEST = 2**62

Values = dict[str, str | int | float | bytes | None]


class Segment(NamedTuple):
    """A piece of a snippet: text as it was written, and whether it is what was looked for."""

    text: str
    matched: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Where words were found. What does not fit its kind is empty.

    A prompt or an answer has an attempt, an output a row, a claim its id, and a judgement the id of
    its claim; evidence has an address:
    slice, element, and the span of code points in the text at a pointer. `run` is the first that
    had it. An output also says at which pointer the words stand.
    """

    kind: str
    number: int
    segments: tuple[Segment, ...]
    run: str = ""
    workflow: str = ""
    stage: str = ""
    seq: int | None = None
    attempt: str = ""
    output: str = ""
    claim: str = ""
    slice: str = ""
    element: str = ""
    packet: str = ""
    pointer: str = ""
    start: int = 0
    end: int = 0
    recorded_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Some hits, the newest first; `before` goes on, and is 0 at the end."""

    hits: tuple[Hit, ...]
    before: int = 0


def search(
    connections: Connections, text: str, *, kinds: Sequence[str], before: int, limit: int
) -> Found:
    """The texts that have every word and phrase.

    Raises:
        FilterError: there is no such kind.
        ExhaustedError: the answer took too long.
    """
    pieces = parse_words(text)
    if not pieces:
        return Found(hits=())
    values: Values = {
        "match": match_text(pieces, _known(kinds)),
        "before": before or _NEWEST,
        "limit": limit + 1,
    }
    rows = connections.rows(_sql("search"), values)
    hits = [_hit(row, finder(pieces)) for row in rows[:limit]]
    onward = hits[-1].number if len(rows) > limit else 0
    return Found(hits=tuple(_placed(connections, hits, rows)), before=onward)


def count_hits(connections: Connections, text: str) -> dict[str, Count]:
    """How many texts of each kind there are, among the newest that have these words.

    Exact where there are no more than that; a kind's number is then all there is.
    """
    pieces = parse_words(text)
    if not pieces:
        return {}
    values: Values = {"match": match_text(pieces), "limit": COUNTED}
    found = dict(connections.rows(_sql("count_hits"), values))
    exact = sum(found.values()) < COUNTED
    return {kind: Count(found.get(kind, 0), exact=exact) for kind in KINDS}


def snippet(text: str, found: Pattern[str]) -> tuple[tuple[Segment, ...], int, int]:
    """What stands around the words that were looked for, and where the first one begins and ends.

    A word that stands far from the others has a piece of its own.

    Example:
        >>> snippet("She slept. Then she ran.", finder(parse_words("slept")))
        ((Segment(text='She ', matched=False), Segment(text='slept', matched=True), \
Segment(text='. Then she ran.', matched=False)), 4, 9)
    """
    bare = plain(text)
    first = found.search(bare)
    start, end = first.span() if first else (0, 0)
    left = max(0, start - AROUND)
    windows = [(left, min(len(text), max(left + _SHOWN, min(end, left + 2 * _SHOWN))))]
    spans: list[tuple[int, int]] = []
    seen: set[int | None] = set()
    for match in found.finditer(bare, start, start + _LOOKED_THROUGH):
        if match.start() >= windows[-1][1]:
            if match.lastindex not in seen:
                windows[-1:] = _joined(windows[-1], _beside(match.span(), len(text)))
            elif len(seen) == found.groups:
                break
        seen.add(match.lastindex)
        spans.append(match.span())
    return tuple(_cut(text, windows, spans)), start, end


def _beside(span: tuple[int, int], size: int) -> tuple[int, int]:
    """The window of a word that stands far from the first."""
    start, end = span
    return max(0, start - _BESIDE), min(size, min(end, start + _SHOWN) + _BESIDE)


def _joined(one: tuple[int, int], other: tuple[int, int]) -> list[tuple[int, int]]:
    """Two windows, or the one that they are where they touch."""
    return [(one[0], other[1])] if other[0] <= one[1] else [one, other]


def _cut(
    text: str, windows: Iterable[tuple[int, int]], spans: Sequence[tuple[int, int]]
) -> Iterator[Segment]:
    """The windows of a text, with what is in a span set apart."""
    end = 0
    for left, right in windows:
        if left > end:
            yield Segment("…", matched=False)
        at = left
        for start, stop in spans:
            if left <= start < right:
                if at < start:
                    yield Segment(text[at:start], matched=False)
                yield Segment(text[start : min(stop, right)], matched=True)
                at = min(stop, right)
        if at < right:
            yield Segment(text[at:right], matched=False)
        end = right
    if end < len(text):
        yield Segment("…", matched=False)


def _known(kinds: Sequence[str]) -> tuple[str, ...]:
    for kind in kinds:
        if kind not in KINDS:
            raise FilterError(
                "There is nothing of that kind to search in.",
                name="kind",
                given=kind,
                next_step="Use one of " + ", ".join(KINDS) + ".",
            )
    return tuple(kinds)


def _hit(row: Sequence[Any], found: Pattern[str]) -> Hit:
    number, kind, _, name, element, packet, parts, text = row
    segments, start, end = snippet(text, found)
    hit = Hit(
        kind=kind, number=number, segments=segments, slice=name, element=element, packet=packet
    )
    places: list[tuple[str, int]] = orjson.loads(parts)
    if not places:
        return hit
    at = bisect_right(places, start, key=lambda part: part[1]) - 1
    pointer, begins = places[at]
    stops = places[at + 1][1] - 1 if at + 1 < len(places) else len(text)
    return replace(hit, pointer=pointer, start=start - begins, end=min(end, stops) - begins)


def _placed(
    connections: Connections, hits: Sequence[Hit], rows: Sequence[Sequence[Any]]
) -> Iterable[Hit]:
    """The hits with the records that they lead to."""
    records = {row[0]: row[2] for row in rows}
    found: dict[tuple[str, int], Mapping[str, Any]] = {}
    for name, numbers in _wanted(hits, records).items():
        for number, *facts in connections.rows(_sql(f"place_{name}"), {"numbers": _json(numbers)}):
            found[name, number] = dict(zip(_FACTS, facts, strict=True))
    packets = sorted({hit.packet for hit in hits if hit.packet})
    first = {
        packet: dict(zip(_FACTS, facts, strict=True))
        for packet, *facts in connections.rows(_sql("place_packets"), {"packets": _json(packets)})
    }
    for hit in hits:
        if hit.packet:
            yield replace(hit, **first.get(hit.packet, {}))
        else:
            yield replace(hit, **found.get(_place(hit, records[hit.number]), {}))


_FACTS = ("run", "workflow", "stage", "seq", "attempt", "output", "claim", "recorded_at")


def _wanted(hits: Iterable[Hit], records: Mapping[int, Any]) -> dict[str, list[int]]:
    wanted: dict[str, list[int]] = {}
    for hit in hits:
        if not hit.packet:
            name, number = _place(hit, records[hit.number])
            wanted.setdefault(name, []).append(number)
    return wanted


def _place(hit: Hit, record: int) -> tuple[str, int]:
    """The table that a hit's record stands in, and its number there."""
    if hit.kind in {"prompt", "answer"} or record < 0:
        return "attempts", abs(record)
    return _PLACES.get(hit.kind, "rows"), record


_PLACES = {"claim": "claims", "judgement": "judgements"}


def _json(values: Sequence[Any]) -> str:
    return orjson.dumps(values).decode()


def _sql(name: str) -> str:
    return queries("queries.sql", ROOM)[name]
