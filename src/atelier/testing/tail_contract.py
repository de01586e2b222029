"""What every ledger promises to a reader that follows it."""

# ruff: noqa: D102 - the name of a test is what it claims

from dataclasses import replace

from atelier.ledger.rows import Event, PacketRecord, RunStatus
from atelier.ledger.store import Commit, LedgerStore
from atelier.ledger.tail import TABLES, Position
from atelier.testing.ledger_samples import (
    NOW,
    add,
    artefact,
    attempt,
    call,
    citation,
    claim,
    ended,
    judgement,
    ran,
    reads,
    start,
)

LIMIT = 100


class TailContract:
    """What came after a position, in order, and what has ended since."""

    def test_the_tail_holds_every_table_once_and_in_order(self, ledger: LedgerStore) -> None:
        row = replace(ran("r1", "g", key="k"), consumed=(reads("draft", "d"),))
        output = row.output or ""
        packet = PacketRecord(packet="p", manifest="m", origins="o", run="r1", slices={"z": "s"})
        add(
            ledger,
            start("r1"),
            Commit(packet=packet),
            Commit(attempts=(attempt("r1"),), calls=(call("r1", answer="a"),)),
            Commit(
                rows=(row, ran("r1", "h")),
                claims=(claim(output, "c1", 0), claim(output, "c2", 1)),
                citations=(citation(output, "c1", 0),),
                events=(Event(kind="damage", subject="b", detail="", recorded_at=NOW),),
                judgements=(judgement(output, "c1", 0),),
            ),
            artefact("r1", "a.md", "one"),
        )
        tail = ledger.read_tail(Position(), limit=LIMIT)
        assert [(number, run.start.run) for number, run in tail.runs] == [(1, "r1")]
        assert [(seq, found.stage, found.consumed) for seq, found in tail.rows] == [
            (1, "g", ()),
            (2, "h", ()),
        ]
        assert tail.packets == [(1, packet)]
        assert [(number, found.claim) for number, found in tail.claims] == [(1, "c1"), (2, "c2")]
        assert tail.citations == [(1, citation(output, "c1", 0))]
        assert tail.attempts == [(1, attempt("r1"))]
        assert tail.calls == [(1, call("r1", answer="a"))]
        assert [(seq, found.path) for seq, found in tail.artefacts] == [(1, "a.md")]
        assert [(seq, found.kind) for seq, found in tail.events] == [(1, "damage")]
        assert tail.judgements == [(1, replace(judgement(output, "c1", 0), seq=1))]
        assert (tail.size, tail.more, tail.continues) == (12, False, True)
        assert ledger.read_tail(tail.position, limit=LIMIT).size == 0

    def test_a_tail_is_cut_at_its_limit_and_goes_on_there(self, ledger: LedgerStore) -> None:
        add(ledger, start("r1"), Commit(rows=tuple(ran("r1", f"s{at}") for at in range(5))))
        seen: list[int] = []
        position, more = Position(), True
        while more:
            tail = ledger.read_tail(position, limit=2)
            seen += [seq for seq, _ in tail.rows]
            assert all(len(getattr(tail, table)) <= 2 for table in TABLES)
            position, more = tail.position, tail.more
        assert seen == [1, 2, 3, 4, 5]

    def test_what_a_record_names_has_come_before_it(self, ledger: LedgerStore) -> None:
        row = ran("r3", "s", key="k")
        found = Commit(rows=(row,), claims=(claim(row.output or "", "c", 0),))
        add(ledger, start("r1"), start("r2"), start("r3"), found, start("r4"))
        tails = [ledger.read_tail(Position(), limit=2)]
        while tails[-1].more:
            tails.append(ledger.read_tail(tails[-1].position, limit=2))
        numbers = [([n for n, _ in t.runs], len(t.rows), len(t.claims)) for t in tails]
        assert numbers == [([1, 2], 0, 0), ([3, 4], 0, 0), ([], 1, 1)]

    def test_what_was_open_comes_again_once_it_has_ended(self, ledger: LedgerStore) -> None:
        add(ledger, start("r1"), start("r2"), Commit(attempts=(attempt("r1"),)))
        first = ledger.read_tail(Position(), limit=LIMIT)
        assert (first.position.open_runs, first.position.open_attempts) == ((1, 2), (1,))
        add(ledger, Commit(attempts=(replace(attempt("r1"), outcome="received", response="x"),)))
        assert ledger.read_tail(first.position, limit=LIMIT).size == 0
        done = replace(attempt("r1"), outcome="answered", response="x", ended_at=NOW)
        add(ledger, Commit(attempts=(done,)), ended("r1"), start("r3"))
        second = ledger.read_tail(first.position, limit=LIMIT)
        assert [(number, run.status) for number, run in second.runs] == [
            (1, RunStatus.COMPLETE),
            (3, RunStatus.RUNNING),
        ]
        assert second.attempts == [(1, done)]
        assert (second.position.open_runs, second.position.open_attempts) == ((2, 3), ())
        assert ledger.read_tail(second.position, limit=LIMIT).size == 0

    def test_a_position_of_another_ledger_is_told(self, ledger: LedgerStore) -> None:
        add(ledger, start("r1"), Commit(rows=(ran("r1", "s"),)))
        position = ledger.read_tail(Position(), limit=LIMIT).position
        for other in (
            replace(position, last_run="another"),
            replace(position, last_row="another"),
            replace(position, rows=9),
        ):
            tail = ledger.read_tail(other, limit=LIMIT)
            assert (tail.continues, tail.size, tail.position) == (False, 0, other)
