"""The ledger in memory: for tests, and the plainest statement of what a ledger does."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from threading import RLock
from typing import Any, TypeVar

from atelier.kernel.errors import AtelierError
from atelier.ledger.invariant import closed
from atelier.ledger.memory_change import Change, Tables, spent
from atelier.ledger.memory_tail import read_tail
from atelier.ledger.pending import Pending
from atelier.ledger.rows import (
    ArtefactRow,
    Attempt,
    CallRow,
    Cap,
    CitationRow,
    ClaimRow,
    Event,
    JudgementRow,
    Outcome,
    PacketRecord,
    Row,
    RunRecord,
    RunStatus,
    Served,
)
from atelier.ledger.store import PRECEDENT_RUNS, Commit, Committed
from atelier.ledger.tail import Position, Tail

T = TypeVar("T")


class MemoryLedger:
    """A `LedgerStore` that forgets everything when it goes; commits are done at once."""

    def __init__(self) -> None:
        self._tables = Tables()
        self._lock = RLock()
        self._closed = False

    def commit(self, commit: Commit) -> Pending[Committed]:
        """Apply it, whole or not at all."""
        pending: Pending[Committed] = Pending()
        with self._lock:
            try:
                if self._closed:
                    raise closed("in memory")
                pending.set_result(Change(self._tables).apply(commit))
            except AtelierError as error:
                pending.set_exception(error)
        return pending

    def find_values(self, keys: Sequence[str]) -> dict[str, Row]:
        """For each key with a sound value, the row of its current draw."""
        with self._lock:
            found = {key: self._current(key) for key in keys}
        return {key: row for key, row in found.items() if row is not None}

    def find_served(self, run_key: str) -> RunRecord | None:
        """The newest run of this key that may be served."""
        return next((run for run in self._runs() if self._may_serve(run, run_key)), None)

    def iter_stage_rows(self, run: str) -> Iterator[Row]:
        """The rows of a run's stages; a hit shows those it was served from."""
        own = self._rows(
            lambda row: row.run == run and row.element is None and row.outcome != Outcome.RUN_HIT
        )
        with self._lock:
            end = self._tables.ends.get(run)
        if end is None or end.served_from is None:
            return iter(own)
        source = end.served_from
        served = self._rows(
            lambda row: (
                row.run == source
                and row.element is None
                and row.outcome in {Outcome.RAN, Outcome.REUSED}
            )
        )
        shown = [*own, *(_served(row, run, end.ended_at) for row in served)]
        return iter(sorted(shown, key=lambda row: row.seq))

    def iter_element_rows(self, run: str, stage: str) -> Iterator[Row]:
        """The element rows of an `each` stage that executed in this run."""
        return iter(
            self._rows(
                lambda row: row.run == run and row.stage == stage and row.element is not None
            )
        )

    def find_row(self, seq: int) -> Row | None:
        """One row by its number."""
        return _first(self._rows(lambda row: row.seq == seq))

    def find_candidates(self, stages: Sequence[str], *, workflow: str, limit: int) -> list[Row]:
        """The newest rows with components of a stage, those of this workflow first."""
        rows = self._rows(lambda row: row.stage in stages and row.components is not None)
        with self._lock:
            here = {row.seq: self._tables.starts[row.run].workflow == workflow for row in rows}
        return sorted(rows, key=lambda row: (not here[row.seq], -row.seq))[:limit]

    def find_precedents(
        self, stages: Sequence[str], *, parameters: Mapping[str, Any], limit: int
    ) -> list[Row]:
        """The newest rows with components of a stage, in runs with just these parameters."""
        runs = [
            run.start.run
            for run in self._runs()
            if run.start.parameters == parameters and run.served_from is None
        ][:PRECEDENT_RUNS]
        rows = self._rows(
            lambda row: row.stage in stages and row.components is not None and row.run in runs
        )
        return rows[::-1][:limit]

    def find_producer(self, output: str) -> Row | None:
        """The first row whose output this digest is."""
        return _first(
            self._rows(lambda row: row.output == output and row.outcome != Outcome.REUSED)
        )

    def find_chain(self, output: str) -> list[Row]:
        """Every row that led to an output, each before those it consumed from."""
        found: dict[int, Row] = {}
        producer = self.find_producer(output)
        waiting = [] if producer is None else [producer]
        while waiting:
            row = waiting.pop()
            if row.seq in found:
                continue
            found[row.seq] = row
            for entry in row.consumed:
                if entry.supply == "stage":
                    waiting += self._source(row.run, entry.source, entry.whole)
        return [found[seq] for seq in sorted(found, reverse=True)]

    def _source(self, run: str, stage: str, output: str) -> list[Row]:
        """The row that gave a stage's output to a reader in this run, or gave it first."""
        rows = self._rows(lambda row: row.stage == stage and row.output == output)
        same = [row for row in rows if row.run == run and row.element is None]
        if same:
            original = same[0].served_from or same[0].seq
            return self._rows(lambda row: row.seq == original)
        return [row for row in rows if row.outcome != Outcome.REUSED][:1]

    def find_run(self, run: str) -> RunRecord | None:
        """A run by its id, or by a prefix that only one id has."""
        found = [record for record in self._runs() if record.start.run.startswith(run)]
        exact = [record for record in found if record.start.run == run]
        return _first(exact or (found if len(found) == 1 else []))

    def iter_runs(
        self, *, limit: int, before: str | None = None, packet: str | None = None
    ) -> Iterator[RunRecord]:
        """Runs, newest first; `before` pages by run id, `packet` takes those of one packet."""
        runs = self._runs()
        ids = [record.start.run for record in runs]
        if before in ids:
            runs = runs[ids.index(before) + 1 :]
        wanted = [record for record in runs if packet is None or record.start.packet == packet]
        return iter(wanted[:limit])

    def iter_runs_with(self, output: str) -> Iterator[RunRecord]:
        """The runs in which a value was a stage's output, newest first, hits included."""
        made = self._rows(lambda row: row.output == output and row.outcome != Outcome.REUSED)
        seqs = {row.seq for row in made}
        held = {row.run for row in self._rows(lambda row: row.served_from in seqs)}
        held |= {row.run for row in made}
        return iter(
            [run for run in self._runs() if run.start.run in held or run.served_from in held]
        )

    def iter_reuses(self, seq: int) -> Iterator[str]:
        """The ids of the runs that were served a row's value, newest first, hits included."""
        reused = {row.run for row in self._rows(lambda row: row.served_from == seq)}
        holding = reused | {row.run for row in self._rows(lambda row: row.seq == seq)}
        served = (
            run.start.run
            for run in self._runs()
            if run.start.run in reused or run.served_from in holding
        )
        return iter(list(served))

    def find_packet(self, packet: str) -> PacketRecord | None:
        """The first record of this packet."""
        return _first([record for record in self._packets() if record.packet == packet])

    def find_packets_of_slice(self, digest: str) -> list[PacketRecord]:
        """Packets that hold a slice of this digest, newest first, each once."""
        first: dict[str, PacketRecord] = {}
        for record in self._packets():
            if digest in record.slices.values():
                first.setdefault(record.packet, record)
        return list(reversed(first.values()))

    def iter_slices(self, name: str | None = None) -> Iterator[str]:
        """The distinct digests of slices, or of those of one name."""
        found = {
            digest: None
            for record in self._packets()
            for slice_, digest in record.slices.items()
            if name in {None, slice_}
        }
        return iter(found)

    def iter_claims(self, output: str) -> Iterator[ClaimRow]:
        """The claims of an output, in order."""
        claims = self._all(self._tables.claims.values(), lambda claim: claim.output == output)
        return iter(sorted(claims, key=lambda claim: claim.ordinal))

    def iter_citations(self, output: str, claim: str | None = None) -> Iterator[CitationRow]:
        """The citations of an output, or of one of its claims, in order."""
        return iter(
            self._all(
                self._tables.citations.values(),
                lambda citation: citation.output == output and claim in {None, citation.claim},
            )
        )

    def iter_judgements(
        self, output: str | None = None, *, after: int = 0
    ) -> Iterator[JudgementRow]:
        """What people said of the claims of an output, or of all, in order of recording."""
        return iter(
            self._all(
                self._tables.judgements,
                lambda row: output in {None, row.output} and row.seq > after,
            )
        )

    def iter_citing(self, element: str) -> Iterator[CitationRow]:
        """Every citation into an element."""
        return iter(
            self._all(self._tables.citations.values(), lambda citation: citation.element == element)
        )

    def iter_attempts(self, run: str, stage: str | None = None) -> Iterator[Attempt]:
        """The attempts of a run, or of one of its stages, in order."""
        return iter(
            self._all(
                self._tables.attempts.values(),
                lambda attempt: attempt.run == run and stage in {None, attempt.stage},
            )
        )

    def find_open_attempts(self, calls: Sequence[str]) -> dict[str, list[Attempt]]:
        """For each call that has any, the attempts of which no outcome is recorded, in order."""
        found: dict[str, list[Attempt]] = {}
        for attempt in self._all(
            self._tables.attempts.values(),
            lambda attempt: attempt.call in calls and attempt.ended_at is None,
        ):
            found.setdefault(attempt.call, []).append(attempt)
        return found

    def iter_unsettled(self) -> Iterator[Attempt]:
        """The attempts that may have been billed unseen, newest first."""
        found = self._all(
            self._tables.attempts.values(),
            lambda one: one.ended_at is None or one.outcome == "in_doubt",
        )
        return reversed(found)

    def iter_served(self) -> Iterator[Served]:
        """Which models answered for which, the one that answered last first."""
        answered = self._all(self._tables.attempts.values(), lambda one: bool(one.model_served))
        moments: dict[tuple[str, str, str], list[str]] = {}
        for one in answered:
            place = (one.model_class, one.model_requested, one.model_served or "")
            moments.setdefault(place, []).append(one.sent_at)
        found = [
            Served(
                model_class=place[0],
                requested=place[1],
                served=place[2],
                first_at=min(sent),
                last_at=max(sent),
                answers=len(sent),
            )
            for place, sent in moments.items()
        ]
        found.sort(key=lambda one: (one.model_class, one.served))
        return iter(sorted(found, key=lambda one: one.last_at, reverse=True))

    def find_attempts(self, request: str) -> list[Attempt]:
        """The attempts, of every run, that sent a request of this digest, in order."""
        return self._all(self._tables.attempts.values(), lambda attempt: attempt.request == request)

    def find_calls(self, calls: Sequence[str]) -> dict[str, CallRow]:
        """For each call that has one, the answer of its current draw."""
        draws = self._all(self._tables.calls.values(), lambda row: row.call in calls)
        return {row.call: row for row in sorted(draws, key=lambda row: row.draw)}

    def spent(self, cap: Cap) -> int:
        """What counts against a cap, in micros."""
        with self._lock:
            return spent(self._tables.starts, cap, self._tables.attempts.values())

    def iter_artefacts(
        self,
        *,
        digest: str | None = None,
        mark: str | None = None,
        path: str | None = None,
        run: str | None = None,
    ) -> Iterator[ArtefactRow]:
        """Emissions that match every criterion given, newest first."""
        wanted = {"digest": digest, "mark": mark, "path": path, "run": run}
        given = {name: value for name, value in wanted.items() if value is not None}
        found = self._all(
            self._tables.artefacts,
            lambda row: all(getattr(row, name) == value for name, value in given.items()),
        )
        return reversed(found)

    def iter_events(self, *, limit: int) -> Iterator[Event]:
        """Events, newest first."""
        return iter(self._all(self._tables.events)[::-1][:limit])

    def read_tail(self, position: Position, *, limit: int) -> Tail:
        """What came after a position."""
        with self._lock:
            return read_tail(self._tables, self._record, position, limit=limit)

    def find_blob(self, digest: str) -> bytes | None:
        """The bytes of an inline blob, not verified."""
        with self._lock:
            return self._tables.blobs.get(digest)

    def find_blobs(self, digests: Sequence[str]) -> dict[str, bytes]:
        """The bytes of those of these blobs that are inline, not verified."""
        with self._lock:
            blobs = self._tables.blobs
            return {digest: blobs[digest] for digest in digests if digest in blobs}

    def find_memo(self, kind: str, key: str) -> bytes | None:
        """A memo's data."""
        with self._lock:
            return self._tables.memos.get((kind, key))

    def close(self) -> None:
        """Accept no more commits."""
        with self._lock:
            self._closed = True

    def _all(self, records: Iterable[T], wanted: Callable[[T], bool] = lambda _: True) -> list[T]:
        with self._lock:
            return [record for record in records if wanted(record)]

    def _rows(self, wanted: Callable[[Row], bool]) -> list[Row]:
        return self._all(self._tables.rows, wanted)

    def _packets(self) -> list[PacketRecord]:
        return self._all(self._tables.packets.values())

    def _runs(self) -> list[RunRecord]:
        """Every run, newest first."""
        with self._lock:
            return [self._record(run) for run in reversed(self._tables.starts)]

    def _record(self, run: str) -> RunRecord:
        start, end = self._tables.starts[run], self._tables.ends.get(run)
        if end is None:
            return RunRecord(start=start, status=RunStatus.RUNNING, sound=True)
        return RunRecord(
            start=start,
            status=end.status,
            sound=end.sound,
            ended_at=end.ended_at,
            served_from=end.served_from,
            seconds=end.seconds,
        )

    def _current(self, key: str | None) -> Row | None:
        draws = [row for row in self._tables.values.values() if row.key == key]
        return max(draws, key=lambda row: row.draw, default=None)

    def _may_serve(self, run: RunRecord, run_key: str) -> bool:
        whole = run.status == RunStatus.COMPLETE and run.sound and run.served_from is None
        if not whole or run.start.run_key != run_key or run.start.namespace != "production":
            return False
        rows = self._rows(lambda row: row.run == run.start.run and row.key is not None)
        with self._lock:
            current = [(row.draw, self._current(row.key)) for row in rows]
        return all(newest is None or newest.draw <= draw for draw, newest in current)


def _served(row: Row, run: str, ended_at: str) -> Row:
    """A row of the run that a hit was served from, as the hit's own."""
    return replace(
        row,
        run=run,
        outcome=Outcome.REUSED,
        recorded_at=ended_at,
        reason=Outcome.RUN_HIT.value,
        served_from=row.served_from or row.seq,
        requests=0,
        input_tokens=None,
        cached_tokens=None,
        output_tokens=None,
        reasoning_tokens=None,
        incurred=0,
        avoided=row.original,
        seconds=0.0,
        error=None,
    )


def _first(found: Sequence[T]) -> T | None:
    return found[0] if found else None
