"""Pages hold every row once, in order, whatever the filter, and quickly or not at all."""

import re
from itertools import pairwise
from typing import Any

import pytest
from index_samples import begin, end, stage_row

from atelier.kernel.errors import ExhaustedError
from atelier.ledger.database import Bindings
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.queries import queries
from atelier.ledger.rows import Outcome
from atelier.ledger.store import Commit
from atelier.observatory.index.columns import Column, Kind, Op
from atelier.observatory.index.connection import Connections
from atelier.observatory.index.cursor import write_cursor
from atelier.observatory.index.index import Index
from atelier.observatory.index.page import ROOM, Page
from atelier.observatory.index.query import Query, parse_query, query_pairs
from atelier.observatory.index.tables import TABLES
from atelier.testing.ledger_samples import add

SORTED = [(table.name, column) for table in TABLES.values() for column in table.sortable]


@pytest.fixture
def many() -> Index:
    """Forty runs, of some of which neither cost nor time is known."""
    ledger = MemoryLedger()
    for number in range(40):
        run = f"r{number:02d}"
        cost = None if number % 7 == 0 else number % 5
        row = stage_row(run, "draft", number, incurred=cost, seconds=float(number % 3))
        add(ledger, begin(run, number, student=f"s{number % 4}"), Commit(rows=(row,)))
        if number % 6:
            add(ledger, end(run, number % 9))
    index = Index.temporary(ledger, ledger.find_blob)
    index.catch_up()
    return index


def walk(index: Index, query: Query) -> list[Page]:
    pages = [index.page(query)]
    while pages[-1].after:
        pages.append(index.page(parse_query(query.table, _pairs(query, after=pages[-1].after))))
    return pages


def _pairs(query: Query, **place: str) -> list[tuple[str, str]]:
    return [*query_pairs(query), *place.items()]


@pytest.mark.parametrize("way", ["", "-"])
@pytest.mark.parametrize("order", [column for table, column in SORTED if table == "runs"])
def test_pages_hold_every_row_once_forward_and_back(many: Index, order: Column, way: str) -> None:
    query = parse_query("runs", [("order", way + order.field), ("limit", "7")])
    pages = walk(many, query)
    numbers = [line["number"] for page in pages for line in page.lines]
    assert sorted(numbers) == list(range(1, 41))
    keys = [
        (-1 if line[order.name] is None else line[order.name], line["number"])
        for page in pages
        for line in page.lines
    ]
    assert keys == sorted(keys, reverse=way == "-")
    assert pages[0].before == pages[-1].after == ""
    for earlier, later in pairwise(pages):
        back = many.page(parse_query("runs", _pairs(query, before=later.before)))
        assert back.lines == earlier.lines
        assert (back.after != "", back.before != "") == (True, earlier.before != "")
    many.close()


@pytest.mark.parametrize(("table", "order"), SORTED)
def test_an_order_is_read_from_an_index(
    index: Index, monkeypatch: pytest.MonkeyPatch, table: str, order: Column
) -> None:
    asked: list[str] = []
    original = Connections.rows

    def explained(self: Connections, sql: str, values: Bindings = ()) -> list[tuple[Any, ...]]:
        plan = original(self, f"explain query plan {sql}", values)
        asked.extend(str(step[3]) for step in plan)
        return []

    monkeypatch.setattr(Connections, "rows", explained)
    cursor = write_cursor(1 if order.is_number else "a", 1)
    for pairs in ([("order", order.field)], [("order", f"-{order.field}"), ("after", cursor)]):
        index.page(parse_query(table, pairs))
    assert not [step for step in asked if "TEMP B-TREE" in step]
    assert [step for step in asked if step.startswith("SEARCH")], "a cursor is sought, not scanned"


