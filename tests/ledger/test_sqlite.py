"""The ledger on SQLite, where it is more than the contract."""

import gc
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from atelier.kernel.errors import AtelierError, IntegrityError, SetupError
from atelier.ledger.connection import Access, connect
from atelier.ledger.rows import Event, Memo, PacketRecord
from atelier.ledger.sqlite import SqliteLedger
from atelier.ledger.store import Commit
from atelier.ledger.tail import Position
from atelier.testing.ledger_samples import (
    NOW,
    add,
    artefact,
    attempt,
    citation,
    claim,
    ended,
    ran,
    reads,
    start,
)

CP = shutil.which("cp") or "/bin/cp"
TABLES = "run run_end row consumed packet packet_slice claim citation attempt artefact event"


def edit(path: Path, sql: str) -> None:
    connection = connect(path, Access.WRITE)
    try:
        for _ in connection.execute(sql):
            pass
    finally:
        connection.close()


def test_what_is_closed_is_read_again_by_another_process(path: Path) -> None:
    ledger = SqliteLedger.open(path)
    [kept] = add(ledger, start("r1"), Commit(rows=(ran("r1", "a", key="k"),)), ended("r1"))
    ledger.close()
    again = SqliteLedger.open(path)
    assert again.find_values(["k"]) == {"k": kept}
    assert [row.seq for row in add(again, Commit(rows=(ran("r1", "b"),)))] == [2]
    again.close()


def test_a_ledger_that_is_dropped_is_closed(path: Path) -> None:
    ledger = SqliteLedger.open(path)
    ledger.commit(start("r1"))
    del ledger
    gc.collect()
    assert not path.with_name("ledger.sqlite-wal").exists(), "the last one out folds the log in"


def test_a_ledger_that_was_read_too_is_whole_in_its_file_once_closed(path: Path) -> None:
    ledger = SqliteLedger.open(path)
    add(ledger, start("r1"))
    assert ledger.find_run("r1") is not None
    ledger.close()
    assert not path.with_name("ledger.sqlite-wal").exists(), "a copy of the file has everything"


def test_what_was_submitted_is_kept_when_the_interpreter_ends(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from atelier.ledger.sqlite import SqliteLedger;"
        "from atelier.testing.ledger_samples import start;"
        "ledger = SqliteLedger.open(Path(sys.argv[1]));"
        "[ledger.commit(start(f'r{n}')) for n in range(50)]"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)
    ledger = SqliteLedger.open(path)
    assert len(list(ledger.iter_runs(limit=99))) == 50
    ledger.close()


@pytest.mark.parametrize("table", TABLES.split())
def test_rows_are_never_edited_or_deleted(ledger: SqliteLedger, path: Path, table: str) -> None:
    fill(ledger)
    for sql in EDITS:
        with pytest.raises(apsw.ConstraintError, match="never"):
            edit(path, sql.format(table=table, column=COLUMNS.get(table, "run")))


EDITS = (
    "delete from {table}",
    "update {table} set {column} = {column}",
    "insert or replace into {table} select * from {table}",
)
COLUMNS = {
    "run_end": "status",
    "consumed": "digest",
    "packet_slice": "digest",
    "claim": "text",
    "citation": "quote",
}


def fill(ledger: SqliteLedger) -> None:
    """A row in every table that keeps what happened."""
    done = replace(attempt("r1"), ended_at=NOW)
    packet = PacketRecord(packet="p", manifest="m", origins="o", run="r1", slices={"s": "d"})
    event = Event(kind="k", subject="s", detail="d", recorded_at=NOW)
    row = replace(ran("r1", "a", key="k"), consumed=(reads("b", "w"),))
    commit = Commit(
        rows=(row,),
        attempts=(done,),
        packet=packet,
        events=(event,),
        claims=(claim(row.output or "", "c", 0),),
        citations=(citation(row.output or "", "c", 0),),
    )
    add(ledger, start("r1"), commit, artefact("r1", "a.md", "a"), ended("r1"))


def test_a_salt_is_destroyed_or_kept_but_never_edited(ledger: SqliteLedger, path: Path) -> None:
    fill(ledger)
    with pytest.raises(apsw.ConstraintError, match="never edited"):
        edit(path, "update salt set salt = zeroblob(32)")
    edit(path, "delete from salt")
    assert ledger.find_row(1) is not None, "the row stands without it"


def test_damaged_memo_data_is_a_miss(ledger: SqliteLedger, path: Path) -> None:
    add(ledger, Commit(memos=(Memo(kind="lens", key="k", data=b"right"),)))
    assert ledger.find_memo("lens", "k") == b"right"
    edit(path, "update memo set data = x'00'")
    assert ledger.find_memo("lens", "k") is None


# Reading only


