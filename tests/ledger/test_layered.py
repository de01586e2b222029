"""A ledger over another: what is known is found in both, what happened is the upper one's own."""

from dataclasses import replace

import pytest

from atelier.kernel.digest import digest, digest_bytes
from atelier.ledger.layered import BROUGHT, LayeredLedger
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.rows import Cap, Memo, Outcome, PacketRecord, RunStatus
from atelier.ledger.store import Commit, LedgerStore
from atelier.testing import LedgerContract
from atelier.testing.ledger_samples import add, attempt, call, citation, claim, ended, ran, start


class TestLayeredOverNothing(LedgerContract):
    @pytest.fixture
    def ledger(self) -> LedgerStore:
        return LayeredLedger(MemoryLedger(), MemoryLedger())


@pytest.fixture
def lower() -> MemoryLedger:
    ledger = MemoryLedger()
    filler = ran("r0", "other")
    add(ledger, start("r0"), Commit(rows=(filler, filler, filler)))
    row = replace(ran("r1", "a", key="k"), original=70, components="c")
    add(ledger, start("r1"), Commit(rows=(row,)), ended("r1"))
    return ledger


def test_a_value_is_brought_up_with_its_run_and_numbered_anew(lower: MemoryLedger) -> None:
    upper = MemoryLedger()
    ledger = LayeredLedger(upper, lower)
    add(ledger, start("s1"), Commit(rows=(ran("s1", "first"),)))
    row = ledger.find_values(["k", "unknown"])["k"]
    assert (row.seq, row.run, row.original) == (2, "r1", 70)
    assert lower.find_values(["k"])["k"].seq == 4
    reused = replace(row, run="s1", outcome=Outcome.REUSED, served_from=row.seq)
    (kept,) = add(ledger, Commit(rows=(reused,)))
    assert kept.served_from == 2
    assert upper.find_row(2) == row
    brought = upper.find_run("r1")
    assert brought is not None
    assert (brought.start.namespace, brought.status) == (BROUGHT, RunStatus.COMPLETE)
    assert upper.find_served("run-key") is None
    assert ledger.find_served("run-key") is None, "no run of the lower one is served whole"
    assert ledger.find_values(["k"])["k"].seq == 2, "it is brought once"
    assert lower.find_row(5) is None


def test_a_value_of_a_run_that_goes_on_is_brought_with_the_run_as_it_stands(
    lower: MemoryLedger,
) -> None:
    add(lower, start("r2"), Commit(rows=(ran("r2", "b", key="k2"),)))
    upper = MemoryLedger()
    assert LayeredLedger(upper, lower).find_values(["k2"])["k2"].run == "r2"
    brought = upper.find_run("r2")
    assert brought is not None
    assert (brought.status, brought.ended_at) == (RunStatus.RUNNING, None)


def test_a_value_of_its_own_comes_before_the_lower_one(lower: MemoryLedger) -> None:
    ledger = LayeredLedger(MemoryLedger(), lower)
    own = ran("s1", "a", key="k", output=digest("own"))
    add(ledger, start("s1"), Commit(rows=(own,)))
    assert ledger.find_values(["k"])["k"].output == digest("own")


def test_what_is_known_by_content_is_found_in_both(lower: MemoryLedger) -> None:
    output, data = digest("grounded"), b"right"
    answered = call("r1", answer=digest("answer"))
    record = PacketRecord(packet="p", manifest="m", origins="o", run="r1", slices={"a": "s"})
    add(
        lower,
        Commit(
            packet=record,
            attempts=(attempt("r1"),),
            calls=(answered,),
            blobs={digest_bytes(data): data},
            memos=(Memo(kind="lens", key="k", data=b"1"),),
            claims=(claim(output, "c", 0),),
            citations=(citation(output, "c", 0, element="e"),),
        ),
    )
    ledger = LayeredLedger(MemoryLedger(), lower)
    assert ledger.find_calls([answered.call]) == {answered.call: answered}
    assert ledger.find_packet("p") == record
    assert ledger.find_packets_of_slice("s") == [record]
    assert list(ledger.iter_slices()) == ["s"]
    assert ledger.find_blob(digest_bytes(data)) == data
    assert ledger.find_memo("lens", "k") == b"1"
    assert [one.claim for one in ledger.iter_claims(output)] == ["c"]
    assert len(list(ledger.iter_citations(output))) == len(list(ledger.iter_citing("e"))) == 1
    assert [one.seq for one in ledger.find_candidates(["a"], workflow="w", limit=9)] == [4]
    assert [one.seq for one in ledger.find_precedents(["a"], parameters={}, limit=9)] == [4]


def test_what_happened_below_is_not_its_own(lower: MemoryLedger) -> None:
    add(lower, Commit(attempts=(attempt("r1"),)))
    ledger = LayeredLedger(MemoryLedger(), lower)
    assert list(ledger.iter_runs(limit=9)) == []
    assert ledger.find_row(4) is None
    assert ledger.find_open_attempts([attempt("r1").call]) == {}, "not ours to end"
    assert ledger.find_attempts(attempt("r1").request) == []
    assert ledger.spent(Cap(limit=1, what="all", workflow="w")) == 0
