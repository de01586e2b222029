"""The reading half of the ledger on SQLite: every question is one named statement."""

from collections.abc import Iterator, Mapping, Sequence
from os import getpid
from pathlib import Path
from typing import Any, TypeVar

import orjson

from atelier.kernel.canonical import canonical
from atelier.kernel.digest import digest_bytes
from atelier.ledger.columns import (
    SEQ,
    consumed_from,
    record_from,
    row_from,
    run_from,
    spending,
)
from atelier.ledger.connection import forked, hold
from atelier.ledger.database import Bindings, Column
from atelier.ledger.queries import queries
from atelier.ledger.readers import Readers
from atelier.ledger.rows import (
    ArtefactRow,
    Attempt,
    CallRow,
    Cap,
    CitationRow,
    ClaimRow,
    Consumed,
    Event,
    JudgementRow,
    PacketRecord,
    Row,
    RunRecord,
    Served,
)
from atelier.ledger.sqlite_tail import read_tail
from atelier.ledger.store import PRECEDENT_RUNS
from atelier.ledger.tail import Position, Tail

T = TypeVar("T")


class SqliteReader:
    """Answers a `LedgerStore`'s questions; each answer is read to its end before it is given."""

    def __init__(self, path: Path, readers: Readers) -> None:
        self._path = path
        self._readers = readers
        self._sql = queries()
        self._pid = hold(path)

    def find_values(self, keys: Sequence[str]) -> dict[str, Row]:
        """For each key with a sound value, the row of its current draw."""
        if len(keys) == 1:  # what every stage asks
            found = self._rows("find_value", keys)
        else:
            found = self._rows("find_values", {"keys": _json(keys)}) if keys else []
        return {row.key: row for row in found if row.key is not None}

    def find_served(self, run_key: str) -> RunRecord | None:
        """The newest run of this key that may be served."""
        return self._run("find_served", {"run_key": run_key})

    def iter_stage_rows(self, run: str) -> Iterator[Row]:
        """The rows of a run's stages; a hit shows those it was served from."""
        return iter(self._rows("stage_rows", {"run": run}))

    def iter_element_rows(self, run: str, stage: str) -> Iterator[Row]:
        """The element rows of an `each` stage that executed in this run."""
        return iter(self._rows("element_rows", {"run": run, "stage": stage}))

    def find_row(self, seq: int) -> Row | None:
        """One row by its number."""
        return _first(self._rows("find_rows", {"seqs": _json([seq])}))

    def find_candidates(self, stages: Sequence[str], *, workflow: str, limit: int) -> list[Row]:
        """The newest rows with components of a stage, those of this workflow first."""
        found: list[Row] = []
        for name in ("candidates_here", "candidates_elsewhere"):
            rows = [
                row
                for stage in dict.fromkeys(stages)
                for row in self._rows(name, {"stage": stage, "workflow": workflow, "limit": limit})
            ]
            found += sorted(rows, key=lambda row: -row.seq)
            if len(found) >= limit:
                break
        return found[:limit]

    def find_precedents(
        self, stages: Sequence[str], *, parameters: Mapping[str, Any], limit: int
    ) -> list[Row]:
        """The newest rows with components of a stage, in runs with just these parameters."""
        given = canonical(dict(parameters)).decode()
        asked: dict[str, Column] = {
            "stages": _json(stages),
            "parameters": given,
            "runs": PRECEDENT_RUNS,
            "limit": limit,
        }
        return self._rows("precedents", asked)

    def find_producer(self, output: str) -> Row | None:
        """The first row whose output this digest is."""
        return _first(self._rows("find_producer", {"output": output}))

    def find_chain(self, output: str) -> list[Row]:
        """Every row that led to an output, nearest first."""
        seqs = [seq for (seq,) in self._read("chain", {"output": output})]
        rows = {row.seq: row for row in self._rows("find_rows", {"seqs": _json(seqs)})}
        return [rows[seq] for seq in seqs]

    def find_run(self, run: str) -> RunRecord | None:
        """A run by its id, or by a prefix that only one id has."""
        found = [run_from(columns) for columns in self._read("find_run", {"prefix": run})]
        if len(found) == 1 or (found and found[0].start.run == run):
            return found[0]
        return None

    def iter_runs(
        self, *, limit: int, before: str | None = None, packet: str | None = None
    ) -> Iterator[RunRecord]:
        """Runs, newest first; `before` pages by run id, `packet` takes those of one packet."""
        name = "iter_runs" if packet is None else "runs_of_packet"
        values = {"limit": limit, "before": before, "packet": packet}
        return iter([run_from(columns) for columns in self._read(name, values)])

    def iter_runs_with(self, output: str) -> Iterator[RunRecord]:
        """The runs in which a value was a stage's output, newest first, hits included."""
        return iter([run_from(row) for row in self._read("runs_with_output", {"output": output})])

    def iter_reuses(self, seq: int) -> Iterator[str]:
        """The ids of the runs that were served a row's value, newest first, hits included."""
        return iter([run for (run,) in self._read("runs_reusing", {"seq": seq})])

    def find_packet(self, packet: str) -> PacketRecord | None:
        """The first record of this packet."""
        return _first(self._packets("find_packet", {"packet": packet}))

    def find_packets_of_slice(self, digest: str) -> list[PacketRecord]:
        """Packets that hold a slice of this digest, newest first, each once."""
        return self._packets("packets_of_slice", {"digest": digest})

    def iter_slices(self, name: str | None = None) -> Iterator[str]:
        """The distinct digests of slices, or of those of one name."""
        query = "iter_slices" if name is None else "iter_slices_named"
        return iter([digest for (digest,) in self._read(query, {"name": name})])

    def iter_claims(self, output: str) -> Iterator[ClaimRow]:
        """The claims of an output, in order."""
        return self._records(ClaimRow, "iter_claims", {"output": output})

    def iter_citations(self, output: str, claim: str | None = None) -> Iterator[CitationRow]:
        """The citations of an output, or of one of its claims, in order."""
        name = "citations_of_output" if claim is None else "citations_of_claim"
        return self._records(CitationRow, name, {"output": output, "claim": claim})

    def iter_judgements(
        self, output: str | None = None, *, after: int = 0
    ) -> Iterator[JudgementRow]:
        """What people said of the claims of an output, or of all, in order of recording."""
        name = "judgements" if output is None else "judgements_of_output"
        return self._records(JudgementRow, name, {"output": output, "after": after})

    def iter_citing(self, element: str) -> Iterator[CitationRow]:
        """Every citation into an element."""
        return self._records(CitationRow, "citations_of_element", {"element": element})

    def iter_attempts(self, run: str, stage: str | None = None) -> Iterator[Attempt]:
        """The attempts of a run, or of one of its stages, in order."""
        name = "attempts_of_run" if stage is None else "attempts_of_stage"
        return self._records(Attempt, name, {"run": run, "stage": stage})

    def find_open_attempts(self, calls: Sequence[str]) -> dict[str, list[Attempt]]:
        """For each call that has any, the attempts of which no outcome is recorded, in order."""
        found: dict[str, list[Attempt]] = {}
        for attempt in self._records(Attempt, "open_attempts", {"calls": _json(calls)}):
            found.setdefault(attempt.call, []).append(attempt)
        return found

    def iter_unsettled(self) -> Iterator[Attempt]:
        """The attempts that may have been billed unseen, newest first."""
        return self._records(Attempt, "unsettled", ())

    def iter_served(self) -> Iterator[Served]:
        """Which models answered for which, the one that answered last first."""
        return self._records(Served, "served", ())

    def find_attempts(self, request: str) -> list[Attempt]:
        """The attempts, of every run, that sent a request of this digest, in order."""
        return list(self._records(Attempt, "attempts_of_request", (request,)))

    def find_calls(self, calls: Sequence[str]) -> dict[str, CallRow]:
        """For each call that has one, the answer of its current draw."""
        found = self._records(CallRow, "find_calls", {"calls": _json(calls)})
        return {row.call: row for row in found}

    def spent(self, cap: Cap) -> int:
        """What counts against a cap, in micros."""
        name, values = spending(cap)
        return int(self._read(name, values)[0][0])

    def iter_artefacts(
        self,
        *,
        digest: str | None = None,
        mark: str | None = None,
        path: str | None = None,
        run: str | None = None,
    ) -> Iterator[ArtefactRow]:
        """Emissions that match every criterion given, newest first."""
        criteria = {"run": run, "digest": digest, "mark": mark, "path": path}
        given = next((name for name, value in criteria.items() if value is not None), None)
        name = "artefacts" if given is None else f"artefacts_by_{given}"
        return self._records(ArtefactRow, name, criteria)

    def iter_events(self, *, limit: int) -> Iterator[Event]:
        """Events, newest first."""
        return self._records(Event, "iter_events", {"limit": limit})

    def read_tail(self, position: Position, *, limit: int) -> Tail:
        """What came after a position, as one snapshot shows it.

        Raises:
            SetupError: the file is not there any more, so that nothing comes to it.
        """
        self._require_opener()
        self._readers.require_in_place()
        with self._readers.snapshot() as read:
            return read_tail(read, position, limit=limit)

    def find_blob(self, digest: str) -> bytes | None:
        """The bytes of an inline blob, not verified."""
        found: list[bytes] = [data for (data,) in self._read("find_blob", (digest,))]
        return _first(found)

    def find_blobs(self, digests: Sequence[str]) -> dict[str, bytes]:
        """The bytes of those of these blobs that are inline, not verified."""
        return dict(self._read("find_blobs", {"digests": _json(digests)}))

    def find_memo(self, kind: str, key: str) -> bytes | None:
        """A memo's data; damaged data is a miss."""
        kept: list[tuple[str, bytes]] = list(self._read("find_memo", (kind, key)))
        return _first([data for digest, data in kept if digest_bytes(data) == digest])

    def _read(self, name: str, values: Bindings) -> Sequence[tuple[Any, ...]]:
        self._require_opener()
        return self._readers.rows(self._sql[name], values)

    def _rows(self, name: str, values: Bindings) -> list[Row]:
        found = self._read(name, values)
        if not found:
            return []
        consumed: dict[int, list[Consumed]] = {}
        wanted = _json([columns[SEQ] for columns in found])
        for seq, *columns in self._read("consumed_of", {"seqs": wanted}):
            consumed.setdefault(seq, []).append(consumed_from(columns))
        return [row_from(columns, tuple(consumed.get(columns[SEQ], ()))) for columns in found]

    def _run(self, name: str, values: Bindings) -> RunRecord | None:
        return _first([run_from(columns) for columns in self._read(name, values)])

    def _packets(self, name: str, values: Bindings) -> list[PacketRecord]:
        return [
            PacketRecord(
                packet=packet,
                manifest=manifest,
                origins=origins,
                run=run,
                slices=dict(self._pairs("slices_of", {"packet": packet})),
            )
            for packet, manifest, origins, run in self._read(name, values)
        ]

    def _records(self, kind: type[T], name: str, values: Bindings) -> Iterator[T]:
        found = self._read(name, values)
        return iter([record_from(kind, columns) for columns in found])

    def _pairs(self, name: str, values: Bindings) -> list[tuple[str, str]]:
        return [(first, second) for first, second in self._read(name, values)]

    def _require_opener(self) -> None:
        if getpid() != self._pid:
            raise forked(self._path, self._pid)


def _json(values: Sequence[str] | Sequence[int]) -> str:
    return orjson.dumps(values).decode()


def _first(found: Sequence[T]) -> T | None:
    return found[0] if found else None
