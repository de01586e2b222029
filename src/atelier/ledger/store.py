"""The protocol that every ledger keeps; `atelier.testing` says it as tests."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from atelier.kernel.errors import ExhaustedError, StageError
from atelier.kernel.money import dollars
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
    Memo,
    PacketRecord,
    Row,
    RunEnd,
    RunRecord,
    RunStart,
    Served,
)
from atelier.ledger.tail import Position, Tail

# A hit has no rows of its own, and what is older than this explains nothing.
PRECEDENT_RUNS = 40


class OvertakenError(StageError):
    """A commit rests on a value that is not the one of its run: another process's came first."""

    def __init__(self, run: str, stage: str) -> None:
        super().__init__(
            "ledger.overtaken",
            f"What stage {stage!r} gave is not what the ledger holds for this run.",
            facts={"run": run},
            next_step="Execute what rests on it again, on the value that the ledger holds.",
        )


class BudgetError(ExhaustedError):
    """A cap would be exceeded by what is about to be sent, so nothing is."""

    def __init__(self, cap: Cap, *, spent: int, wanted: int) -> None:
        super().__init__(
            "models.budget",
            "A request was not sent: it could exceed the budget.",
            facts={
                "budget": f"{dollars(cap.limit)} USD {cap.what}",
                "spent or reserved": f"{dollars(spent)} USD",
                "this request at most": f"{dollars(wanted)} USD",
            },
            next_step="Raise the budget (`--max-usd`; `run_usd` or `day_usd` of [budget]; `max_usd` "
            "of the class), then run again: what was answered is kept.",
        )
        self.cap = cap
        self.wanted = wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What becomes visible and durable at once, or not at all.

    `caps` are limits that hold once the attempts of this commit are counted, in every process.
    `requires` maps a stage to the output that its row in this run must have, as what was handed on
    before it was durable; the commit is refused as overtaken where it does not. A `patient` commit
    may wait a moment for others to become durable with it.
    """

    start: RunStart | None = None
    rows: tuple[Row, ...] = ()
    blobs: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    packet: PacketRecord | None = None
    claims: tuple[ClaimRow, ...] = ()
    citations: tuple[CitationRow, ...] = ()
    judgements: tuple[JudgementRow, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    calls: tuple[CallRow, ...] = ()
    caps: tuple[Cap, ...] = ()
    artefact: ArtefactRow | None = None
    memos: tuple[Memo, ...] = ()
    events: tuple[Event, ...] = ()
    end: RunEnd | None = None
    requires: Mapping[str, str] = field(default_factory=dict[str, str])
    patient: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """The rows as they stand in the ledger, in the order of the commit.

    A row that lost the race for its key and draw comes back as `reused`, with the winner's
    output and `served_from`; of a call that lost, the winner comes back: one key, one value.
    """

    rows: tuple[Row, ...] = ()
    calls: tuple[CallRow, ...] = ()


class LedgerStore(Protocol):
    """Append-only rows, the memo table that they are, and the small blobs beside them.

    Reads see every commit that is done. Writes are ordered as they were submitted.
    """

    def commit(self, commit: Commit) -> Pending[Committed]:
        """Make it durable; it is done once it is.

        A `ran` row that is sound and has a key claims (key, draw); the first commit wins.
        Attempts are inserted, or updated where their id is known. Blobs are verified by nobody
        here: the reader verifies.

        Raises:
            OvertakenError: of what is pending, where a required value is not the run's.
            BudgetError: of what is pending, where a cap would be exceeded.
        """
        ...

    def find_values(self, keys: Sequence[str]) -> dict[str, Row]:
        """For each key with a sound value, the row that produced the current (highest) draw."""
        ...

    def find_served(self, run_key: str) -> RunRecord | None:
        """The newest complete, sound production run of this key whose rows are all current draws.

        A run that was itself a hit is never returned; the run that it was served from may be.
        """
        ...

    def iter_stage_rows(self, run: str) -> Iterator[Row]:
        """The rows of a run's stages in seq order, without element rows.

        A hit shows its source's rows as `reused`: served_from points to each original, and
        nothing is incurred.
        """
        ...

    def iter_element_rows(self, run: str, stage: str) -> Iterator[Row]:
        """The element rows of an `each` stage that executed in this run."""
        ...

    def find_row(self, seq: int) -> Row | None:
        """One row by its number, with what it consumed."""
        ...

    def find_candidates(self, stages: Sequence[str], *, workflow: str, limit: int) -> list[Row]:
        """The newest rows with components of a stage (under any of its names), newest first.

        What `explain` compares a new key with; rows of this workflow come before others'.
        """
        ...

    def find_precedents(
        self, stages: Sequence[str], *, parameters: Mapping[str, Any], limit: int
    ) -> list[Row]:
        """The newest rows with components of a stage, in runs with just these parameters.

        What somebody who ran this before would compare with; newest first. Of all such runs the
        newest `PRECEDENT_RUNS` that were no hits are looked at.
        """
        ...

    def find_producer(self, output: str) -> Row | None:
        """The first row whose output this digest is."""
        ...

    def find_run(self, run: str) -> RunRecord | None:
        """A run by its id, or by a prefix that only one id has."""
        ...

    def find_chain(self, output: str) -> list[Row]:
        """Every row that led to an output, the way back from a value to the packet.

        The first row is the one that produced it; every row stands before those it consumed from.
        """
        ...

    def iter_runs(
        self, *, limit: int, before: str | None = None, packet: str | None = None
    ) -> Iterator[RunRecord]:
        """Runs, newest first; `before` pages by run id, `packet` takes those of one packet."""
        ...

    def iter_runs_with(self, output: str) -> Iterator[RunRecord]:
        """The runs in which a value was a stage's output, newest first, hits included."""
        ...

    def iter_reuses(self, seq: int) -> Iterator[str]:
        """The ids of the runs that were served a row's value, newest first, hits included."""
        ...

    def find_packet(self, packet: str) -> PacketRecord | None:
        """The first record of this packet."""
        ...

    def find_packets_of_slice(self, digest: str) -> list[PacketRecord]:
        """Packets that hold a slice of this digest, newest first, each once."""
        ...

    def iter_slices(self, name: str | None = None) -> Iterator[str]:
        """The distinct digests of slices, or of the slices of one name, in no stated order."""
        ...

    def iter_claims(self, output: str) -> Iterator[ClaimRow]:
        """The claims of an output, in order."""
        ...

    def iter_citations(self, output: str, claim: str | None = None) -> Iterator[CitationRow]:
        """The citations of an output, or of one of its claims, in order."""
        ...

    def iter_judgements(
        self, output: str | None = None, *, after: int = 0
    ) -> Iterator[JudgementRow]:
        """What people said of the claims of an output, or of all, in the order of recording.

        `after` takes those of a higher number.
        """
        ...

    def iter_citing(self, element: str) -> Iterator[CitationRow]:
        """Every citation into an element, by the element's digest: the way forward."""
        ...

    def iter_attempts(self, run: str, stage: str | None = None) -> Iterator[Attempt]:
        """The attempts of a run, or of one of its stages, in order."""
        ...

    def find_open_attempts(self, calls: Sequence[str]) -> dict[str, list[Attempt]]:
        """For each call that has any, the attempts of which no outcome is recorded, in order."""
        ...

    def iter_unsettled(self) -> Iterator[Attempt]:
        """The attempts that may have been billed unseen, newest first: open ones, and in doubt."""
        ...

    def iter_served(self) -> Iterator[Served]:
        """Which models answered for which, the one that answered last first."""
        ...

    def find_attempts(self, request: str) -> list[Attempt]:
        """The attempts, of every run, that sent a request of this digest, in order."""
        ...

    def find_calls(self, calls: Sequence[str]) -> dict[str, CallRow]:
        """For each call that has one, the answer of its current (highest) draw."""
        ...

    def spent(self, cap: Cap) -> int:
        """What counts against a cap, in micros: what was spent, or reserved where that is unknown."""
        ...

    def iter_artefacts(
        self,
        *,
        digest: str | None = None,
        mark: str | None = None,
        path: str | None = None,
        run: str | None = None,
    ) -> Iterator[ArtefactRow]:
        """Emissions that match every criterion given, newest first."""
        ...

    def iter_events(self, *, limit: int) -> Iterator[Event]:
        """Events, newest first."""
        ...

    def read_tail(self, position: Position, *, limit: int) -> Tail:
        """What came after a position, at most `limit` of each table: one snapshot, in order.

        What a reader catches up by that keeps tables of its own; it holds no lock in between.

        Raises:
            AtelierError: the ledger cannot be read, or is not where it was.
        """
        ...

    def find_blob(self, digest: str) -> bytes | None:
        """The bytes of an inline blob, not verified."""
        ...

    def find_blobs(self, digests: Sequence[str]) -> dict[str, bytes]:
        """The bytes of those of these blobs that are inline, not verified."""
        ...

    def find_memo(self, kind: str, key: str) -> bytes | None:
        """A memo's data."""
        ...

    def close(self) -> None:
        """Wait for what was submitted, then release the files."""
        ...
