"""What became of each element of a mapped stage, in source order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from atelier.isilon.origin import Origin
from atelier.ledger.rows import Row, RunRecord, Supply
from atelier.observatory.reading.archive import Archive


@dataclass(frozen=True, slots=True)
class ElementRun:
    """One element: where it stood, its key, and how it came to its value."""

    at: int
    element: str
    key: str
    output: str | None
    outcome: str
    origin: Origin
    error: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """The element as `--json` gives it."""
        return {
            "at": self.at,
            "element": self.element,
            "key": self.key,
            "output": self.output,
            "outcome": self.outcome,
            **({"error": dict(self.error)} if self.error is not None else {}),
            "origin": self.origin.as_json(),
        }


def elements_of_row(archive: Archive, run: RunRecord, row: Row) -> list[ElementRun]:
    """The elements of a row's stage; none where it is no mapped one, or its record is gone."""
    manifest: Mapping[str, Any] | None = archive.value(row.manifest)
    entries: list[Mapping[str, Any]] = [] if manifest is None else manifest["of"]
    origins = _origins(archive, run, row, elements=len(entries))
    return [
        ElementRun(
            at=at,
            element=entry["element"],
            key=entry["key"],
            output=entry["output"],
            outcome=entry["outcome"],
            origin=origin,
            error=entry.get("error"),
        )
        for at, (entry, origin) in enumerate(zip(entries, origins, strict=True))
    ]


def _origins(archive: Archive, run: RunRecord, row: Row, *, elements: int) -> list[Origin]:
    """Where each element stood: known where one slice alone has as many as there are elements."""
    record = archive.ledger.find_packet(run.start.packet)
    known: Mapping[str, list[Any]] = (archive.value(record.origins) if record else None) or {}
    fitting = [
        known[name] for name in _handed(archive, row) if len(known.get(name, ())) == elements
    ]
    if len(fitting) != 1:
        return [Origin()] * elements
    return [Origin.from_json(item) for item in fitting[0]]


def _handed(archive: Archive, row: Row) -> Iterator[str]:
    for item in archive.original(row).consumed:
        if item.supply is Supply.SLICE:
            yield item.source