def test_a_reader_needs_a_ledger(path: Path) -> None:
    with pytest.raises(SetupError) as refused:
        SqliteLedger.open(path, read_only=True)
    assert refused.value.code == "ledger.missing"
    assert not path.parent.exists(), "a reader makes nothing"
    path.parent.mkdir()
    path.touch()
    with pytest.raises(SetupError) as refused:
        SqliteLedger.open(path, read_only=True)
    assert refused.value.code == "ledger.missing"


def test_a_reader_sees_what_a_writer_commits_and_writes_nothing(
    ledger: SqliteLedger, path: Path
) -> None:
    reader = SqliteLedger.open(path, read_only=True)
    assert reader.find_run("r1") is None
    add(ledger, start("r1"))
    assert reader.find_run("r1") is not None
    with pytest.raises(SetupError) as refused:
        reader.commit(start("r2"))
    assert refused.value.code == "ledger.read_only"
    reader.close()


AS_NOBODY = """
import os, sys
from pathlib import Path
from atelier.kernel.errors import AtelierError
from atelier.ledger.migrate import current
from atelier.ledger.queries import queries
from atelier.ledger.sqlite import SqliteLedger
queries(), current(), "x".encode("idna")
if os.getuid() == 0:
    os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)
try:
    ledger = SqliteLedger.open(Path(sys.argv[1]), read_only=sys.argv[2] == "read")
    print(ledger.find_run("r1") is not None)
    ledger.close()
except AtelierError as error:
    print(error.code)
"""


def as_nobody(path: Path, mode: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(path), mode],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that everybody may enter."""
    folder = tmp_path_factory.mktemp("shared")
    for part in (folder, *folder.parents):
        if part.owner() == folder.owner() and part != Path("/"):
            part.chmod(part.stat().st_mode | 0o111)
    return folder


def test_reading_works_where_nothing_can_be_written(shared: Path) -> None:
    path = shared / "ledger.sqlite"
    ledger = SqliteLedger.open(path)
    add(ledger, start("r1"))
    ledger.close()
    path.chmod(0o444)
    shared.chmod(0o555)
    assert as_nobody(path, "read") == "True"
    assert as_nobody(path, "write") == "ledger.unopened"
    assert [file.name for file in shared.iterdir()] == ["ledger.sqlite"]
    shared.chmod(0o755)


def test_a_log_that_cannot_be_read_is_not_passed_over(shared: Path) -> None:
    """Frozen, the file would be read without what waits in the log."""
    path = shared / "ledger.sqlite"
    ledger = SqliteLedger.open(path)
    add(ledger, start("r1"))
    copy = shared / "copy"
    copy.mkdir()
    for name in ("ledger.sqlite", "ledger.sqlite-wal"):
        subprocess.run([CP, str(shared / name), str(copy / name)], check=True)
        (copy / name).chmod(0o444)
    ledger.close()
    copy.chmod(0o555)
    assert as_nobody(copy / "ledger.sqlite", "read") == "ledger.unopened"
    copy.chmod(0o755)


# Threads


@pytest.mark.parametrize("instead", [None, b"", b"another"])
def test_who_follows_a_ledger_is_told_that_its_file_is_gone(
    path: Path, instead: bytes | None
) -> None:
    ledger = SqliteLedger.open(path)
    add(ledger, start("r1"))
    assert ledger.read_tail(Position(), limit=9).size == 1
    kept = path.rename(path.with_name("kept"))
    if instead is not None:
        path.write_bytes(instead)
    with pytest.raises(SetupError, match=r"ledger\.gone"):
        ledger.read_tail(Position(), limit=9)
    kept.rename(path)
    assert ledger.read_tail(Position(), limit=9).size == 1
    ledger.close()


def test_a_reading_connection_goes_with_its_thread(ledger: SqliteLedger) -> None:
    add(ledger, start("r1"))

    def look() -> None:
        assert ledger.find_run("r1") is not None

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gc.collect()
    assert len(ledger._readers._connections._open) == 0
    look()
    look()
    assert len(ledger._readers._connections._open) == 1


def test_a_closed_ledger_answers_no_questions(ledger: SqliteLedger) -> None:
    add(ledger, start("r1"))
    assert ledger.find_run("r1") is not None
    ledger.close()
    failures: list[AtelierError] = []

    def look() -> None:
        with pytest.raises(IntegrityError) as refused:
            ledger.find_run("r1")
        failures.append(refused.value)

    look()
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert [error.code for error in failures] == ["ledger.closed", "ledger.closed"]


def test_the_same_file_can_be_open_twice_in_one_process(ledger: SqliteLedger, path: Path) -> None:
    other = SqliteLedger.open(path)
    add(ledger, start("r1"), Commit(rows=(ran("r1", "a", key="k"),)))
    [row] = add(other, Commit(rows=(ran("r1", "a", key="k", output="other"),)))
    assert row.served_from == 1
    other.close()
    add(ledger, start("r2"))
    assert os.path.exists(path)  # noqa: PTH110 - the plainest question
