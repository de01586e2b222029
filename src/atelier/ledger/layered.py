"""A ledger over another one that is read and never written: the shadow of a backtest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any, TypeVar

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
    PacketRecord,
    Row,
    RunEnd,
    RunRecord,
    RunStatus,
    Served,
)
from atelier.ledger.store import Commit, Committed, LedgerStore
from atelier.ledger.tail import Position, Tail

T = TypeVar("T")

# The namespace of a run of the lower ledger of which the upper one holds what was reused.
BROUGHT = "brought"


class LayeredLedger:
    """A `LedgerStore` that writes into `upper`, and also finds what `lower` knows.

    What is known by its content (values, calls, packets, claims, judgements, blobs,
    memos) is looked up in
    both; what happened (runs, rows, attempts, spending, artefacts, events) in the upper one alone.
    A value of the lower one is brought into the upper one before it is handed out, with the run
    that it was made in: no row of the upper ledger names a row that is not there.
    """

    def __init__(self, upper: LedgerStore, lower: LedgerStore) -> None:
        self._upper = upper
        self._lower = lower
        self._bringing = Lock()

    def commit(self, commit: Commit) -> Pending[Committed]:
        """Make it durable in the upper ledger."""
        return self._upper.commit(commit)

    def find_values(self, keys: Sequence[str]) -> dict[str, Row]:
        """For each key with a sound value, the row of its current draw; the upper one's comes first."""
        found = self._upper.find_values(keys)
        missing = [key for key in keys if key not in found]
        below = self._lower.find_values(missing)
        if below:
            for row in below.values():
                self._bring(row)
            found |= self._upper.find_values(list(below))
        return found

    def find_served(self, run_key: str) -> RunRecord | None:
        """The newest run of the upper ledger that may be served."""
        return self._upper.find_served(run_key)

    def iter_stage_rows(self, run: str) -> Iterator[Row]:
        """The rows of the stages of one of the upper ledger's runs."""
        return self._upper.iter_stage_rows(run)

    def iter_element_rows(self, run: str, stage: str) -> Iterator[Row]:
        """The element rows of one of the upper ledger's runs."""
        return self._upper.iter_element_rows(run, stage)

    def find_row(self, seq: int) -> Row | None:
        """One row of the upper ledger by its number."""
        return self._upper.find_row(seq)

    def find_candidates(self, stages: Sequence[str], *, workflow: str, limit: int) -> list[Row]:
        """The newest rows with components of a stage, the upper ledger's first."""
        both = (
            ledger.find_candidates(stages, workflow=workflow, limit=limit)
            for ledger in (self._upper, self._lower)
        )
        return [row for rows in both for row in rows][:limit]

    def find_precedents(
        self, stages: Sequence[str], *, parameters: Mapping[str, Any], limit: int
    ) -> list[Row]:
        """The newest rows with components of a stage for these parameters, the upper one's first."""
        both = (
            ledger.find_precedents(stages, parameters=parameters, limit=limit)
            for ledger in (self._upper, self._lower)
        )
        return [row for rows in both for row in rows][:limit]

    def find_producer(self, output: str) -> Row | None:
        """The first row of the upper ledger whose output this digest is."""
        return self._upper.find_producer(output)

    def find_run(self, run: str) -> RunRecord | None:
        """A run of the upper ledger."""
        return self._upper.find_run(run)

    def find_chain(self, output: str) -> list[Row]:
        """Every row of the upper ledger that led to an output."""
        return self._upper.find_chain(output)

    def iter_runs(
        self, *, limit: int, before: str | None = None, packet: str | None = None
    ) -> Iterator[RunRecord]:
        """The upper ledger's runs, newest first."""
        return self._upper.iter_runs(limit=limit, before=before, packet=packet)

    def iter_runs_with(self, output: str) -> Iterator[RunRecord]:
        """The upper ledger's runs in which a value was a stage's output."""
        return self._upper.iter_runs_with(output)

    def iter_reuses(self, seq: int) -> Iterator[str]:
        """The upper ledger's runs that were served one of its rows."""
        return self._upper.iter_reuses(seq)

    def find_packet(self, packet: str) -> PacketRecord | None:
        """The first record of this packet."""
        return self._either(lambda ledger: ledger.find_packet(packet))

    def find_packets_of_slice(self, digest: str) -> list[PacketRecord]:
        """Packets that hold a slice of this digest, the upper ledger's first, each once."""
        found: dict[str, PacketRecord] = {}
        for ledger in (self._upper, self._lower):
            for record in ledger.find_packets_of_slice(digest):
                found.setdefault(record.packet, record)
        return list(found.values())

    def iter_slices(self, name: str | None = None) -> Iterator[str]:
        """The distinct digests of slices, or of those of one name."""
        return iter({*self._upper.iter_slices(name), *self._lower.iter_slices(name)})

    def iter_claims(self, output: str) -> Iterator[ClaimRow]:
        """The claims of an output, in order."""
        own = list(self._upper.iter_claims(output))
        return iter(own or self._lower.iter_claims(output))

    def iter_citations(self, output: str, claim: str | None = None) -> Iterator[CitationRow]:
        """The citations of an output, or of one of its claims, in order."""
        own = list(self._upper.iter_citations(output, claim))
        return iter(own or self._lower.iter_citations(output, claim))

    def iter_judgements(
        self, output: str | None = None, *, after: int = 0
    ) -> Iterator[JudgementRow]:
        """What people said of claims, in the lower ledger and then in the upper one."""
        lower = self._lower.iter_judgements(output, after=after)
        return iter([*lower, *self._upper.iter_judgements(output, after=after)])

    def iter_citing(self, element: str) -> Iterator[CitationRow]:
        """Every citation into an element, each once."""
        both = [*self._upper.iter_citing(element), *self._lower.iter_citing(element)]
        return iter(dict.fromkeys(both))

    def iter_attempts(self, run: str, stage: str | None = None) -> Iterator[Attempt]:
        """The attempts of one of the upper ledger's runs."""
        return self._upper.iter_attempts(run, stage)

    def find_open_attempts(self, calls: Sequence[str]) -> dict[str, list[Attempt]]:
        """The upper ledger's open attempts: those of the lower one are not ours to end."""
        return self._upper.find_open_attempts(calls)

    def find_attempts(self, request: str) -> list[Attempt]:
        """The upper ledger's attempts that sent a request."""
        return self._upper.find_attempts(request)

    def iter_unsettled(self) -> Iterator[Attempt]:
        """The upper ledger's attempts that may have been billed unseen."""
        return self._upper.iter_unsettled()

    def iter_served(self) -> Iterator[Served]:
        """Which models answered for which in the upper ledger."""
        return self._upper.iter_served()

    def find_calls(self, calls: Sequence[str]) -> dict[str, CallRow]:
        """The answers of calls' current draws; the upper ledger's come first."""
        return {**self._lower.find_calls(calls), **self._upper.find_calls(calls)}

    def spent(self, cap: Cap) -> int:
        """What the upper ledger's attempts count against a cap."""
        return self._upper.spent(cap)

    def iter_artefacts(
        self,
        *,
        digest: str | None = None,
        mark: str | None = None,
        path: str | None = None,
        run: str | None = None,
    ) -> Iterator[ArtefactRow]:
        """The upper ledger's emissions."""
        return self._upper.iter_artefacts(digest=digest, mark=mark, path=path, run=run)

    def iter_events(self, *, limit: int) -> Iterator[Event]:
        """The upper ledger's events."""
        return self._upper.iter_events(limit=limit)

    def read_tail(self, position: Position, *, limit: int) -> Tail:
        """What came into the upper ledger after a position."""
        return self._upper.read_tail(position, limit=limit)

    def find_blob(self, digest: str) -> bytes | None:
        """The bytes of an inline blob, not verified."""
        return self._either(lambda ledger: ledger.find_blob(digest))

    def find_blobs(self, digests: Sequence[str]) -> dict[str, bytes]:
        """The bytes of those of these blobs that either ledger holds inline."""
        return {**self._lower.find_blobs(digests), **self._upper.find_blobs(digests)}

    def find_memo(self, kind: str, key: str) -> bytes | None:
        """A memo's data."""
        return self._either(lambda ledger: ledger.find_memo(kind, key))

    def close(self) -> None:
        """Close the upper ledger; the lower one is its owner's."""
        self._upper.close()

    def _either(self, ask: Callable[[LedgerStore], T]) -> T:
        """What the upper ledger answers, or else the lower one."""
        return ask(self._upper) or ask(self._lower)

    def _bring(self, row: Row) -> None:
        """Copy a value's row into the upper ledger, and the run that it was made in."""
        with self._bringing:
            if row.key is None or self._upper.find_values([row.key]):  # another thread was first
                return
            commit = Commit(rows=(replace(row, served_from=None),))
            known = self._upper.find_run(row.run)
            made = self._lower.find_run(row.run)
            if made is not None and (known is None or known.start.run != row.run):
                start = replace(made.start, namespace=BROUGHT)
                commit = replace(commit, start=start, end=_end_of(made))
            self._upper.commit(commit).result()


def _end_of(run: RunRecord) -> RunEnd | None:
    if run.status is RunStatus.RUNNING or run.ended_at is None:
        return None
    return RunEnd(
        run=run.start.run,
        status=run.status,
        ended_at=run.ended_at,
        sound=run.sound,
        seconds=run.seconds or 0.0,
    )
