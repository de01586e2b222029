"""The page of integrity: what can be verified today, what was found, and what is not there yet."""

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.responses import Response

from atelier.ledger.rows import Row, RunRecord
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.pages.answer import paged
from atelier.observatory.reading.archive import Archive

# Of the newest runs, how many are read through when somebody asks.
RUNS = 25
_EVENTS = 20


@dataclass(frozen=True, slots=True)
class Checked:
    """What reading the newest runs through found: each digest was made again from its bytes."""

    runs: int
    blobs: int
    missing: tuple[str, ...]
    damaged: tuple[str, ...]


def _integrity(visit: Visit) -> Response:
    archive = visit.house.archive
    return paged(
        visit,
        "integrity.html",
        place="integrity",
        standing=visit.house.index.standing(),
        events=list(archive.ledger.iter_events(limit=_EVENTS)),
        checked=_checked(archive) if visit.query.get("check") == "content" else None,
        most=RUNS,
    )


def _checked(archive: Archive) -> Checked:
    """The content of the newest runs, read and verified."""
    runs = list(archive.ledger.iter_runs(limit=RUNS))
    named = list(dict.fromkeys(digest for run in runs for digest in _digests(archive, run)))
    before = set(archive.damaged)
    lost = [digest for digest in named if archive.read(digest) is None]
    damaged = [digest for digest in lost if digest in archive.damaged - before]
    missing = [digest for digest in lost if digest not in archive.damaged]
    return Checked(len(runs), len(named), tuple(missing), tuple(damaged))


def _digests(archive: Archive, run: RunRecord) -> Iterator[str]:
    record = archive.ledger.find_packet(run.start.packet)
    if record is not None:
        yield from (record.manifest, record.origins, *record.slices.values())
    for row in archive.ledger.iter_stage_rows(run.start.run):
        yield from _of_row(row)
    for artefact in archive.ledger.iter_artefacts(run=run.start.run):
        yield from (artefact.digest, artefact.lines)


def _of_row(row: Row) -> Iterator[str]:
    """The blobs of a row that must be there as long as it is."""
    for digest in (row.output, row.components, row.manifest):
        if digest:
            yield digest


INTEGRITY = (Route(path="/integrity", scope=Scope.READ, handler=_integrity),)
