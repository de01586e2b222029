"""The way back from a value to what led to it, and forward from evidence to what rests on it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from atelier.kernel.canonical import read
from atelier.kernel.digest import digest as digest_of
from atelier.ledger.rows import (
    ArtefactRow,
    CitationRow,
    ClaimRow,
    Consumed,
    Row,
    RunRecord,
    Supply,
)
from atelier.ledger.store import LedgerStore

ReadBlob = Callable[[str], bytes | None]

# Runs of one packet that a reader is shown; more say nothing more.
RUNS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyRow:
    """A row that led to a value: how many steps away, and the rows that read what it gave."""

    row: Row
    depth: int
    read_by: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A citation of evidence, whose claim it is, and where that was emitted."""

    citation: CitationRow
    claim: ClaimRow | None
    producer: Row | None
    runs: tuple[str, ...]
    artefacts: tuple[ArtefactRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """What became of evidence: who cites it, and which runs merely had it in their packet."""

    cited: tuple[Use, ...]
    held: tuple[RunRecord, ...]


def chain(ledger: LedgerStore, output: str) -> list[WhyRow]:
    """The rows that led to a value, nearest first; the first one produced it.

    Depth counts steps along the shortest way. The packet's slices stand in each row's `consumed`.
    """
    rows = ledger.find_chain(output)
    depths = {row.seq: 0 for row in rows[:1]}
    readers: dict[int, list[int]] = {row.seq: [] for row in rows}
    makers: dict[str | None, list[Row]] = {}
    for row in rows:
        makers.setdefault(row.output, []).append(row)
    # Every row stands before what it read, so one pass finds the shortest way.
    for row in rows:
        for one in row.consumed:
            source = (
                _source(makers.get(one.whole, []), row, one) if one.supply is Supply.STAGE else None
            )
            if source is not None:
                readers[source.seq].append(row.seq)
                steps = depths[row.seq] + 1
                depths[source.seq] = min(steps, depths.get(source.seq, steps))
    found = [
        WhyRow(row=row, depth=depths[row.seq], read_by=tuple(dict.fromkeys(readers[row.seq])))
        for row in rows
    ]
    return sorted(found, key=lambda why: (why.depth, -why.row.seq))


def _source(makers: Iterable[Row], reader: Row, consumed: Consumed) -> Row | None:
    """The row that an input came from, of all that have its value.

    The stage that was read comes first, then the reader's own run; a stage that was renamed since
    is still found by its value.
    """
    return min(
        (row for row in makers if row.seq < reader.seq),
        key=lambda row: (row.stage != consumed.source, row.run != reader.run, row.seq),
        default=None,
    )


def forward(ledger: LedgerStore, digest: str, *, read_blob: ReadBlob) -> Forward:
    """What became of an element or of a whole slice, by its digest.

    For an element, every slice of the ledger is read once to find the packets that hold it, or
    every slice of the names under which it is cited; a slice that is gone holds nothing.
    """
    packets = ledger.find_packets_of_slice(digest)
    if packets:
        elements = [digest, *_elements(read_blob(digest))]
    else:
        elements = [digest]
        names: list[str | None] = [one.slice for one in ledger.iter_citing(digest)]
        slices = {found for name in set(names or [None]) for found in ledger.iter_slices(name)}
        holding = [one for one in slices if digest in _elements(read_blob(one))]
        packets = [packet for one in holding for packet in ledger.find_packets_of_slice(one)]
    runs = {
        run.start.run: run
        for packet in dict.fromkeys(packet.packet for packet in packets)
        for run in ledger.iter_runs(limit=RUNS, packet=packet)
    }
    uses = [
        _use(ledger, citation)
        for element in dict.fromkeys(elements)
        for citation in ledger.iter_citing(element)
    ]
    # A value that cites the element may be of a run whose packet held another form of the slice.
    cited = tuple(use for use in uses if not runs or not runs.keys().isdisjoint(use.runs))
    citing = {run for use in cited for run in use.runs}
    held = tuple(runs[run] for run in sorted(runs, reverse=True) if run not in citing)
    return Forward(cited=cited, held=held)


def _elements(data: bytes | None) -> list[str]:
    """The digests of the elements of a slice's bytes; what is no list is one element."""
    if data is None:
        return []
    value = read(data)
    items = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [digest_of(item) for item in items]


def _use(ledger: LedgerStore, citation: CitationRow) -> Use:
    claims = ledger.iter_claims(citation.output)
    runs = [run.start.run for run in ledger.iter_runs_with(citation.output)]
    return Use(
        citation=citation,
        claim=next((one for one in claims if one.claim == citation.claim), None),
        producer=ledger.find_producer(citation.output),
        runs=tuple(runs),
        artefacts=tuple(found for run in runs for found in ledger.iter_artefacts(run=run)),
    )
