"""Pages of a table, how many rows there are, and the values that a column of choices has."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from atelier.kernel.errors import ExhaustedError
from atelier.ledger.queries import queries
from atelier.observatory.index.columns import Table
from atelier.observatory.index.condition import filtered, ordering, paged
from atelier.observatory.index.connection import Connections
from atelier.observatory.index.cursor import write_cursor
from atelier.observatory.index.query import MOST, Query
from atelier.observatory.index.tables import get_table

Line = dict[str, Any]

ROOM = "atelier.observatory.index"
COUNTED = 10_000
_COUNT_SECONDS = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows of a table, by column name; `after` and `before` are cursors, empty at the ends."""

    table: Table
    query: Query
    lines: tuple[Line, ...]
    after: str
    before: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows a question has: just as many, or at least, or None where counting took long."""

    number: int | None
    exact: bool


def read_page(connections: Connections, query: Query) -> Page:
    """The page that a question asks for.

    Raises:
        FilterError: the question does not fit the table.
        ExhaustedError: the answer took too long.
    """
    table = get_table(query.table)
    chosen, place = filtered(query, table), paged(query, table)
    sql = _filled(
        "page",
        columns=", ".join(column.named for column in table.columns),
        place=table.place,
        conditions=f"{chosen.sql} and {place.sql}",
        order=ordering(query, table),
    )
    values = {**chosen.values, **place.values, "limit": query.limit + 1}
    found = connections.rows(sql, values)
    names = [column.name for column in table.columns]
    lines = [dict(zip(names, row, strict=True)) for row in found[: query.limit]]
    more = len(found) > query.limit
    if query.before:
        lines.reverse()
    onward = more or bool(query.before)
    backward = more if query.before else bool(query.after)
    return Page(
        table=table,
        query=query,
        lines=tuple(lines),
        after=_cursor(lines[-1], table, query) if lines and onward else "",
        before=_cursor(lines[0], table, query) if lines and backward else "",
    )


def count_rows(connections: Connections, query: Query) -> Count:
    """How many rows a question has: exact up to a cap, and given up where it takes long."""
    table = get_table(query.table)
    chosen = filtered(query, table)
    sql = _filled("count", place=table.place, conditions=chosen.sql)
    values = {**chosen.values, "limit": COUNTED + 1}
    try:
        ((number,),) = connections.rows(sql, values, seconds=_COUNT_SECONDS)
    except ExhaustedError:
        return Count(None, exact=False)
    return Count(min(number, COUNTED), exact=number <= COUNTED)


def iter_lines(connections: Connections, query: Query) -> Iterator[Line]:
    """Every row of a question, page by page: nothing is held for longer than a page takes."""
    page = read_page(connections, replace(query.at_start(), limit=MOST))
    yield from page.lines
    while page.after:
        page = read_page(connections, replace(page.query, after=page.after))
        yield from page.lines


def find_choices(connections: Connections, table: str, column: str) -> tuple[str, ...]:
    """The values that a column of choices has, or may have."""
    described = get_table(table).get_column(column)
    if described.choices:
        return described.choices
    sql = queries("queries.sql", ROOM)["choices"]
    found = connections.rows(sql, {"place": get_table(table).place, "name": column})
    return tuple(value for (value,) in found)


def _cursor(line: Line, table: Table, query: Query) -> str:
    column = table.get_column(query.order)
    value = line[column.name]
    return write_cursor(-1 if value is None else value, line["number"])


def _filled(name: str, **parts: str) -> str:
    """A statement with its parts filled in: names and operators only, never a value."""
    sql = queries("queries.sql", ROOM)[name]
    for part, text in parts.items():
        sql = sql.replace(f"{{{part}}}", text)
    return sql
