"""What came after a position, from the ledger in memory."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeVar

from atelier.ledger.memory_change import Tables
from atelier.ledger.rows import RunRecord, RunStatus
from atelier.ledger.tail import (
    Numbered,
    Position,
    Tail,
    advanced,
    broken_off,
    first_things_first,
    mark_of,
)

T = TypeVar("T")


def read_tail(
    tables: Tables, record: Callable[[str], RunRecord], position: Position, *, limit: int
) -> Tail:
    """What came after a position, at most `limit` of each table; whoever calls holds the lock."""
    runs = [record(run) for run in tables.starts]
    marks = (
        _at([run.start.run for run in runs], position.runs),
        _at([mark_of(row) for row in tables.rows], position.rows),
    )
    if marks != (position.last_run, position.last_row):
        return broken_off(position)

    def after(number: int, records: Iterable[T]) -> list[Numbered[T]]:
        return list(islice(enumerate(islice(records, number, None), number + 1), limit))

    attempts = list(tables.attempts.values())
    ended = [number for number in position.open_runs if _has_ended(runs[number - 1])]
    settled = [number for number in position.open_attempts if attempts[number - 1].ended_at]
    tail = Tail(
        position=position,
        runs=[*((number, runs[number - 1]) for number in ended), *after(position.runs, runs)],
        rows=[(seq, replace(row, consumed=())) for seq, row in after(position.rows, tables.rows)],
        packets=after(position.packets, tables.packets.values()),
        claims=after(position.claims, tables.claims.values()),
        citations=after(position.citations, tables.citations.values()),
        attempts=[
            *((number, attempts[number - 1]) for number in settled),
            *after(position.attempts, attempts),
        ],
        calls=after(position.calls, tables.calls.values()),
        artefacts=after(position.artefacts, tables.artefacts),
        events=after(position.events, tables.events),
        judgements=after(position.judgements, tables.judgements),
    )
    return advanced(first_things_first(tail, limit=limit), limit=limit)


def _has_ended(run: RunRecord) -> bool:
    return run.status is not RunStatus.RUNNING


def _at(marks: Sequence[str], number: int) -> str:
    return marks[number - 1] if 0 < number <= len(marks) else ""
