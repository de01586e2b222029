"""The rules by which a database file of ours is opened."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest

from atelier.kernel.errors import AtelierError, SetupError
from atelier.ledger import connection as rules
from atelier.ledger.connection import (
    Access,
    connect,
    create_file,
    hold,
    let_go,
    require_sound_engine,
    use_wal,
)
from atelier.ledger.queries import queries
from atelier.ledger.sqlite import SqliteLedger
from atelier.testing.ledger_samples import start


@pytest.mark.parametrize("version", ["3.51.3", "3.54.1", "3.50.7", "3.44.6", "4.0.0"])
def test_a_repaired_engine_is_accepted(version: str) -> None:
    require_sound_engine(version)


@pytest.mark.parametrize("version", ["3.40.1", "3.44.5", "3.50.6", "3.51.2", "3.7.0"])
def test_an_engine_that_can_lose_commits_is_refused(version: str) -> None:
    with pytest.raises(SetupError) as refused:
        require_sound_engine(version)
    assert refused.value.facts == {"version": version, "repaired in": "3.51.3"}


def test_a_connection_keeps_the_rules_of_the_house(path: Path) -> None:
    create_file(path)
    connection = connect(path, Access.WRITE)
    use_wal(connection, path)
    found = {
        name: connection.execute(f"pragma {name}").fetchall()
        for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "mmap_size")
    }
    connection.close()
    assert found == {
        "journal_mode": [("wal",)],
        "synchronous": [(2,)],
        "foreign_keys": [(1,)],
        "trusted_schema": [(0,)],
        "mmap_size": [(0,)],
    }


def test_a_statement_is_prepared_once_whatever_it_is_given(
    ledger: SqliteLedger, path: Path
) -> None:
    connection: Any = connect(path, Access.READ)
    told: list[dict[str, Any]] = []
    connection.trace_v2(apsw.SQLITE_TRACE_PROFILE, told.append)
    for key in ("a", "b", "c"):
        assert connection.execute(queries()["find_value"], (key,)).fetchall() == []
    connection.close()
    again = [one["stmt_status"]["SQLITE_STMTSTATUS_REPREPARE"] for one in told]
    assert again == [0, 0, 0]


def test_only_this_user_can_read_the_files(ledger: SqliteLedger, path: Path) -> None:
    ledger.commit(start("r1")).result()
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert modes == {
        "ledger.sqlite": 0o600,
        "ledger.sqlite-shm": 0o600,
        "ledger.sqlite-wal": 0o600,
    }
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError) as refused:
        create_file(tmp_path / "file" / "ledger.sqlite")
    assert refused.value.code == "ledger.unopened"


def test_a_file_that_is_missing_cannot_be_opened(path: Path) -> None:
    with pytest.raises(SetupError) as refused:
        connect(path, Access.READ)
    assert refused.value.code == "ledger.unopened"


def test_a_database_that_cannot_keep_a_log_is_refused() -> None:
    connection = apsw.Connection(":memory:")
    with pytest.raises(SetupError) as refused:
        use_wal(connection, Path("ledger.sqlite"))  # type: ignore[arg-type]
    assert refused.value.code == "ledger.no_wal"


def test_a_lock_that_is_never_given_back_is_reported(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "BUSY_SECONDS", 0.05)
    ledger = SqliteLedger.open(path)
    holder = connect(path, Access.WRITE)
    holder.execute("begin immediate")
    error = ledger.commit(start("r1")).exception()
    assert isinstance(error, AtelierError)
    assert error.code == "ledger.busy"
    assert f"fuser -v {path}" in error.next_step
    holder.execute("rollback")
    ledger.commit(start("r1")).result()
    holder.close()
    ledger.close()


def test_switching_to_a_log_gives_up_on_a_file_in_use(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "BUSY_SECONDS", 0.05)
    create_file(path)
    holder, waiter = connect(path, Access.WRITE), connect(path, Access.WRITE)
    holder.execute("begin exclusive")
    with pytest.raises(AtelierError) as refused:
        use_wal(waiter, path)
    assert refused.value.code == "ledger.busy"
    holder.close()
    waiter.close()


def in_a_fork(action: str, path: Path) -> str:
    """What happens in a child that was forked while the ledger was open."""
    program = f"""
import os, sys
from pathlib import Path
from atelier.kernel.errors import AtelierError
from atelier.ledger.sqlite import SqliteLedger
from atelier.ledger.sqlite_leases import SqliteLeases, this_process
from atelier.testing.ledger_samples import start
path = Path(sys.argv[1])
ledger = SqliteLedger.open(path)
leases = SqliteLeases(path.with_name("leases.sqlite"))
leases.acquire(["k"], this_process())
ledger.commit(start("r1")).result()
if os.fork() == 0:
    try:
        {action}
        print("went on", flush=True)
    except AtelierError as error:
        print(error.code, flush=True)
    os._exit(0)
os.wait()
ledger.commit(start("r2")).result()
ledger.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "action",
    [
        'ledger.commit(start("child"))',
        'ledger.find_run("r1")',
        "SqliteLedger.open(path)",
        "SqliteLedger.open(path, read_only=True)",
        "leases.acquire(['other'], this_process())",
    ],
)
def test_a_forked_child_may_not_use_what_its_parent_opened(path: Path, action: str) -> None:
    assert in_a_fork(action, path) == "ledger.forked"
    ledger = SqliteLedger.open(path)
    assert {run.start.run for run in ledger.iter_runs(limit=9)} == {"r1", "r2"}
    ledger.close()


def test_closing_in_a_forked_child_leaves_the_parent_alone(path: Path) -> None:
    assert in_a_fork("ledger.close(); leases.close()", path) == "went on"
    ledger = SqliteLedger.open(path)
    assert ledger.find_run("r2") is not None
    ledger.close()


def test_a_file_is_let_go_when_its_last_user_closes(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    assert hold(path) == hold(path) == os.getpid()
    let_go(path)
    assert str(path) in rules._holders
    let_go(path)
    let_go(path)
    assert str(path) not in rules._holders
    rules._holders[str(path)] = (1, 1)
    let_go(path)
    assert rules._holders.pop(str(path)) == (1, 1), "another process's note is not ours to change"
