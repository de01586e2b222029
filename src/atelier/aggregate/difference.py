"""What differs between two packets, by element and by pointer, without their types."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, cast

from atelier.aggregate.alignment import Part, align
from atelier.aggregate.fields import shape
from atelier.aggregate.identity import digests
from atelier.aggregate.packet import Packet
from atelier.kernel.canonical import Json, canonical, pointer, read

_ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """A place within a value; a side that has nothing there is absent from `as_json`."""

    pointer: str
    earlier: Json = _ABSENT
    later: Json = _ABSENT

    def as_json(self) -> dict[str, Json]:
        """The pointer and the sides that exist."""
        sides = {"earlier": self.earlier, "later": self.later}
        known = {name: value for name, value in sides.items() if value is not _ABSENT}
        return {"pointer": self.pointer, **known}


@dataclass(frozen=True, slots=True)
class Change:
    """An element that became another: of the same key, or at the same place between equals."""

    earlier: Part
    later: Part
    differences: tuple[Difference, ...]

    def as_json(self) -> dict[str, Json]:
        """Both sides and the pointers at which they differ."""
        return {
            "earlier": self.earlier.as_json(),
            "later": self.later.as_json(),
            "differences": [difference.as_json() for difference in self.differences],
        }


@dataclass(frozen=True, slots=True)
class SliceDiff:
    """What became of one slice: elements of a list, or pointers within a single value."""

    slice: str
    added: tuple[Part, ...] = ()
    removed: tuple[Part, ...] = ()
    changed: tuple[Change, ...] = ()
    moved: tuple[tuple[Part, Part], ...] = ()
    differences: tuple[Difference, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """The slice's difference as JSON; kinds without an entry are left out."""
        kinds: dict[str, list[Any]] = {
            "added": [part.as_json() for part in self.added],
            "removed": [part.as_json() for part in self.removed],
            "changed": [change.as_json() for change in self.changed],
            "moved": [
                {"digest": later.digest, "earlier": earlier.position, "later": later.position}
                for earlier, later in self.moved
            ],
            "differences": [difference.as_json() for difference in self.differences],
        }
        return {kind: entries for kind, entries in kinds.items() if entries}


@dataclass(frozen=True, slots=True)
class PacketDiff:
    """What differs between two packets; falsy where nothing does."""

    parameters: tuple[Difference, ...]
    slices: tuple[SliceDiff, ...]

    def __bool__(self) -> bool:
        return bool(self.parameters or self.slices)

    def as_json(self) -> dict[str, Json]:
        """The difference as JSON, for `--json` and for whoever renders it."""
        return {
            "parameters": [difference.as_json() for difference in self.parameters],
            "slices": {found.slice: found.as_json() for found in self.slices},
        }


@dataclass(frozen=True)
class Content:
    """The JSON of a packet: what `diff` compares, out of a packet, a file or the ledger."""

    parameters: Mapping[str, Json]
    slices: Mapping[str, Json]
    keys: Mapping[str, str]

    @classmethod
    def of(cls, packet: "Packet | Content | Mapping[str, Json]") -> "Content":
        """The content of a packet; of its bare JSON, what is no list and no object is a parameter."""
        if isinstance(packet, Content):
            return packet
        if isinstance(packet, Packet):
            found = digests(packet)
            slices = {name: read(data) for name, data in found.data.items()}
            declared = shape(type(packet)).slices
            keys = {field.name: field.key for field in declared if field.key}
            return cls(found.parameters, slices, keys)
        nested = {name: value for name, value in packet.items() if isinstance(value, dict | list)}
        flat = {name: value for name, value in packet.items() if name not in nested}
        return cls(flat, nested, {})

    @classmethod
    def from_record(cls, record: Mapping[str, Any], read_blob: Callable[[str], bytes]) -> "Content":
        """The content of a packet in the ledger: `PacketDigests.record` and its slices' blobs."""
        slices = {name: read(read_blob(digest)) for name, digest in record["slices"].items()}
        return cls(record["parameters"], slices, {})


def diff(
    earlier: Packet | Content | Mapping[str, Json], later: Packet | Content | Mapping[str, Json]
) -> PacketDiff:
    """What became of each parameter and each element.

    Example:
        >>> found = diff({"notes": ["a", "b"]}, {"notes": ["a", "c", "b"]})
        >>> [(part.position, part.value) for part in found.slices[0].added]
        [(1, 'c')]
    """
    old, new = Content.of(earlier), Content.of(later)
    keys = {**old.keys, **new.keys}
    return PacketDiff(
        parameters=tuple(_differences(dict(old.parameters), dict(new.parameters), ())),
        slices=tuple(
            _slice_diff(name, old.slices.get(name), new.slices.get(name), key=keys.get(name, ""))
            for name in dict.fromkeys([*old.slices, *new.slices])
            if canonical(old.slices.get(name)) != canonical(new.slices.get(name))
        ),
    )


def _slice_diff(name: str, earlier: Json, later: Json, *, key: str) -> SliceDiff:
    if not isinstance(earlier, list | NoneType) or not isinstance(later, list | NoneType):
        return SliceDiff(name, differences=tuple(_differences(earlier, later, ())))
    found = align(earlier or [], later or [], key=key)
    if not (found.added or found.removed or found.moved or found.changed):  # None against []
        return SliceDiff(name, differences=(Difference("", earlier, later),))
    return SliceDiff(
        name,
        added=tuple(found.added),
        removed=tuple(found.removed),
        changed=tuple(
            Change(old, new, tuple(_differences(old.value, new.value, ())))
            for old, new in found.changed
        ),
        moved=tuple(found.moved),
    )


def _differences(earlier: Any, later: Any, path: tuple[str | int, ...]) -> Iterator[Difference]:
    """The places at which two values differ, as deep as both have them."""
    if isinstance(earlier, dict) and isinstance(later, dict):
        yield from _within_objects(
            cast("dict[str, Any]", earlier), cast("dict[str, Any]", later), path
        )
    elif isinstance(earlier, list) and isinstance(later, list):
        yield from _within_lists(cast("list[Any]", earlier), cast("list[Any]", later), path)
    else:
        old, new = cast("Json", earlier), cast("Json", later)
        if canonical(old) != canonical(new):
            yield Difference(pointer(path), old, new)


def _within_objects(
    earlier: dict[str, Any], later: dict[str, Any], path: tuple[str | int, ...]
) -> Iterator[Difference]:
    for name in sorted({*earlier, *later}):
        place = (*path, name)
        if name not in later:
            yield Difference(pointer(place), earlier=earlier[name])
        elif name not in earlier:
            yield Difference(pointer(place), later=later[name])
        else:
            yield from _differences(earlier[name], later[name], place)


def _within_lists(
    earlier: list[Any], later: list[Any], path: tuple[str | int, ...]
) -> Iterator[Difference]:
    """Items are aligned; a place is the later one, of a removed item the earlier one."""
    found = align(earlier, later)
    for old, new in found.changed:
        yield from _differences(old.value, new.value, (*path, new.position))
    for part in found.removed:
        yield Difference(pointer((*path, part.position)), earlier=part.value)
    for part in found.added:
        yield Difference(pointer((*path, part.position)), later=part.value)
    for old, new in found.moved:
        yield Difference(pointer((*path, old.position)), earlier=old.value)
        yield Difference(pointer((*path, new.position)), later=new.value)
