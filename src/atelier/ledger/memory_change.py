"""A commit to the ledger in memory: everything is checked before anything is changed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from atelier.kernel.digest import digest_bytes
from atelier.ledger.columns import bindings, inputs_of
from atelier.ledger.contest import adopt, claims_value, lost_outputs, over
from atelier.ledger.invariant import (
    refused,
    require_attempt,
    require_citation,
    require_judgement,
    require_row,
)
from atelier.ledger.leaf import leaf_content
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
    RunStart,
)
from atelier.ledger.store import Commit, Committed, OvertakenError


class Tables:
    """What the ledger in memory holds; dictionaries keep the order of insertion."""

    def __init__(self) -> None:
        self.starts: dict[str, RunStart] = {}
        self.ends: dict[str, RunEnd] = {}
        self.rows: list[Row] = []
        self.values: dict[tuple[str | None, int], Row] = {}
        self.packets: dict[tuple[str, str, str], PacketRecord] = {}
        self.claims: dict[tuple[str, str, int], ClaimRow] = {}
        self.citations: dict[tuple[str, str, int], CitationRow] = {}
        self.judgements: list[JudgementRow] = []
        self.attempts: dict[str, Attempt] = {}
        self.calls: dict[tuple[str, int], CallRow] = {}
        self.artefacts: list[ArtefactRow] = []
        self.events: list[Event] = []
        self.blobs: dict[str, bytes] = {}
        self.memos: dict[tuple[str, str], bytes] = {}


class Change:
    """What one commit adds to the tables."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._values: dict[tuple[str | None, int], Row] = {}
        self._attempts: dict[str, Attempt] = {}

    def apply(self, commit: Commit) -> Committed:
        """Add a commit, whole.

        Raises:
            IntegrityError: it breaks a rule; the tables are as they were.
            OvertakenError: it rests on a value that is not the run's.
            BudgetError: a cap would be exceeded.
        """
        offered = commit.calls
        commit = replace(commit, calls=self._first(offered))
        self._require_runs(commit)
        self._require_outputs(commit)
        rows = self._rows(commit)
        for attempt in commit.attempts:
            known = self._attempts.get(attempt.id, self._tables.attempts.get(attempt.id))
            require_attempt(attempt, known)
            self._attempts[attempt.id] = attempt if known is None else _updated(known, attempt)
        for citation in commit.citations:
            require_citation(citation)
        self._require_claims(commit, lost_outputs(commit.rows, rows))
        for call in self._new_calls(commit):
            if call.attempt not in {**self._tables.attempts, **self._attempts}:
                raise refused(f"attempt {call.attempt} was never made")
        self._hold(commit)
        self._add(commit, rows)
        calls = [self._tables.calls.setdefault((call.call, call.draw), call) for call in offered]
        return Committed(rows=tuple(rows), calls=tuple(calls))

    def _first(self, calls: Iterable[CallRow]) -> tuple[CallRow, ...]:
        """The calls that have no answer yet: of one that comes second nothing is kept or judged."""
        first: dict[tuple[str, int], CallRow] = {}
        for call in calls:
            first.setdefault((call.call, call.draw), call)
        return tuple(call for place, call in first.items() if place not in self._tables.calls)

    def _require_runs(self, commit: Commit) -> None:
        """Everything belongs to a run that has begun, and a run begins and ends once."""
        begun = set(self._tables.starts)
        if commit.start is not None:
            if commit.start.run in begun:
                raise refused(f"run {commit.start.run} begins twice")
            begun.add(commit.start.run)
        packet = commit.packet
        if packet is not None and _place(packet) not in self._tables.packets:
            _require(packet.run, begun)
        for run in (*_runs_of(commit), *(call.run for call in self._new_calls(commit))):
            _require(run, begun)
        if commit.end is not None and commit.end.run in self._tables.ends:
            raise refused(f"run {commit.end.run} ends twice")

    def _new_calls(self, commit: Commit) -> list[CallRow]:
        return [one for one in commit.calls if (one.call, one.draw) not in self._tables.calls]

    def _require_outputs(self, commit: Commit) -> None:
        for stage, output in commit.requires.items():
            run = commit.rows[-1].run
            gave = [
                row.output
                for row in self._tables.rows
                if (row.run, row.stage, row.element) == (run, stage, None)
            ]
            if gave != [output]:
                raise OvertakenError(run, stage)

    def _require_claims(self, commit: Commit, lost: frozenset[str | None]) -> None:
        """People judge claims that the ledger holds."""
        new = {(one.output, one.claim, one.ordinal) for one in commit.claims}
        kept = {place for place in new if place[0] not in lost} | self._tables.claims.keys()
        for judgement in commit.judgements:
            require_judgement(judgement)
            if (judgement.output, judgement.claim, judgement.ordinal) not in kept:
                raise refused(f"claim {judgement.claim} is none of {judgement.output}")

    def _hold(self, commit: Commit) -> None:
        now = {**self._tables.attempts, **self._attempts}.values()
        begun = {
            **self._tables.starts,
            **({commit.start.run: commit.start} if commit.start else {}),
        }
        for cap in commit.caps:
            found = spent(begun, cap, now)
            if found > cap.limit:
                raise over(cap, found, commit.attempts)

    def _rows(self, commit: Commit) -> list[Row]:
        rows: list[Row] = []
        for seq, offered in enumerate(commit.rows, len(self._tables.rows) + 1):
            row = replace(offered, seq=seq)
            require_row(row)
            leaf_content(bindings(row), inputs_of(row))  # refuses what is not JSON
            if claims_value(row):
                place = row.key, row.draw
                winner = self._values.get(place, self._tables.values.get(place))
                if winner is None:
                    self._values[place] = row
                else:
                    row = adopt(row, winner)
            rows.append(row)
        return rows

    def _add(self, commit: Commit, rows: list[Row]) -> None:
        tables = self._tables
        if commit.start is not None:
            tables.starts[commit.start.run] = commit.start
        if commit.end is not None:
            tables.ends[commit.end.run] = commit.end
        tables.rows += rows
        tables.values |= self._values
        tables.attempts |= self._attempts
        self._add_content(commit)
        lost = lost_outputs(commit.rows, rows)
        for claim in commit.claims:
            if claim.output not in lost:
                tables.claims.setdefault((claim.output, claim.claim, claim.ordinal), claim)
        for citation in commit.citations:
            if citation.output not in lost:
                place = citation.output, citation.claim, citation.ordinal
                tables.citations.setdefault(place, citation)
        for judgement in commit.judgements:
            tables.judgements.append(replace(judgement, seq=len(tables.judgements) + 1))
        if commit.artefact is not None:
            seq = len(tables.artefacts) + 1
            tables.artefacts.append(replace(commit.artefact, seq=seq))
        for event in commit.events:
            tables.events.append(replace(event, seq=len(tables.events) + 1))

    def _add_content(self, commit: Commit) -> None:
        for digest, data in commit.blobs.items():
            known = self._tables.blobs.get(digest, data)
            if known == data or digest_bytes(data) == digest:
                self._tables.blobs[digest] = data
        for memo in commit.memos:
            self._tables.memos[memo.kind, memo.key] = memo.data
        packet = commit.packet
        if packet is not None:
            self._tables.packets.setdefault(_place(packet), packet)


