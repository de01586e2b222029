"""The schema's versions: created, checked, migrated after a backup, or refused."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from atelier.kernel.errors import AtelierError, IntegrityError, SetupError
from atelier.ledger.migrate import APPLICATION, Schema, current, schema_digest
from atelier.ledger.queries import read_sql
from atelier.ledger.sqlite import SqliteLedger
from atelier.ledger.store import Commit
from atelier.testing.ledger_samples import add, judgement, start

STEP = "create table note (text text not null) strict;"


def run_sql(path: Path, *statements: str) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(path))
    rows = [row for sql in statements for row in connection.execute(sql)]
    connection.close()
    return rows


NOW = current().version


def next_schema(step: str = STEP) -> Schema:
    """The schema of a version to come that has one table more."""
    connection = apsw.Connection(":memory:")
    for _ in connection.execute(current().ddl + STEP + f"pragma user_version = {NOW + 1}"):
        pass
    found = schema_digest(connection)  # type: ignore[arg-type]
    connection.close()
    steps = {**current().steps, NOW: step}
    return replace(current(), version=NOW + 1, digest=found, steps=steps)


def refusal(path: Path, *, schema: Schema | None = None, read_only: bool = False) -> AtelierError:
    with pytest.raises(AtelierError) as refused:
        SqliteLedger.open(path, schema=schema, read_only=read_only)
    return refused.value


def test_the_digest_is_that_of_the_schema() -> None:
    connection = apsw.Connection(":memory:")
    for _ in connection.execute(read_sql("schema.sql")):
        pass
    assert schema_digest(connection) == current().digest, (  # type: ignore[arg-type]
        "a change of the schema takes a new version and a step to it"
    )
    assert list(connection.execute("pragma application_id")) == [(APPLICATION,)]
    assert list(connection.execute("pragma user_version")) == [(current().version,)]


def test_a_new_file_gets_the_newest_schema(ledger: SqliteLedger, path: Path) -> None:
    assert run_sql(path, "pragma application_id", "pragma user_version", "pragma journal_mode") == [
        (APPLICATION,),
        (NOW,),
        ("wal",),
    ]


def test_an_older_ledger_is_migrated_after_a_backup(path: Path) -> None:
    ledger = SqliteLedger.open(path)
    add(ledger, start("r1"))
    ledger.close()
    newer = SqliteLedger.open(path, schema=next_schema())
    assert newer.find_run("r1") is not None
    newer.close()
    assert run_sql(path, "pragma user_version", "select count(*) from note") == [(NOW + 1,), (0,)]
    backup = path.with_name(f"ledger.sqlite.v{NOW}.backup")
    assert backup.stat().st_mode & 0o777 == 0o600
    kept = SqliteLedger.open(backup)
    assert kept.find_run("r1") is not None, "the backup is a whole ledger of the old version"
    kept.close()
    again = SqliteLedger.open(path, schema=next_schema())
    again.close()


def test_a_migration_that_fails_leaves_the_ledger_as_it_was(path: Path) -> None:
    SqliteLedger.open(path).close()
    broken = next_schema(STEP + "create table nonsense (")
    assert refusal(path, schema=broken).code == "ledger.unwritable"
    wrong = next_schema("create table other (a text) strict;")
    assert refusal(path, schema=wrong).code == "ledger.schema"
    ledger = SqliteLedger.open(path)
    add(ledger, start("r1"))
    ledger.close()


def test_a_newer_ledger_is_refused_and_both_numbers_are_named(path: Path) -> None:
    SqliteLedger.open(path, schema=None).close()
    run_sql(path, "pragma user_version = 77")
    for read_only in (False, True):
        error = refusal(path, read_only=read_only)
        assert isinstance(error, SetupError)
        assert error.code == "ledger.newer"
        assert (error.facts["its schema"], error.facts["this program's"]) == ("77", str(NOW))
        assert "pip install" in error.next_step


def test_an_older_ledger_is_not_migrated_by_a_reader(path: Path) -> None:
    SqliteLedger.open(path).close()
    error = refusal(path, schema=next_schema(), read_only=True)
    assert error.code == "ledger.older"
    assert run_sql(path, "pragma user_version") == [(NOW,)]


OLDEST = Path(__file__).parents[1] / "golden" / "ledger-1.sql"
OF_VERSION_1 = """
insert into run values (1, 'r1', 'w', 'default', 'p', 'k', 't', '', 'production', '{}', null, '', '{}');
insert into attempt (
  id, run, stage, call, attempt, request, model_requested, sent_at, reserved, outcome, response,
  input_tokens, output_tokens, ended_at
) values
  ('a1', 'r1', 'draft', 'c', 1, 'q', 'm', 't1', 9, 'answered', 'a', 7, 3, 't2'),
  ('a2', 'r1', 'draft', 'c', 2, 'q', 'm', 't3', 9, 'intent', null, null, null, null);