def test_filters_choose_what_they_say(index: Index) -> None:
    def runs(*pairs: tuple[str, str]) -> list[str]:
        return [line["run"] for line in index.page(parse_query("runs", pairs)).lines]

    assert runs(("status", "failed"), ("status", "complete")) == ["r3", "r2", "r1"]
    assert runs(("status", "failed"), ("subject", "maya")) == []
    assert runs(("parameters.has", "student=TOM")) == ["r3"]
    assert runs(("parameters.has", "%")) == []
    assert runs(("incurred_usd", "0.0015")) == ["r1"]
    assert runs(("incurred_usd.from", "0.001"), ("incurred_usd.to", "0.002")) == ["r1"]
    assert runs(("seconds.from", "5")) == ["r3", "r2"]
    assert runs(("started_at", "2026-03-26")) == ["r3"]
    assert runs(("started_at.from", "2026-03-01T09:10Z")) == ["r3", "r2"]
    assert runs(("started_at.to", "2026-03-01")) == ["r2", "r1"]
    assert runs(("error_code.none", "no")) == ["r3"]
    assert runs(("obligations.none", "yes")) == ["r3"]
    assert runs(("packet", "sha256:aaaa")) == ["r3", "r2", "r1"]
    assert runs(("packet", "sha256:ab")) == []
    assert runs(("cache", "hit")) == ["r2"]


def test_every_table_answers_every_filter(index: Index) -> None:
    values = {Kind.TIME: "2026", Kind.NUMBER: "1", Kind.MONEY: "1"}
    for table in TABLES.values():
        for column in table.columns:
            for op in column.ops:
                value = "no" if op is Op.NONE else values.get(column.kind, "x")
                key = column.field if op is Op.IS else f"{column.field}.{op.value}"
                page = index.page(parse_query(table.name, [(key, value)]))
                assert set(page.table.columns) == set(table.columns)


@pytest.mark.parametrize(
    "text", ["' or 1 --", '" or 1', "%", "_", "!", "\\", ";drop table run", "{conditions}", ":v0"]
)
def test_a_value_is_never_sql(index: Index, text: str) -> None:
    for key in ("run", "run.has", "subject", "status"):
        assert index.page(parse_query("runs", [(key, text)])).lines == ()
    assert index.count(parse_query("runs", [])).number == 3


def test_a_count_is_exact_up_to_its_cap(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    query = parse_query("rows", [])
    assert (index.count(query).number, index.count(query).exact) == (6, True)
    monkeypatch.setattr("atelier.observatory.index.page.COUNTED", 4)
    assert (index.count(query).number, index.count(query).exact) == (4, False)


ENDLESS = "with recursive n (x) as (select 1 union all select x + 1 from n) select count(*) from n"


def test_what_takes_too_long_is_stopped_and_said(index: Index) -> None:
    with pytest.raises(ExhaustedError, match=r"observatory\.too_slow") as caught:
        index._connections.rows(ENDLESS, seconds=0.05)
    assert "Narrow it" in caught.value.next_step
    assert index.page(parse_query("runs", [])).lines, "the connection goes on"


def test_a_count_that_takes_too_long_is_given_up(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Connections.rows

    def slow(self: Connections, sql: str, values: Bindings = (), *, seconds: float) -> object:
        return original(self, ENDLESS if "count(*)" in sql else sql, seconds=seconds)

    monkeypatch.setattr(Connections, "rows", slow)
    assert index.count(parse_query("runs", [])).number is None


def test_statements_say_what_they_do() -> None:
    for name, sql in queries("queries.sql", ROOM).items():
        assert re.match(rf"-- {name}: [A-Z].*\.\n", sql), name


def test_element_rows_are_rows_and_no_stage_of_a_run() -> None:
    ledger = MemoryLedger()
    rows = (
        stage_row("r1", "each", 1, element="sha256:" + "d" * 64, incurred=5),
        stage_row("r1", "each", 2, incurred=5, outcome=Outcome.RAN),
    )
    add(ledger, begin("r1", 0), Commit(rows=rows), end("r1", 3))
    index = Index.temporary(ledger, ledger.find_blob)
    index.catch_up()
    (run,) = index.page(parse_query("runs", [])).lines
    assert (run["strip"], run["incurred"]) == ('[["each","ran",0]]', 5)
    assert index.count(parse_query("rows", [])).number == 2
    index.close()
