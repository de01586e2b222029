"""Rows of a database: read only, ordered, bound, of one moment."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import apsw
import pytest

from atelier.isilon import Sql, Substrate
from atelier.isilon.errors import EvidenceError
from atelier.isilon.look import Look, Visit
from atelier.isilon.statement import statement


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(tmp_path / "journal.db"))
    connection.pragma("journal_mode", "wal")
    connection.execute(
        "create table journal (id integer primary key, student text, day text, text);"
        "insert into journal values"
        " (1, 'maya', '2026-03-02', 'slept'), (2, 'maya', '2026-03-04', null),"
        " (3, 'noor', '2026-03-04', 'ran'), (4, 'maya', '2026-03-09', 'later')"
    )
    yield connection
    connection.close()


@pytest.fixture
def visit(tmp_path: Path, writer: apsw.Connection) -> Iterator[Visit]:
    databases = {"default": tmp_path / "journal.db", "gone": tmp_path / "gone.db"}
    with Substrate(tmp_path, databases).visit() as opened:
        yield opened


@pytest.fixture
def look(visit: Visit) -> Look:
    week = SimpleNamespace(start=date(2026, 3, 1), end=date(2026, 3, 7))
    return visit.look({"student": "maya", "week": week, "price": Decimal("1.50")})


def fault(look: Look, query: str) -> str:
    with pytest.raises(EvidenceError) as caught:
        look.rows(query)
    return caught.value.facts["why"]


def test_rows_come_in_order_with_bound_values(look: Look) -> None:
    query = (
        "select id, text from journal where student = :student"
        " and day between :week_start and :week_end order by day, id"
    )
    records = list(Sql(query).read(look))
    assert [record.value for record in records] == [
        {"id": 1, "text": "slept"},
        {"id": 2, "text": None},
    ]
    assert [str(record.origin) for record in records] == ["default id 1", "default id 2"]
    unnamed = Sql("select text from journal order by day, id").read(look)
    assert str(next(iter(unnamed)).origin) == "default row 1"
    assert Sql(query).names == ("student", "week_start", "week_end")


def test_a_value_is_bound_and_never_part_of_the_query(visit: Visit) -> None:
    look = visit.look({"student": "maya' or 1=1 --"})
    assert look.rows("select id from journal where student = :student order by id") == []


def test_every_query_of_a_collection_sees_one_moment(look: Look, writer: apsw.Connection) -> None:
    query = "select count(*) as n from journal order by n"
    before = look.rows(query)
    writer.execute("insert into journal values (5, 'maya', '2026-03-05', 'new')")
    assert look.rows(query) == before == [{"n": 4}]


def test_the_next_collection_sees_the_next_moment(
    tmp_path: Path, look: Look, writer: apsw.Connection
) -> None:
    query = "select count(*) as n from journal order by n"
    look.rows(query)
    writer.execute("insert into journal values (5, 'maya', '2026-03-05', 'new')")
    with Substrate(tmp_path, {"default": tmp_path / "journal.db"}).visit() as later:
        assert later.look({}).rows(query) == [{"n": 5}]


def test_a_name_in_text_or_comment_binds_nothing() -> None:
    query = "select ':a', \":b\", [:c], `:d` /* :e */ -- :f\n from t order by :g"
    assert statement(query).names == ("g",)


@pytest.mark.parametrize(
    "query",
    [
        "select id from journal",
        "select id from (select id from journal order by id)",
        "select id, row_number() over (order by id) as n from journal",
        "select 'order by' as a from journal",
        "select id from journal -- order by id",
        "with x as (select 1 order by 1) select * from x",
    ],
)
def test_a_query_without_an_order_is_refused(look: Look, query: str) -> None:
    assert "no ORDER BY" in fault(look, query)


@pytest.mark.parametrize(
    "query",
    [
        "delete from journal",
        "pragma user_version",
        "attach 'x' as y",
        "",
        "values (1)",
        "explain x",
    ],
)
def test_only_a_select_is_asked(look: Look, query: str) -> None:
    assert fault(look, query) == "it is not a SELECT"


def test_a_write_behind_a_with_is_refused_by_the_database(look: Look) -> None:
    query = "with x as (select 1 order by 1) delete from journal where id in (select * from x) returning id"
    assert "no ORDER BY" in fault(look, query)
    assert fault(look, "with x as (select 1) delete from journal order by 1") != ""


def test_one_statement_at_a_time(look: Look) -> None:
    assert "more than one" in fault(look, "select 1 order by 1; select 2 order by 1")
    assert look.rows("select 1 as a order by 1; ") == [{"a": 1}]


@pytest.mark.parametrize("mark", ["?", "?1", "@student", "$student"])
def test_values_bind_by_name_alone(look: Look, mark: str) -> None:
    why = fault(look, f"select id from journal where student = {mark} order by id")  # noqa: S608
    assert why == f"it binds {mark!r}"


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("select x'00' as a order by 1", "row 1, column 'a': a blob"),
        ("select 9e999 as a order by 1", "row 1, column 'a': inf is not JSON"),
        (
            "select 9007199254740992 as a order by 1",
            "row 1, column 'a': an integer beyond ±(2^53-1)",
        ),
        ("select 'a' || char(0) as a order by 1", "row 1, column 'a': a NUL character"),
        ("select 1 as a, 2 as a order by 1", "two columns are called 'a'"),
        ("select nope from journal order by 1", "no such column: nope"),
        ("select cast(x'ff' as text) as a order by 1", "a text is not UTF-8"),
        ("select id from journal where day = :day order by id", "nothing is called 'day'"),
        (
            "select id from journal where day = :week order by id",
            "'week' is a SimpleNamespace, which SQL cannot compare",
        ),
    ],
)
def test_what_is_no_evidence_is_named(look: Look, query: str, why: str) -> None:
    assert why in fault(look, query)


def test_a_decimal_binds_as_it_is_written(look: Look) -> None:
    assert look.rows("select :price as p order by 1") == [{"p": "1.50"}]


def test_a_missing_database_is_named(look: Look) -> None:
    with pytest.raises(EvidenceError, match="is not there"):
        look.rows("select 1 order by 1", "gone")
    with pytest.raises(EvidenceError, match="Known here: `default`, `gone`"):
        look.rows("select 1 order by 1", "other")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("not a database, but long enough to have a header" * 50)
    with (
        Substrate(tmp_path, {"default": tmp_path / "x.db"}).visit() as visit,
        pytest.raises(EvidenceError, match="not a database"),
    ):
        visit.look({}).rows("select 1 order by 1")
