"""All SQL stands in named statements that fit the schema."""

import re
from pathlib import Path

import apsw
import pytest

from atelier.ledger.columns import bindings
from atelier.ledger.queries import queries, read_sql
from atelier.ledger.rows import Outcome, Row

LEDGER = Path(__file__).parents[2] / "src" / "atelier" / "ledger"


@pytest.fixture(scope="module")
def database() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    for _ in connection.execute(read_sql("schema.sql")):
        pass
    connection.create_scalar_function("digest_of", lambda *data: data[0], 1)
    return connection


def plan(database: apsw.Connection, sql: str) -> list[str]:
    empty = [None] * len(re.findall(r"\?", sql))
    values = empty or dict.fromkeys(re.findall(r":(\w+)", sql))
    rows = database.execute(f"explain query plan {sql}", values).fetchall()
    return [str(row[3]) for row in rows]


@pytest.mark.parametrize("name", sorted(queries()))
def test_a_statement_says_what_it_answers_and_fits_the_schema(
    database: apsw.Connection, name: str
) -> None:
    sql = queries()[name]
    assert re.match(rf"-- {name}: [A-Z].*\.\n", sql), "a name and one sentence"
    assert "{" not in sql, "every part is filled in"
    plan(database, sql)


WHOLE_TABLES = {"artefacts", "iter_events", "iter_slices", "schema_text", "count_objects"}


@pytest.mark.parametrize("name", sorted(queries().keys() - WHOLE_TABLES))
def test_no_statement_walks_a_whole_table(database: apsw.Connection, name: str) -> None:
    tables = {"run", "run_end", "row", "consumed", "packet", "claim", "citation", "blob", "memo"}
    scanned = {
        word
        for step in plan(database, queries()[name])
        for word in re.findall(r"^SCAN (\w+)$", step)
    }
    assert not scanned & tables, "a ledger of a million rows answers as fast as a small one"


def test_a_row_is_bound_and_read_in_the_order_of_its_fields() -> None:
    row = Row(run="r", stage="s", outcome=Outcome.RAN, recorded_at="now")
    values = queries()["add_row"].partition("values (")[2]
    asked = list(dict.fromkeys(re.findall(r":(\w+)", values)))
    assert asked == [*bindings(row), "leaf"], "the values are bound by position"
    selected = queries()["find_rows"].partition("select")[2].partition("from row")[0]
    assert re.findall(r"\w+", selected) == list(bindings(row))


def test_all_sql_stands_in_sql_files() -> None:
    spoken = re.compile(r"\"\s*(select|insert|update|delete|create|drop|with)\s", re.IGNORECASE)
    found = {
        f"{path.name}:{number}"
        for path in LEDGER.glob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if spoken.search(line)
    }
    assert found == set()


def test_the_ledger_is_never_opened_as_a_file() -> None:
    """A close of the file drops every lock that SQLite holds on it in this process."""
    opened = re.compile(
        r"\bopen\(|\.read_bytes\(|\.write_bytes\(|\.write_text\(|shutil|copyfile|mmap"
    )
    allowed = {
        "place.py": ["mounts.read_text"],
        "owner.py": ["read_text"],
        "queries.py": ["read_text"],
    }
    found = [
        f"{path.name}: {line.strip()}"
        for path in LEDGER.glob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if opened.search(line) and "SqliteLedger.open(" not in line and "def open(" not in line
    ]
    assert found == []
    readers = {path.name for path in LEDGER.glob("*.py") if "read_text(" in path.read_text("utf-8")}
    assert readers == allowed.keys(), "they read /proc and our own package"
