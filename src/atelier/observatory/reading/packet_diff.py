"""What differs between two recorded packets, by element, with texts that fit a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from atelier.aggregate import Content, SliceDiff, diff
from atelier.aggregate.alignment import Part
from atelier.aggregate.difference import Difference
from atelier.cache.difference import text_diff
from atelier.isilon.origin import Origin
from atelier.kernel.canonical import Json, canonical
from atelier.observatory.reading.packet_record import PacketContent
from atelier.observatory.reading.text import Text, bounded, words

# Of each kind in each slice, how many are shown; and how much of one text.
SHOWN = 200
_LONGEST = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceDiff:
    """A place within a value, on both sides; `diff` is the unified diff of two longer texts."""

    pointer: str
    earlier: Text | None
    later: Text | None
    diff: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView:
    """An element on one side."""

    position: int
    digest: str
    origin: Origin
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """An element that became another, and where they differ."""

    earlier: PartView
    later: PartView
    places: tuple[PlaceDiff, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceDiffView:
    """What became of one slice; `left_out` counts what is not shown."""

    name: str
    added: tuple[PartView, ...]
    removed: tuple[PartView, ...]
    changed: tuple[ChangeView, ...]
    moved: tuple[tuple[int, int], ...]
    places: tuple[PlaceDiff, ...]
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketDiffView:
    """What differs between two packets: parameters, and slices by element.

    A slice whose content is gone on a side is in `missing` alone.
    """

    earlier: str
    later: str
    parameters: tuple[PlaceDiff, ...]
    slices: tuple[SliceDiffView, ...]
    missing: tuple[str, ...]


def view_packet_diff(earlier: PacketContent, later: PacketContent) -> PacketDiffView:
    """The difference of two packets as a page shows it."""
    sides = (earlier, later)
    gone = {item.name for side in sides for item in side.slices.values() if item.is_missing}
    old, new = (_content(side, without=gone) for side in sides)
    found = diff(old, new)
    return PacketDiffView(
        earlier=earlier.digest,
        later=later.digest,
        parameters=tuple(_place(place) for place in found.parameters),
        slices=tuple(_slice(item, earlier, later) for item in found.slices),
        missing=tuple(dict.fromkeys(said for side in sides for said in side.missing)),
    )


def _content(packet: PacketContent, *, without: set[str]) -> Content:
    slices = {name: item.value for name, item in packet.slices.items() if name not in without}
    return Content(packet.parameters, slices, {})


def _slice(found: SliceDiff, earlier: PacketContent, later: PacketContent) -> SliceDiffView:
    kinds = (found.added, found.removed, found.changed, found.moved, found.differences)
    return SliceDiffView(
        name=found.slice,
        added=tuple(_part(part, later, found.slice) for part in found.added[:SHOWN]),
        removed=tuple(_part(part, earlier, found.slice) for part in found.removed[:SHOWN]),
        changed=tuple(
            ChangeView(
                earlier=_part(change.earlier, earlier, found.slice),
                later=_part(change.later, later, found.slice),
                places=tuple(_place(place) for place in change.differences[:SHOWN]),
            )
            for change in found.changed[:SHOWN]
        ),
        moved=tuple((old.position, new.position) for old, new in found.moved[:SHOWN]),
        places=tuple(_place(place) for place in found.differences[:SHOWN]),
        left_out=sum(max(len(each) - SHOWN, 0) for each in kinds),
    )


def _part(part: Part, packet: PacketContent, name: str) -> PartView:
    item = packet.slices.get(name)
    return PartView(
        position=part.position,
        digest=part.digest,
        origin=item.origin(part.position) if item else Origin(),
        text=bounded(words(part.value), _LONGEST),
    )


def _place(found: Difference) -> PlaceDiff:
    sides: Mapping[str, Any] = found.as_json()
    told = [_text(sides[name]) if name in sides else None for name in ("earlier", "later")]
    lines = [text.text for text in told if text is not None and "\n" in text.text]
    return PlaceDiff(
        pointer=found.pointer,
        earlier=told[0],
        later=told[1],
        diff=text_diff(*(text.text for text in cast("list[Text]", told)))
        if lines and None not in told
        else "",
    )


def _text(value: Json) -> Text:
    return bounded(value if isinstance(value, str) else canonical(value).decode(), _LONGEST)
