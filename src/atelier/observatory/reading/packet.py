"""A packet as its page shows it: its slices, who read them, and the packets beside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from atelier.isilon.origin import Origin
from atelier.ledger.rows import Row, RunRecord, Supply
from atelier.ledger.standing import standing_of
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.packet_record import SliceRecord, packet_of
from atelier.observatory.reading.text import Text, bounded, words

# Runs over one packet that are named, and those of them whose rows are looked into.
RUNS = 50
READ = 3
# Elements of a slice that are listed, and how much of each.
ELEMENTS = 500
_LONGEST = 400
_FILES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNamed:
    """A run as another page names it."""

    run: str
    workflow: str
    status: str
    started_at: str
    packet: str


@dataclass(frozen=True, slots=True)
class Reader:
    """A stage that read a slice: whole, or through a lens, alone or with the whole packet."""

    stage: str
    parameter: str
    is_lens: bool
    with_packet: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementNamed:
    """One element of a slice, with its beginning."""

    position: int
    digest: str
    origin: Origin
    is_obliged: bool
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceNamed:
    """One slice: how large it is, where it comes from, who read it, and its first elements."""

    name: str
    digest: str
    size: int | None
    count: int
    obliged: int
    files: tuple[str, ...]
    readers: tuple[Reader, ...]
    elements: tuple[ElementNamed, ...]
    left_out: int
    is_missing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketView:
    """One packet; `others` are the newest runs for the same parameters over other packets."""

    packet: str
    parameters: Mapping[str, Any]
    subject: str | None
    slices: tuple[SliceNamed, ...]
    runs: tuple[RunNamed, ...]
    others: tuple[RunNamed, ...]
    missing: tuple[str, ...] = field(default=())


def view_packet(archive: Archive, digest: str) -> PacketView | None:
    """The value behind the page of a packet; None where the ledger has no such packet."""
    archive = archive.remembering()
    record = archive.ledger.find_packet(digest)
    if record is None:
        return None
    content = packet_of(archive, record)
    runs = list(archive.ledger.iter_runs(limit=RUNS, packet=digest))
    rows = [row for run in runs[:READ] for row in archive.ledger.iter_stage_rows(run.start.run)]
    return PacketView(
        packet=digest,
        parameters=content.parameters or (dict(runs[0].start.parameters) if runs else {}),
        subject=runs[0].start.subject if runs else None,
        slices=tuple(_slice(archive, item, rows) for item in content.slices.values()),
        runs=tuple(run_named(run) for run in runs),
        others=tuple(run_named(run) for run in _others(archive, runs, rows)),
        missing=tuple(content.missing),
    )


def run_named(run: RunRecord) -> RunNamed:
    """A run by what tells it apart."""
    start = run.start
    return RunNamed(
        run=start.run,
        workflow=start.workflow,
        status=standing_of(run),
        started_at=start.started_at,
        packet=start.packet,
    )


def readers_of(rows: Sequence[Row], name: str) -> Iterator[Reader]:
    """The stages that read a slice, each way of reading once."""
    seen: set[Reader] = set()
    for row in rows:
        for item in row.consumed:
            alone = item.supply is Supply.SLICE and item.source == name
            if alone or item.supply is Supply.PACKET:
                reader = Reader(
                    row.stage, item.parameter, alone and item.digest != item.whole, not alone
                )
                if reader not in seen:
                    seen.add(reader)
                    yield reader


def _slice(archive: Archive, item: SliceRecord, rows: Sequence[Row]) -> SliceNamed:
    data = archive.read(item.digest)
    files = dict.fromkeys(origin.file for origin in item.origins if origin.file)
    elements = [
        ElementNamed(
            position=position,
            digest=digest,
            origin=item.origin(position),
            is_obliged=digest in item.obliged,
            text=bounded(words(element), _LONGEST),
        )
        for position, (element, digest) in enumerate(
            zip(item.elements[:ELEMENTS], item.digests, strict=False)
        )
    ]
    return SliceNamed(
        name=item.name,
        digest=item.digest,
        size=None if data is None else len(data),
        count=len(item.elements),
        obliged=len(item.obliged),
        files=tuple(files)[:_FILES],
        readers=tuple(readers_of(rows, item.name)),
        elements=tuple(elements),
        left_out=len(item.elements) - len(elements),
        is_missing=item.is_missing,
    )


def _others(
    archive: Archive, runs: Sequence[RunRecord], rows: Sequence[Row]
) -> Iterator[RunRecord]:
    """The newest run over each other packet of the same parameters."""
    if not runs or not rows:
        return
    packet, parameters = runs[0].start.packet, runs[0].start.parameters
    first = archive.original(rows[0]).stage
    seen = {packet}
    for row in archive.ledger.find_precedents([first], parameters=parameters, limit=RUNS):
        run = archive.ledger.find_run(row.run)
        if run is not None and run.start.packet not in seen:
            seen.add(run.start.packet)
            yield run
