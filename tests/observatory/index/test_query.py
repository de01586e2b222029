"""A question to a table is what its description allows, and nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.kernel.errors import SetupError
from atelier.observatory.index.columns import Column, Kind, Op
from atelier.observatory.index.cursor import read_cursor, write_cursor
from atelier.observatory.index.export import line_json
from atelier.observatory.index.query import (
    Filter,
    FilterError,
    Query,
    parse_query,
    query_pairs,
)
from atelier.observatory.index.tables import TABLES

VALUES = {
    Kind.TEXT: "slept",
    Kind.CHOICE: "failed",
    Kind.NUMBER: "0.5",
    Kind.MONEY: "1.25",
    Kind.TIME: "2026-03-01",
    Kind.DIGEST: "sha256:0f",
}
EVERY = [
    (table.name, column, op)
    for table in TABLES.values()
    for column in table.columns
    for op in column.ops
]


@pytest.mark.parametrize(("table", "column", "op"), EVERY)
def test_every_column_is_filtered_in_each_way_by_the_name_of_its_field_and_written_back(
    table: str, column: Column, op: Op
) -> None:
    value = "yes" if op is Op.NONE else VALUES[column.kind]
    (field,) = line_json(replace(TABLES[table], columns=(column,)), {column.name: None})
    pair = (field if op is Op.IS else f"{field}.{op.value}", value)
    query = parse_query(table, [pair])
    assert [(one.column, one.op) for one in query.filters] == [(column.name, op)]
    assert query_pairs(query) == [pair]


def test_an_order_by_an_amount_is_written_back() -> None:
    query = parse_query("runs", [("order", "-incurred_usd")])
    assert query.order == "incurred"
    assert query_pairs(query) == [("order", "-incurred_usd")]


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (("nobody", "1"), "no such column"),
        (("status.has", "f"), "kind choice is not filtered like that"),
        (("seconds", "three"), "no number"),
        (("seconds.from", "nan"), "too large a number"),
        (("seconds.from", "1e30"), "too large a number"),
        (("incurred", "1"), "no such column"),
        (("incurred_usd.from", "much"), "no amount of dollars"),
        (("incurred_usd.from", "1" * 29), "too large an amount"),
        (("started_at.to", "yesterday"), "no moment"),
        (("started_at", "2026-03-01' or 1"), "no moment"),
        (("error_code.none", "perhaps"), "neither yes nor no"),
        (("run.has", "x" * 501), "too long a text"),
        (("run", "a\0b"), "too long a text"),
        (("order", "owner"), "not sorted by that"),
        (("order", "number; drop table run"), "not sorted by that"),
        (("limit", "0"), "cannot be that long"),
        (("limit", "501"), "cannot be that long"),
        (("limit", "٣"), "cannot be that long"),
    ],
)
def test_what_does_not_fit_is_told_with_what_would(pair: tuple[str, str], said: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_query("runs", [pair])
    assert caught.value.code == "observatory.filter"
    assert said in caught.value.sentence
    assert caught.value.facts["filter"]
    assert caught.value.next_step


def test_there_are_no_more_filters_than_a_person_writes() -> None:
    with pytest.raises(FilterError, match="too many filters"):
        parse_query("runs", [("status", "failed")] * 41)


def test_a_page_is_after_one_place_or_before_another() -> None:
    with pytest.raises(FilterError, match="not both"):
        parse_query("runs", [("after", "a"), ("before", "b")])


def test_an_unknown_table_or_column_is_told() -> None:
    with pytest.raises(SetupError, match=r"observatory\.table"):
        parse_query("secrets", [])
    with pytest.raises(SetupError, match=r"observatory\.column"):
        TABLES["runs"].get_column("secret")


def test_a_field_that_nobody_filled_in_asks_nothing() -> None:
    assert parse_query("runs", [("status", ""), ("order", ""), ("after", "")]) == Query(
        table="runs"
    )


def test_a_question_is_changed_from_its_first_page_on() -> None:
    query = parse_query("runs", [("status", "failed"), ("after", "x"), ("limit", "9")])
    assert query.with_filter("subject", Op.IS, "maya").filters[-1] == Filter(
        "subject", Op.IS, "maya"
    )
    assert query.with_filter("subject", Op.IS, "maya").after == ""
    assert query.without("status") == Query(table="runs", limit=9)
    assert query.ordered_by("seconds", descending=False).order == "seconds"
    assert dict(query_pairs(query)) == {"status": "failed", "after": "x", "limit": "9"}


@given(st.text(max_size=80))
def test_any_text_is_a_cursor_or_told_to_be_none(text: str) -> None:
    for is_text in (True, False):
        try:
            value, number = read_cursor(text, text=is_text)
        except FilterError:
            continue
        assert isinstance(value, str) == is_text
        assert isinstance(number, int)


@given(st.one_of(st.text(), st.integers(-(2**63), 2**63 - 1)), st.integers(0, 2**63 - 1))
def test_a_cursor_leads_back(value: str | int, number: int) -> None:
    assert read_cursor(write_cursor(value, number), text=isinstance(value, str)) == (value, number)


@pytest.mark.parametrize(
    "cursor", ["WzFd", "e30", "W3RydWUsMV0", "WzEsdHJ1ZV0", "WzEsMmUzMF0", "é"]
)
def test_a_cursor_that_no_page_gave_is_refused(cursor: str) -> None:
    with pytest.raises(FilterError):
        read_cursor(cursor, text=False)
