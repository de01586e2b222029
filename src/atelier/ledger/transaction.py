"""One write transaction: commits are applied in the order of submission."""

from collections.abc import Sequence

from atelier.kernel.digest import commitment, digest_bytes, new_salt
from atelier.kernel.record import changed
from atelier.ledger.columns import (
    bindings,
    inputs_of,
    record_from,
    row_from,
    spending,
)
from atelier.ledger.contest import adopt, lost_outputs, over
from atelier.ledger.database import Bindings, Database
from atelier.ledger.invariant import refused
from atelier.ledger.leaf import leaf_content
from atelier.ledger.queries import queries
from atelier.ledger.rows import Attempt, CallRow, Cap, Memo, PacketRecord, Row, RunEnd
from atelier.ledger.store import Commit, Committed, OvertakenError


class Transaction:
    """Takes the write lock and writes commits, until `finish`; a failure needs a rollback.

    Row numbers are taken here: the transaction holds the only write lock, so that they have no
    gap, and a row's commitment can hold its number.
    """

    def __init__(self, connection: Database) -> None:
        self._connection = connection
        connection.execute("begin immediate")
        self._sql = queries()
        self._salts: list[tuple[int, bytes]] = []
        self._inputs: list[tuple[int | str, ...]] = []
        (self._seq,) = connection.execute(self._sql["last_seq"]).fetchone() or (0,)

    def apply(self, commit: Commit) -> Committed:
        """Write one commit; after a failure the whole transaction must be rolled back.

        Raises:
            AtelierError: the commit breaks a rule of the ledger.
            apsw.Error: SQLite refused it.
        """
        if commit.start is not None:
            self._add("add_run", commit.start)
        if commit.blobs:
            self._connection.executemany(self._sql["add_blob"], commit.blobs.items())
        if commit.packet is not None:
            self._add_packet(commit.packet)
        for stage, output in commit.requires.items():
            self._require(commit.rows[-1].run, stage, output)
        rows = tuple(self._add_row(row) for row in commit.rows)
        for attempt in commit.attempts:
            self._add("add_attempt", attempt)
        calls = tuple(self._add_call(call) for call in commit.calls)
        if commit.claims or commit.citations:
            self._add_claims(commit, lost_outputs(commit.rows, rows))
        for judgement in commit.judgements:
            self._add("add_judgement", judgement)
        if commit.artefact is not None:
            self._add("add_artefact", commit.artefact)
        self._add_rest(commit)
        for cap in commit.caps:
            self._hold(cap, commit.attempts)
        return Committed(rows=rows, calls=calls)

    def finish(self) -> None:
        """Make durable what was applied; salts and inputs go in together, which is cheaper."""
        self._connection.executemany(self._sql["add_salt"], self._salts)
        self._connection.executemany(self._sql["add_consumed"], self._inputs)
        self._connection.execute("commit")

    def _require(self, run: str, stage: str, output: str) -> None:
        found = self._connection.execute(self._sql["find_output"], (run, stage)).fetchone()
        if found != (output,):
            raise OvertakenError(run, stage)

    def _hold(self, cap: Cap, attempts: Sequence[Attempt]) -> None:
        name, values = spending(cap)
        (spent,) = self._connection.execute(self._sql[name], values).fetchone() or (0,)
        if spent > cap.limit:
            raise over(cap, int(spent), attempts)

    def _add_call(self, call: CallRow) -> CallRow:
        self._add("add_call", call)
        if self._connection.changes():
            return call
        place: Bindings = {"call": call.call, "draw": call.draw}
        columns = self._connection.execute(self._sql["find_draw"], place).fetchone()
        if columns is None:
            raise refused(f"call {call.call} was not kept")
        return record_from(CallRow, columns)

    def _add_claims(self, commit: Commit, lost: frozenset[str | None]) -> None:
        for claim in commit.claims:
            if claim.output not in lost:
                self._add("add_claim", claim)
        for citation in commit.citations:
            if citation.output not in lost:
                self._add("add_citation", citation)

    def _add_rest(self, commit: Commit) -> None:
        for memo in commit.memos:
            self._add_memo(memo)
        for event in commit.events:
            self._add("add_event", event)
        if commit.end is not None:
            self._add_end(commit.end)

    def _add(self, name: str, record: object) -> None:
        self._connection.execute(self._sql[name], bindings(record))

    def _add_row(self, offered: Row) -> Row:
        row = changed(offered, seq=self._seq + 1)
        inputs = inputs_of(row)
        salt = new_salt()
        values = bindings(row)
        leaf = commitment(salt, leaf_content(values, inputs))
        self._connection.execute(self._sql["add_row"], (*values.values(), leaf))
        if not self._connection.changes():
            return self._add_row(adopt(row, self._winner(row)))
        self._seq = row.seq
        self._salts.append((row.seq, salt))
        self._inputs += [(row.seq, place, *one) for place, one in enumerate(inputs)]
        return row

    def _winner(self, row: Row) -> Row:
        key = {"key": row.key, "draw": row.draw}
        columns = self._connection.execute(self._sql["find_winner"], key).fetchone()
        if columns is None:
            raise refused(f"the row of key {row.key} was not kept")
        return row_from(columns, ())

    def _add_packet(self, packet: PacketRecord) -> None:
        self._add("add_packet", packet)
        slices = [
            (packet.packet, place, name, digest)
            for place, (name, digest) in enumerate(packet.slices.items())
        ]
        self._connection.executemany(self._sql["add_packet_slice"], slices)

    def _add_memo(self, memo: Memo) -> None:
        values = {**bindings(memo), "digest": digest_bytes(memo.data)}
        self._connection.execute(self._sql["add_memo"], values)

    def _add_end(self, end: RunEnd) -> None:
        self._add("add_run_end", end)
        if not self._connection.changes():
            raise refused(f"run {end.run} ends before it has begun")