def spent(begun: Mapping[str, RunStart], cap: Cap, attempts: Iterable[Attempt]) -> int:
    """What these attempts, of runs that have begun, count against a cap."""

    def counts(attempt: Attempt) -> bool:
        if cap.run is not None:
            return attempt.run == cap.run and cap.model_class in {None, attempt.model_class}
        workflow = begun[attempt.run].workflow
        return workflow == cap.workflow and attempt.sent_at >= cap.since

    amounts = [
        attempt.reserved if attempt.incurred is None else attempt.incurred
        for attempt in attempts
        if counts(attempt)
    ]
    return sum(amount or 0 for amount in amounts)


def _require(run: str, begun: set[str]) -> None:
    if run not in begun:
        raise refused(f"run {run} has not begun")


def _place(packet: PacketRecord) -> tuple[str, str, str]:
    """What makes a packet's record one: the same found at the same places is not kept twice."""
    return packet.packet, packet.manifest, packet.origins


def _runs_of(commit: Commit) -> Iterable[str]:
    """Every run that a commit names as one that has begun."""
    yield from (row.run for row in commit.rows)
    yield from (attempt.run for attempt in commit.attempts)
    if commit.artefact is not None:
        yield commit.artefact.run
    if commit.end is not None:
        yield commit.end.run
        if commit.end.served_from is not None:
            yield commit.end.served_from


def _updated(known: Attempt, attempt: Attempt) -> Attempt:
    """What is known of an attempt now: its intent stays as it was."""
    return replace(
        attempt,
        number=known.number,
        model_class=known.model_class,
        model_requested=known.model_requested,
        sent_at=known.sent_at,
        element=known.element,
        reserved=known.reserved,
    )
