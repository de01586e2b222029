"""A recorded packet: its slices with their elements, and where each element stood."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from atelier.isilon.origin import Origin
from atelier.kernel.canonical import Json
from atelier.kernel.digest import digest as digest_of
from atelier.ledger.rows import PacketRecord
from atelier.observatory.reading.archive import Archive


@dataclass(frozen=True)
class SliceRecord:
    """One slice: its value, its digest, where its elements stood, and which must be addressed.

    Where its content is gone, `is_missing`, and it has no elements.
    """

    name: str
    digest: str
    value: Json
    origins: Sequence[Origin] = ()
    obliged: Sequence[str] = ()
    is_missing: bool = False

    @property
    def is_list(self) -> bool:
        """Whether its elements are the items of a list."""
        return isinstance(self.value, list)

    @property
    def elements(self) -> list[Any]:
        """The elements: a list's items, or the one value unless it is None."""
        if self.value is None:
            return []
        return self.value if isinstance(self.value, list) else [self.value]

    @cached_property
    def digests(self) -> list[str]:
        """The digest of each element."""
        return [digest_of(element) for element in self.elements]

    def origin(self, index: int) -> Origin:
        """Where an element stood; an empty origin where nobody knows."""
        return self.origins[index] if index < len(self.origins) else Origin()

    def find(self, element: str, occurrence: int) -> int | None:
        """The place of an element, by its digest and which of its equals it is."""
        places = [index for index, found in enumerate(self.digests) if found == element]
        return places[occurrence - 1] if 0 < occurrence <= len(places) else None


@dataclass(frozen=True)
class PacketContent:
    """A packet as the ledger has it; `is_whole` where its record of itself is there too."""

    digest: str
    run: str
    parameters: Mapping[str, Json]
    slices: Mapping[str, SliceRecord]
    is_whole: bool

    @property
    def missing(self) -> Iterator[str]:
        """What of it is gone from the store, as sentences."""
        if not self.is_whole:
            yield "The packet's record of its parameters and obligations is gone from the store."
        for item in self.slices.values():
            if item.is_missing:
                yield f"The content of slice {item.name!r} is gone from the store."


def find_packet(archive: Archive, digest: str) -> PacketContent | None:
    """A packet by its digest, with as much of its content as is there."""
    record = archive.ledger.find_packet(digest)
    return None if record is None else packet_of(archive, record)


def packet_of(archive: Archive, record: PacketRecord) -> PacketContent:
    """A packet's content, out of its record."""
    manifest: Mapping[str, Any] | None = archive.value(record.manifest)
    of: Mapping[str, Any] = manifest["of"] if manifest else {}
    origins: Mapping[str, list[Any]] = archive.value(record.origins) or {}
    obliged: Mapping[str, Sequence[str]] = of.get("obligations", {})
    slices = {
        name: _slice(
            archive,
            SliceRecord(
                name,
                digest,
                None,
                [Origin.from_json(item) for item in origins.get(name, ())],
                obliged.get(name, ()),
            ),
        )
        for name, digest in record.slices.items()
    }
    parameters: Mapping[str, Json] = of.get("parameters", {})
    return PacketContent(record.packet, record.run, parameters, slices, manifest is not None)


def _slice(archive: Archive, known: SliceRecord) -> SliceRecord:
    is_missing = archive.read(known.digest) is None
    value = cast("Json", archive.value(known.digest))
    return SliceRecord(
        known.name, known.digest, value, known.origins, known.obliged, is_missing=is_missing
    )
