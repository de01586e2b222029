"""A whole table as CSV or JSON, streamed: what a question has, row by row."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

import orjson

from atelier.kernel.money import dollars
from atelier.observatory.index.columns import Column, Kind, Table
from atelier.observatory.index.page import Line

# A spreadsheet runs a cell that begins with one of these.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_CHUNK = 64


def csv_chunks(table: Table, lines: Iterable[Line]) -> Iterator[str]:
    """Lines as CSV with a header; amounts in dollars, unknown values empty.

    A text that a spreadsheet would take for a formula gets an apostrophe in front, here and in no
    other export.

    Example:
        >>> safe_cell("=1+1"), safe_cell("Maya"), safe_cell("-")
        ("'=1+1", 'Maya', "'-")
    """
    yield _written([[column.field for column in table.columns]])
    waiting: list[list[Any]] = []
    for line in lines:
        waiting.append([_cell(column, line[column.name]) for column in table.columns])
        if len(waiting) == _CHUNK:
            yield _written(waiting)
            waiting = []
    if waiting:
        yield _written(waiting)


def json_chunks(table: Table, lines: Iterable[Line]) -> Iterator[bytes]:
    """Lines as a JSON array of objects, one a line; amounts are decimal texts of dollars."""
    begin = b"[\n"
    for line in lines:
        yield begin + orjson.dumps(line_json(table, line))
        begin = b",\n"
    yield b"[]\n" if begin == b"[\n" else b"\n]\n"


def line_json(table: Table, line: Line) -> dict[str, Any]:
    """One row as JSON: an amount `x` is `x_usd`, exact; what is unknown is null."""
    return {column.field: _plain(column, line[column.name]) for column in table.columns}


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain(column: Column, value: Any) -> Any:
    return dollars(value) if column.kind is Kind.MONEY else value


def _cell(column: Column, value: Any) -> Any:
    shown = _plain(column, value)
    if shown is None:
        return ""
    return safe_cell(shown) if isinstance(shown, str) and not column.is_number else shown


def _written(rows: Iterable[Iterable[Any]]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()
