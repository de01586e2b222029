"""The reference lists the tables as they are, and the schema holds its own rules."""

import re
from pathlib import Path

import apsw
import pytest

from atelier.kernel.evidence import Verdict
from atelier.ledger.invariant import VERDICTS
from atelier.ledger.queries import read_sql

PAGE = (Path(__file__).parents[2] / "docs/reference/ledger.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def database() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    for _ in connection.execute(read_sql("schema.sql")):
        pass
    return connection


def names(database: apsw.Connection, kind: str) -> list[str]:
    rows = database.execute("select name from sqlite_schema where type = ? order by rowid", (kind,))
    return [str(row[0]) for row in rows]


def columns(database: apsw.Connection, table: str) -> list[str]:
    return [str(row[1]) for row in database.execute(f"pragma table_info({table})")]


def documented() -> dict[str, list[str]]:
    """The columns that the page lists, by table."""
    sections = re.split(r"^## (\w+)\n", PAGE, flags=re.MULTILINE)[1:]
    return {
        name: re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
        for name, text in zip(sections[::2], sections[1::2], strict=True)
    }


def test_every_table_and_column_is_in_the_reference(database: apsw.Connection) -> None:
    tables = {table: columns(database, table) for table in names(database, "table")}
    found = {name: listed for name, listed in documented().items() if listed}
    assert found == tables
    assert set(names(database, "view")) <= documented().keys()


def test_every_table_is_strict(database: apsw.Connection) -> None:
    rows = database.execute("select name, strict from pragma_table_list where type = 'table'")
    assert [
        name for name, strict in rows if not strict and not str(name).startswith("sqlite")
    ] == []


def test_the_view_has_the_columns_of_the_rows(database: apsw.Connection) -> None:
    assert columns(database, "stage_row") == [
        name for name in columns(database, "row") if name != "leaf"
    ]


@pytest.mark.parametrize("sql", re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL))
def test_the_examples_of_the_reference_run(database: apsw.Connection, sql: str) -> None:
    assert list(database.execute(sql)) in ([], [(None, None, None)])


def test_what_happened_is_guarded_against_edits(database: apsw.Connection) -> None:
    content = {"blob", "memo", "salt"}
    guarded = {
        table
        for table in names(database, "table")
        if {f"{table}_kept", f"{table}_kept_whole"} <= set(names(database, "trigger"))
    }
    assert guarded == set(names(database, "table")) - content


def test_a_person_may_give_a_claim_any_verdict_that_it_can_have() -> None:
    assert set(VERDICTS) == {verdict.value for verdict in Verdict}
