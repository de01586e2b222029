"""What came after a position, read from SQLite in one snapshot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import orjson

from atelier.ledger.columns import SEQ, record_from, row_from, run_from
from atelier.ledger.queries import queries
from atelier.ledger.readers import Read
from atelier.ledger.rows import (
    ArtefactRow,
    Attempt,
    CallRow,
    CitationRow,
    ClaimRow,
    Event,
    JudgementRow,
    PacketRecord,
)
from atelier.ledger.tail import Numbered, Position, Tail, advanced, broken_off

T = TypeVar("T")


def read_tail(read: Read, position: Position, *, limit: int) -> Tail:
    """What came after a position, at most `limit` of each table."""
    ask = _Asking(read, position, limit)
    if ask.marks() != (position.last_run, position.last_row):
        return broken_off(position)
    tail = Tail(position=position, runs=ask.both("runs", run_from))
    if len(tail.runs) < limit:
        rows = ask.after("tail_rows", position.rows)
        found = [(columns[SEQ], row_from(columns, ())) for columns in rows]
        tail = replace(tail, rows=found)
        if len(found) < limit:
            tail = ask.rest(tail)
    return advanced(tail, limit=limit)


@dataclass(frozen=True, slots=True)
class _Asking:
    read: Read
    position: Position
    limit: int

    def marks(self) -> tuple[str, str]:
        """What this ledger has at the numbers of the position."""
        values = {"run": self.position.runs, "row": self.position.rows}
        ((run, row),) = self.read(queries()["tail_marks"], values)
        return run, row

    def rest(self, tail: Tail) -> Tail:
        """The tail with what stands beside its runs and rows."""
        at = self.position
        slices = self.after("tail_slices", at.packets)
        return replace(
            tail,
            packets=_packets(self.after("tail_packets", at.packets), slices),
            claims=_records(ClaimRow, self.after("tail_claims", at.claims)),
            citations=_records(CitationRow, self.after("tail_citations", at.citations)),
            attempts=self.both("attempts", partial(record_from, Attempt)),
            calls=_records(CallRow, self.after("tail_calls", at.calls)),
            artefacts=_records(ArtefactRow, self.after("tail_artefacts", at.artefacts)),
            events=_records(Event, self.after("tail_events", at.events)),
            judgements=_records(JudgementRow, self.after("tail_judgements", at.judgements)),
        )

    def after(self, name: str, number: int) -> Sequence[tuple[Any, ...]]:
        """What came after a number of a table."""
        return self.read(queries()[name], {"after": number, "limit": self.limit})

    def both(self, table: str, make: Callable[[Sequence[Any]], T]) -> list[Numbered[T]]:
        """What has ended since, and what is new."""
        still = {"open": _json(getattr(self.position, f"open_{table}"))}
        ended = self.read(queries()[f"tail_ended_{table}"], still)
        found = [*ended, *self.after(f"tail_{table}", getattr(self.position, table))]
        return [(number, make(columns)) for number, *columns in found]


def _records(kind: type[T], found: Sequence[tuple[Any, ...]]) -> list[Numbered[T]]:
    return [(number, record_from(kind, columns)) for number, *columns in found]


def _packets(
    found: Sequence[tuple[Any, ...]], slices: Sequence[tuple[Any, ...]]
) -> list[Numbered[PacketRecord]]:
    held: dict[str, dict[str, str]] = {}
    for packet, name, digest in slices:
        held.setdefault(packet, {})[name] = digest
    return [
        (
            number,
            PacketRecord(
                packet=packet,
                manifest=manifest,
                origins=origins,
                run=run,
                slices=held.get(packet, {}),
            ),
        )
        for number, packet, manifest, origins, run in found
    ]


def _json(values: Sequence[int]) -> str:
    return orjson.dumps(values).decode()
