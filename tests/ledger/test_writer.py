"""The writing thread: what waits becomes durable at once, and a fault is one commit's own."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import apsw
import pytest

from atelier.kernel.errors import AtelierError, IntegrityError
from atelier.ledger.migrate import current
from atelier.ledger.sqlite import SqliteLedger, _open_to_write
from atelier.ledger.store import Commit
from atelier.ledger.transaction import Transaction
from atelier.ledger.writer import CROWD, GROUP, Writer
from atelier.testing.ledger_samples import ran, start


class Watched:
    """A connection whose statements are counted, and which fails where a test says so."""

    def __init__(self, path: Path) -> None:
        self._inner = _open_to_write(path, current())
        self.commits = 0
        self.fail: dict[str, Exception] = {}

    def execute(self, statements: str, bindings: Any = ()) -> Any:
        self.commits += statements == "commit"
        if statements in self.fail:
            raise self.fail.pop(statements)
        return self._inner.execute(statements, bindings)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@pytest.fixture
def watched(path: Path) -> Watched:
    SqliteLedger.open(path).close()
    return Watched(path)


@pytest.fixture
def writer(watched: Watched, path: Path) -> Iterator[Writer]:
    opened = Writer(lambda: watched, path)  # type: ignore[arg-type, return-value]
    yield opened
    opened.close()


def error(code: int, kind: type[apsw.Error] = apsw.IOError) -> apsw.Error:
    fault = kind("as if the disk said so")
    vars(fault)["extendedresult"] = code
    return fault


def test_commits_that_wait_together_share_one_transaction(writer: Writer, watched: Watched) -> None:
    writer.submit(start("r1")).result()
    done = [writer.submit(Commit(rows=(ran("r1", f"s{n}"),))) for n in range(GROUP)]
    assert [one.result().rows[0].seq for one in done] == list(range(1, GROUP + 1))
    assert watched.commits < GROUP / 4, "most of them waited while the first was synced"


def test_a_patient_commit_waits_a_moment_for_those_that_follow(
    writer: Writer, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atelier.ledger.writer.PATIENCE", 60)
    writer.submit(start("r1")).result()
    watched.commits = 0
    patient = [writer.submit(Commit(rows=(ran("r1", f"s{n}"),), patient=True)) for n in range(2)]
    assert not any(one.done() for one in patient)
    urgent = writer.submit(Commit(rows=(ran("r1", "last"),)))
    assert [one.result().rows[0].seq for one in (*patient, urgent)] == [1, 2, 3]
    assert watched.commits == 1, "whoever does not wait ends the waiting of all"


def test_patience_ends(writer: Writer) -> None:
    writer.submit(start("r1")).result()
    alone = writer.submit(Commit(rows=(ran("r1", "a"),), patient=True))
    assert alone.result(timeout=30).rows[0].seq == 1


def test_where_many_come_at_once_every_commit_waits_for_others(
    writer: Writer, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atelier.ledger.writer.PATIENCE", 0.5)
    begun, gate, execute = Event(), Event(), watched.execute

    def held(statements: str, bindings: Any = ()) -> Any:
        if statements == "commit":
            begun.set()
            assert gate.wait(30)
        return execute(statements, bindings)

    monkeypatch.setattr(watched, "execute", held)
    writer.submit(start("r1"))
    assert begun.wait(30)
    many = [writer.submit(Commit(rows=(ran("r1", f"s{n}"),))) for n in range(CROWD)]
    gate.set()
    for one in many:
        one.result()
    watched.commits = 0
    crowd = [writer.submit(Commit(rows=(ran("r1", f"c{n}"),))) for n in range(3)]
    assert [one.result().rows[0].seq for one in crowd] == [CROWD + 1, CROWD + 2, CROWD + 3]
    assert watched.commits == 1


def test_what_was_patient_together_makes_nobody_wait(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.submit(start("r1")).result()
    for one in [
        writer.submit(Commit(rows=(ran("r1", f"s{n}"),), patient=True)) for n in range(2 * CROWD)
    ]:
        one.result()
    monkeypatch.setattr("atelier.ledger.writer.PATIENCE", 60)
    last = writer.submit(Commit(rows=(ran("r1", "last"),)))
    assert last.result(timeout=20).rows[0].seq == 2 * CROWD + 1


def test_one_bad_commit_of_a_group_fails_alone(writer: Writer) -> None:
    commits = [start("r1"), *(Commit(rows=(ran("r1", f"s{n}"),)) for n in range(9))]
    commits.insert(5, Commit(rows=(ran("nobody", "x"),)))
    commits.insert(8, start("r1"))
    done = [writer.submit(commit) for commit in commits]
    failed = [at for at, one in enumerate(done) if one.exception() is not None]
    assert failed == [5, 8]
    seqs = [row.seq for one in done if not one.exception() for row in one.result().rows]
    assert seqs == list(range(1, 10)), "in the order of submission, without a gap"


def test_a_full_disk_fails_what_does_not_fit_and_the_rest_goes_on(
    writer: Writer, watched: Watched
) -> None:
    writer.submit(start("r1")).result()
    watched.fail["commit"] = error(apsw.SQLITE_FULL, apsw.FullError)
    refused = writer.submit(Commit(rows=(ran("r1", "a"),)))
    fault = refused.exception()
    assert isinstance(fault, AtelierError)
    assert fault.code == "storage.full"
    assert writer.submit(Commit(rows=(ran("r1", "b"),))).result().rows[0].seq == 1


def test_a_group_that_fails_as_a_whole_is_tried_one_by_one(
    writer: Writer, watched: Watched
) -> None:
    first = writer.submit(start("r1"))
    watched.fail["commit"] = error(apsw.SQLITE_FULL, apsw.FullError)
    rest = [writer.submit(Commit(rows=(ran("r1", f"s{n}"),))) for n in range(20)]
    outcomes = [one.exception() for one in (first, *rest)]
    assert sum(one is not None for one in outcomes) <= 1


def test_after_a_failed_sync_nothing_is_written_any_more(writer: Writer, watched: Watched) -> None:
    """The kernel may have dropped the pages: a second sync that succeeds proves nothing."""
    writer.submit(start("r1")).result()
    watched.fail["commit"] = error(apsw.SQLITE_IOERR_FSYNC)
    rows = [writer.submit(Commit(rows=(ran("r1", f"s{n}"),))) for n in range(9)]
    faults = [one.exception() for one in rows]
    assert all(isinstance(fault, IntegrityError) for fault in faults if fault is not None)
    assert faults[-1] is not None
    late = writer.submit(start("r2")).exception()
    assert isinstance(late, IntegrityError)
    assert late.code == "ledger.io"


def test_what_cannot_be_bound_is_one_commits_own_fault(writer: Writer) -> None:
    writer.submit(start("r1")).result()
    odd: Any = Commit(rows=(ran("r1", "a"),), blobs={"sha256:x": object()})  # type: ignore[dict-item]
    fault = writer.submit(odd).exception()
    assert isinstance(fault, IntegrityError)
    assert fault.code == "ledger.unwritable"
    assert writer.submit(Commit(rows=(ran("r1", "b"),))).result().rows[0].seq == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_nobody_waits_for_a_thread_that_broke(watched: Watched, path: Path) -> None:
    writer = Writer(lambda: watched, path)  # type: ignore[arg-type, return-value]
    watched.fail["begin immediate"] = MemoryError()
    for run in ("r1", "r2"):
        fault = writer.submit(start(run)).exception(timeout=10)
        assert isinstance(fault, IntegrityError)
        assert fault.code == "ledger.closed"
    writer.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_nobody_waits_for_a_thread_that_broke_while_it_looked_for_a_fault(
    watched: Watched, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, queued, begun = Event(), Event(), 0

    def transaction(connection: Any) -> Transaction:
        nonlocal begun
        begun += 1
        if begun == 1:
            busy.set()
            queued.wait(10)
        if begun == 3:  # the first part of a group that has a fault in it
            raise RuntimeError
        return Transaction(connection)

    monkeypatch.setattr("atelier.ledger.writer.Transaction", transaction)
    writer = Writer(lambda: watched, path)  # type: ignore[arg-type, return-value]
    before = writer.submit(start("r1"))
    busy.wait(10)
    group = [writer.submit(one) for one in (start("r2"), start("r1"), start("r3"))]
    queued.set()
    assert before.exception(timeout=10) is None
    faults = [one.exception(timeout=10) for one in group]
    assert [isinstance(one, IntegrityError) for one in faults] == [True] * 3
    writer.close()


def test_what_is_submitted_after_the_end_is_refused(watched: Watched, path: Path) -> None:
    writer = Writer(lambda: watched, path)  # type: ignore[arg-type, return-value]
    kept = writer.submit(start("r1"))
    writer.close()
    assert kept.exception() is None, "what was submitted before is waited for"
    fault = writer.submit(start("r2")).exception()
    assert isinstance(fault, IntegrityError)
    assert fault.code == "ledger.closed"
