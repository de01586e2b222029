"""What came into a ledger after a position: what a reader that follows it catches up by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from atelier.ledger.rows import (
    ArtefactRow,
    Attempt,
    CallRow,
    CitationRow,
    ClaimRow,
    Event,
    JudgementRow,
    PacketRecord,
    Row,
    RunRecord,
    RunStatus,
)

T = TypeVar("T")

# A record under the number that it has in its table; of rows, artefacts, events and judgements, their seq.
Numbered = tuple[int, T]


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far a reader has come: the last number of each table, and what was still open there.

    `last_run` and `last_row` say which ledger this is a position in: another one, or the same one
    restored to an earlier day, has others at these numbers.
    """

    runs: int = 0
    rows: int = 0
    packets: int = 0
    claims: int = 0
    citations: int = 0
    attempts: int = 0
    calls: int = 0
    artefacts: int = 0
    events: int = 0
    judgements: int = 0
    open_runs: tuple[int, ...] = ()
    open_attempts: tuple[int, ...] = ()
    last_run: str = ""
    last_row: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """What came after a position, in order, as one snapshot shows it.

    Runs come first, then rows, then all else: what a record names has come before it, or with it.
    `runs` and `attempts` also hold those that were open at the position and have ended since. Rows
    come without what they consumed. Where the ledger is not the one that the position was taken in,
    `continues` is False, and nothing is held.
    """

    position: Position
    continues: bool = True
    more: bool = False
    runs: Sequence[Numbered[RunRecord]] = ()
    rows: Sequence[Numbered[Row]] = ()
    packets: Sequence[Numbered[PacketRecord]] = ()
    claims: Sequence[Numbered[ClaimRow]] = ()
    citations: Sequence[Numbered[CitationRow]] = ()
    attempts: Sequence[Numbered[Attempt]] = ()
    calls: Sequence[Numbered[CallRow]] = ()
    artefacts: Sequence[Numbered[ArtefactRow]] = ()
    events: Sequence[Numbered[Event]] = ()
    judgements: Sequence[Numbered[JudgementRow]] = ()

    @property
    def size(self) -> int:
        """How many records it holds."""
        return sum(len(getattr(self, table)) for table in TABLES)


TABLES = (
    "runs",
    "rows",
    "packets",
    "claims",
    "citations",
    "attempts",
    "calls",
    "artefacts",
    "events",
    "judgements",
)


def broken_off(position: Position) -> Tail:
    """The answer to a position of another ledger."""
    return Tail(position=position, continues=False)


def first_things_first(tail: Tail, *, limit: int) -> Tail:
    """The tail without what may name a run or a row that has not come yet."""
    if len(tail.runs) >= limit:
        return Tail(position=tail.position, runs=tail.runs)
    if len(tail.rows) >= limit:
        return Tail(position=tail.position, runs=tail.runs, rows=tail.rows)
    return tail


def mark_of(row: Row) -> str:
    """What tells a row from the one under its number in another ledger."""
    return f"{row.recorded_at} {row.output or ''}"


def advanced(tail: Tail, *, limit: int) -> Tail:
    """The tail with the position behind it, and whether there may be more."""
    before = tail.position
    last = {
        table: max([getattr(before, table), *(number for number, _ in getattr(tail, table))])
        for table in TABLES
    }
    runs, attempts = dict(tail.runs), dict(tail.attempts)
    running = [number for number, run in runs.items() if run.status is RunStatus.RUNNING]
    waiting = [number for number, one in attempts.items() if one.ended_at is None]
    position = replace(
        before,
        **last,
        open_runs=_still(before.open_runs, ended=runs, begun=running),
        open_attempts=_still(before.open_attempts, ended=attempts, begun=waiting),
        last_run=runs[last["runs"]].start.run if last["runs"] in runs else before.last_run,
        last_row=mark_of(tail.rows[-1][1]) if tail.rows else before.last_row,
    )
    more = any(len(getattr(tail, table)) >= limit for table in TABLES)
    return replace(tail, position=position, more=more)


def _still(were: Sequence[int], *, ended: "dict[int, T]", begun: Sequence[int]) -> tuple[int, ...]:
    return (*(number for number in were if number not in ended), *begun)
