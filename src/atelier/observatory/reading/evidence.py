"""The evidence of a claim, from the ledger alone: citations, origins, and what stands around them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from atelier.isilon.origin import Origin
from atelier.kernel.canonical import read
from atelier.kernel.digest import digest
from atelier.ledger.rows import CitationRow, ClaimRow, JudgementRow, Row
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.judgements import words_on
from atelier.observatory.reading.plain import to_json
from atelier.observatory.reading.text import words

AROUND = 1


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An element near a cited one, or the cited one itself."""

    origin: Origin
    text: str
    cited: bool

    def as_json(self) -> dict[str, Any]:
        """The element as `--json` gives it."""
        return {"origin": self.origin.as_json(), "text": self.text, "cited": self.cited}


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation with where it stands and what stands around it; empty where content is gone."""

    row: CitationRow
    origin: Origin
    context: tuple[Neighbour, ...]

    def as_json(self) -> dict[str, Any]:
        """The citation as `--json` gives it."""
        row = self.row
        return {
            "slice": row.slice,
            "element": row.element,
            "occurrence": row.occurrence,
            "pointer": row.pointer,
            "span": None if row.start is None else {"start": row.start, "end": row.end},
            "quote": row.quote,
            "match": row.match,
            "role": row.role,
            "found_by": row.found_by,
            "origin": self.origin.as_json(),
            "context": [neighbour.as_json() for neighbour in self.context],
        }


@dataclass(frozen=True, slots=True)
class Supported:
    """A claim with its verdict, all that was cited for it, and what people said of it."""

    row: ClaimRow
    citations: tuple[Cited, ...]
    judgements: tuple[JudgementRow, ...] = ()

    @property
    def checks(self) -> list[Mapping[str, Any]]:
        """The checks that were made of it."""
        found: list[Mapping[str, Any]] = read(self.row.checks.encode())
        return found

    def as_json(self) -> dict[str, Any]:
        """The claim as `--json` gives it."""
        row = self.row
        return {
            "claim": row.claim,
            "text": row.text,
            "kind": row.kind,
            "verdict": row.verdict,
            "flag": row.flag,
            "decided_by": row.decided_by,
            "checks": self.checks,
            "citations": [citation.as_json() for citation in self.citations],
            "judgements": to_json(self.judgements),
        }


class Evidence:
    """The packet of a run, looked into where a citation points."""

    def __init__(self, archive: Archive, packet: str) -> None:
        self._archive = archive
        record = archive.ledger.find_packet(packet)
        self._slices: Mapping[str, str] = record.slices if record else {}
        origins = archive.value(record.origins) if record else None
        self._origins: Mapping[str, list[Any]] = origins or {}
        self._elements = lru_cache(maxsize=None)(self._read_elements)

    def claim(self, row: ClaimRow) -> Supported:
        """A claim with its citations."""
        found = self._archive.ledger.iter_citations(row.output, row.claim)
        said = words_on(self._archive.ledger, [row]).get(row.claim, ())
        return Supported(row, tuple(self.cited(citation) for citation in found), said)

    def cited(self, row: CitationRow) -> Cited:
        """A citation in its place."""
        found = self._place(row.slice, row.element, row.occurrence)
        origin = Origin() if found is None else self._origin(row.slice, found)
        return Cited(row, origin, self.around(row.slice, row.element, row.occurrence))

    def around(self, name: str, element: str, occurrence: int) -> tuple[Neighbour, ...]:
        """An element with its neighbours; none where its content is gone."""
        at = self._place(name, element, occurrence)
        if at is None:
            return ()
        elements = self._elements(name)
        near = range(max(0, at - AROUND), min(len(elements), at + AROUND + 1))
        return tuple(
            Neighbour(self._origin(name, index), words(elements[index][1]), index == at)
            for index in near
        )

    def _place(self, name: str, element: str, occurrence: int) -> int | None:
        elements = self._elements(name)
        places = [index for index, (found, _) in enumerate(elements) if found == element]
        return places[occurrence - 1] if len(places) >= occurrence else None

    def _read_elements(self, name: str) -> list[tuple[str, Any]]:
        value = self._archive.value(self._slices.get(name))
        listed = cast("list[Any]", value) if isinstance(value, list) else [value]
        return [] if value is None else [(digest(item), item) for item in listed]

    def _origin(self, name: str, index: int) -> Origin:
        known = self._origins.get(name, [])
        return Origin.from_json(known[index]) if index < len(known) else Origin()


def claims_of(archive: Archive, row: Row) -> dict[str, ClaimRow]:
    """The grounded claims that a stage was handed, by id."""
    found: dict[str, ClaimRow] = {}
    for item in archive.original(row).consumed:
        for claim in archive.ledger.iter_claims(item.whole):
            found[claim.claim] = claim
    return found
