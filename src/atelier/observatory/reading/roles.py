"""What a digest is known as: everything that the ledger names by it."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from atelier.ledger.rows import Row
from atelier.observatory.reading.archive import Archive

RUNS = 5


def roles_of(archive: Archive, digest: str) -> Iterator[dict[str, Any]]:
    """The roles of a digest, as JSON: output, keys, packet, slice, element, artefact, mark."""
    ledger = archive.ledger
    producer = ledger.find_producer(digest)
    if producer is not None:
        runs = [run.start.run for run in islice(ledger.iter_runs_with(digest), RUNS)]
        yield {"role": "output", **_made(producer), "newest_runs": runs}
    keyed = ledger.find_values([digest]).get(digest)
    if keyed is not None:
        yield {"role": "stage key", **_made(keyed), "output": keyed.output}
    served = ledger.find_served(digest)
    if served is not None:
        yield {"role": "run key", "run": served.start.run}
    record = ledger.find_packet(digest)
    if record is not None:
        runs = [run.start.run for run in ledger.iter_runs(limit=RUNS, packet=digest)]
        yield {"role": "packet", "run": record.run, "newest_runs": runs}
    for packet in ledger.find_packets_of_slice(digest)[:RUNS]:
        names = [name for name, of in packet.slices.items() if of == digest]
        yield {"role": "slice", "slice": names[0], "packet": packet.packet, "run": packet.run}
    cited = list(ledger.iter_citing(digest))
    if cited:
        yield {"role": "element", "slice": cited[0].slice, "citations": len(cited)}
    for row in ledger.iter_artefacts(digest=digest):
        yield {"role": "artefact", "path": row.path, "run": row.run, "stage": row.stage}
    for row in islice(ledger.iter_artefacts(mark=digest), RUNS):
        yield {"role": "mark", "path": row.path, "run": row.run, "artefact": row.digest}


def _made(row: Row) -> dict[str, Any]:
    return {"stage": row.stage, "run": row.run, "seq": row.seq, "reason": row.reason}
