"""One batch out of the ledger, written into the index within a transaction that somebody else holds."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

import orjson

from atelier.kernel.digest import digest_bytes
from atelier.ledger.database import Bindings, Database
from atelier.ledger.queries import queries
from atelier.ledger.store import LedgerStore
from atelier.ledger.tail import Numbered, Tail
from atelier.observatory.index.columns import Kind
from atelier.observatory.index.documents import Document, Read, Review, Slice, documents_of
from atelier.observatory.index.entries import (
    Entry,
    artefact_entry,
    attempt_entry,
    citation_entry,
    claim_entry,
    distinct,
    event_entry,
    judgement_entry,
    packet_entry,
    row_entry,
    run_entry,
)
from atelier.observatory.index.page import ROOM
from atelier.observatory.index.sums import (
    avoided_by,
    failing_of,
    spared,
    spent_by,
    summed,
    usage_of,
)
from atelier.observatory.index.tables import TABLES
from atelier.observatory.index.words import marked

REFRESHED = 4000
_UNKNOWN: Mapping[str, str] = {"workflow": "", "subject": "", "started_at": ""}


class Batch:
    """Writes tails; what it remembers of the index between them saves questions, no more."""

    def __init__(self, connection: Database, ledger: LedgerStore, read: Read) -> None:
        self._connection = connection
        self._ledger = ledger
        self._read = read
        self._sql = queries("queries.sql", ROOM)
        self._choices: set[tuple[str, str, str]] = set()
        self._has_outputs = False

    def write(self, tail: Tail) -> None:
        """Write what a tail holds; runs that it touches are marked stale."""
        self._many("add_run", [run_entry(number, run) for number, run in tail.runs])
        runs = self._runs_of(tail)
        self._add("row", [row_entry(row, _of(runs, row.run)) for _, row in tail.rows])
        self._write_beside(tail, runs)
        self._write_claims(tail)
        self._write_texts(tail)
        self._write_sums(tail, runs)
        self._note_choices(tail, runs)
        touched = self._touched(tail)
        self._serve(touched)
        self._many("add_stale", [(run,) for run in sorted(touched)])

    def refresh(self) -> bool:
        """Make the sums of some stale runs anew; whether there may be more of them."""
        runs = [run for (run,) in self._ask("next_stale", {"limit": REFRESHED})]
        for name in ("refresh_runs", "refresh_claims", "drop_stale") if runs else ():
            self._ask(name, {"runs": _json(runs)})
        return len(runs) == REFRESHED

    def index_outputs(self) -> None:
        """Make what claims find their rows by, where it is not there yet."""
        if not self._has_outputs:
            self._ask("index_outputs", ())
            self._has_outputs = True

    def has_stale(self) -> bool:
        """Whether the sums of any run are to be made anew."""
        return bool(self._ask("next_stale", {"limit": 1}))

    def contents(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """The verified bytes of those of these digests that are there: inline, or anywhere else."""
        inline = self._ledger.find_blobs(names)
        found = {name: data for name, data in inline.items() if digest_bytes(data) == name}
        beside = {name: self._read(name) for name in names if name not in found}
        return found | {name: data for name, data in beside.items() if data is not None}

    def documents(self, kind: str, idents: Sequence[int]) -> set[int]:
        """Of these texts of a kind, those that can be found."""
        values = {"kind": kind, "idents": _json(idents)}
        return {ident for (ident,) in self._ask("known_documents", values)} if idents else set()

    def new_slices(self, slices: Sequence[Slice]) -> list[Slice]:
        """Note slices; those of them whose elements were not looked at before."""
        seen = frozenset(self._ask("slices_seen", {"slices": _json(slices)}))
        fresh = [one for one in slices if one not in seen]
        self._many("add_slice_seen", fresh)
        return fresh

    def _runs_of(self, tail: Tail) -> dict[str, Mapping[str, str]]:
        """What is known of the runs that the records of a tail belong to."""
        wanted = distinct(
            [
                *(row.run for _, row in tail.rows),
                *(one.run for _, one in tail.attempts),
                *(one.run for _, one in tail.artefacts),
                *(one.run for _, one in tail.packets),
            ]
        )
        found = self._ask("runs_named", {"runs": _json(sorted(wanted))})
        return {
            run: {"workflow": workflow, "subject": subject, "started_at": started}
            for run, workflow, subject, started in found
        }

    def _write_beside(self, tail: Tail, runs: Mapping[str, Mapping[str, str]]) -> None:
        self._add(
            "attempt", [attempt_entry(n, one, _of(runs, one.run)) for n, one in tail.attempts]
        )
        self._add(
            "artefact", [artefact_entry(n, one, _of(runs, one.run)) for n, one in tail.artefacts]
        )
        self._add("event", [event_entry(n, one) for n, one in tail.events])
        self._add("packet", [packet_entry(n, one, _of(runs, one.run)) for n, one in tail.packets])

    def _write_claims(self, tail: Tail) -> None:
        self._add("claim", [claim_entry(number, one) for number, one in tail.claims])
        self._add("citation", [citation_entry(number, one) for number, one in tail.citations])
        if tail.claims or tail.citations:
            self.index_outputs()
        if tail.claims:
            self._ask("bind_claims", {"numbers": _numbers(tail.claims)})
        if tail.citations:
            for name in ("bind_citations", "cite_claims"):
                self._ask(name, {"numbers": _numbers(tail.citations)})
        self._add("judgement", [judgement_entry(number, one) for number, one in tail.judgements])
        if tail.claims or tail.judgements:
            values = {"numbers": _numbers(tail.judgements), "claims": _numbers(tail.claims)}
            self._ask("bind_judgements", values)

    def _write_texts(self, tail: Tail) -> None:
        found = list(documents_of(tail, self))
        reviews = [one for one in found if isinstance(one, Review)]
        self._many(
            "add_review",
            [(one.output, one.obligations, one.findings, one.declined) for one in reviews],
        )
        documents = {
            (one.kind, one.ident): one for one in reversed(found) if isinstance(one, Document)
        }
        ((last,),) = self._ask("last_document", ())
        numbered = list(enumerate(reversed(documents.values()), last + 1))
        self._many("add_document", [one.entry(number) for number, one in numbered])
        self._many("add_words", [(n, marked(one.kind, one.text)) for n, one in numbered])

    def _write_sums(self, tail: Tail, runs: Mapping[str, Mapping[str, str]]) -> None:
        ended = [one for _, one in tail.attempts if one.ended_at]
        rows = [row for _, row in tail.rows if row.element is None and row.stage]
        spending = summed((*spent_by(ended, runs), *avoided_by(rows, runs)))
        self._many("add_spending", spending)
        self._many("add_usage", list(usage_of(rows, runs)))
        self._many("add_failing", list(failing_of(ended, runs)))

    def _serve(self, touched: set[str]) -> None:
        """Give the hits among these runs the rows of the runs that they were served from."""
        hits = _json([run for (run,) in self._ask("unserved", {"runs": _json(sorted(touched))})])
        if hits == "[]":
            return
        self._ask("add_served_rows", {"runs": hits})
        served = self._ask("served_avoided", {"runs": hits})
        avoided = [
            spared(day, workflow, stage, model, amount)
            for day, workflow, stage, model, _, amount, _ in served
        ]
        self._many("add_spending", summed(avoided))
        self._many(
            "add_usage",
            [
                (workflow, stage, recipe, "reused", "", 1, at, at)
                for _, workflow, stage, _, recipe, _, at in served
            ],
        )

    def _touched(self, tail: Tail) -> set[str]:
        """The runs whose sums a tail changes."""
        outputs = {one.output for _, one in tail.claims}
        values = {"outputs": _json(sorted(outputs))}
        found = self._ask("runs_with_outputs", values) if outputs else []
        return distinct(
            [
                *(run for (run,) in found),
                *(run.start.run for _, run in tail.runs),
                *(row.run for _, row in tail.rows),
                *(one.run for _, one in tail.attempts),
                *(one.run for _, one in tail.artefacts),
            ]
        )

    def _note_choices(self, tail: Tail, runs: Mapping[str, Mapping[str, str]]) -> None:
        """Keep the values of every column of choices that none are known of beforehand."""
        seen: set[tuple[str, str, str]] = set()
        for place, records in (
            ("run", [run.start for _, run in tail.runs]),
            ("row", [row for _, row in tail.rows]),
            ("citation", [one for _, one in tail.citations]),
            ("attempt", [one for _, one in tail.attempts]),
            ("artefact", [one for _, one in tail.artefacts]),
            ("event", [one for _, one in tail.events]),
        ):
            for name in _CHOSEN[place]:
                seen.update((place, name, value) for value in _values(records, name, runs))
        fresh = [one for one in seen if one[2] and one not in self._choices]
        self._many("add_choice", fresh)
        self._choices.update(fresh)

    def _add(self, table: str, entries: Sequence[Entry]) -> None:
        self._many(f"add_{table}", entries)

    def _many(self, name: str, entries: Sequence[Bindings]) -> None:
        if entries:
            self._connection.executemany(self._sql[name], entries)

    def _ask(self, name: str, values: Bindings) -> list[tuple[Any, ...]]:
        return self._connection.execute(self._sql[name], values).fetchall()


_CHOSEN = {
    table.place: [
        column.name for column in table.columns if column.kind is Kind.CHOICE and not column.choices
    ]
    for table in TABLES.values()
}


def _values(records: Sequence[Any], name: str, runs: Mapping[str, Mapping[str, str]]) -> set[str]:
    if not records:
        return set()
    if name == "error_code":
        return {str(one.error["code"]) for one in records if getattr(one, "error", None)}
    named = _distinct(records, name)
    if name == "workflow":
        named |= {_of(runs, run)["workflow"] for run in _distinct(records, "run")}
    return named


def _distinct(records: Sequence[Any], name: str) -> set[str]:
    """The values that records of one kind have under a name; none where they have no such name."""
    return distinct(set(map(attrgetter(name), records))) if hasattr(records[0], name) else set()


def _of(runs: Mapping[str, Mapping[str, str]], run: str) -> Mapping[str, str]:
    return runs.get(run, _UNKNOWN)


def _numbers(records: Sequence[Numbered[Any]]) -> str:
    return _json([number for number, _ in records])


def _json(values: Sequence[Any]) -> str:
    return orjson.dumps(values).decode()