"""


def test_a_ledger_of_version_1_keeps_its_attempts(path: Path) -> None:
    path.parent.mkdir()
    run_sql(path, OLDEST.read_text(encoding="utf-8"), OF_VERSION_1)
    ledger = SqliteLedger.open(path)
    first, second = ledger.iter_attempts("r1")
    assert (first.id, first.outcome, first.input_tokens, first.ended_at) == (
        "a1",
        "answered",
        7,
        "t2",
    )
    assert (second.id, second.reserved, second.model_class) == ("a2", 9, "")
    assert ledger.find_open_attempts(["c"]) == {"c": [second]}
    error = ledger.commit(Commit(attempts=(replace(first, incurred=1),))).exception()
    assert isinstance(error, IntegrityError), "an attempt that has ended is never edited"
    ledger.close()
    assert path.with_name("ledger.sqlite.v1.backup").exists()


OF_VERSION_2 = """
insert into run values (1, 'r1', 'w', 'default', 'p', 'k', 't', '', 'production', '{}', null, '', '{}');
insert into claim values (1, 'o', 'c', 0, 'I slept.', 'fact', 'unsupported', 'f', 'rule', '[]');
"""


def test_a_ledger_of_version_2_keeps_its_claims_and_takes_judgements(path: Path) -> None:
    path.parent.mkdir()
    golden = OLDEST.with_name("ledger-2.sql").read_text(encoding="utf-8")
    run_sql(path, golden, OF_VERSION_2)
    ledger = SqliteLedger.open(path)
    (claim,) = ledger.iter_claims("o")
    assert claim.verdict == "unsupported"
    add(ledger, Commit(judgements=(judgement("o", "c", 0),)))
    assert [one.who for one in ledger.iter_judgements("o")] == ["ruth"]
    ledger.close()
    assert path.with_name("ledger.sqlite.v2.backup").exists()


def test_a_file_of_somebody_else_is_refused(path: Path) -> None:
    path.parent.mkdir()
    run_sql(path, "create table theirs (a)")
    for read_only in (False, True):
        assert refusal(path, read_only=read_only).code == "ledger.foreign"


@pytest.mark.parametrize(
    "edit",
    [
        "alter table run add column extra text",
        "drop trigger row_kept",
        "drop index row_output",
        "drop view stage_row",
    ],
)
def test_a_schema_that_was_edited_is_named(path: Path, edit: str) -> None:
    SqliteLedger.open(path).close()
    run_sql(path, edit)
    for read_only in (False, True):
        error = refusal(path, read_only=read_only)
        assert isinstance(error, IntegrityError)
        assert error.code == "ledger.schema"


def test_what_is_no_database_is_named(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is not a database, but it is long enough to look like a header..." * 99)
    for read_only in (False, True):
        error = refusal(path, read_only=read_only)
        assert isinstance(error, IntegrityError)
        assert error.code == "ledger.damaged"


OPEN = """
import sys
from pathlib import Path
from atelier.ledger.sqlite import SqliteLedger
from atelier.testing.ledger_samples import add, start
ledger = SqliteLedger.open(Path(sys.argv[1]))
add(ledger, start(sys.argv[2]))
ledger.close()
"""


@pytest.mark.slow
def test_processes_that_create_the_ledger_at_once_share_it(path: Path) -> None:
    children = [
        subprocess.Popen([sys.executable, "-c", OPEN, str(path), f"r{number}"])
        for number in range(6)
    ]
    assert [child.wait(60) for child in children] == [0] * 6
    ledger = SqliteLedger.open(path, read_only=True)
    assert sorted(run.start.run for run in ledger.iter_runs(limit=9)) == [
        f"r{number}" for number in range(6)
    ]
    ledger.close()
