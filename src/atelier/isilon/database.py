"""A SQLite database as evidence: read only, in one snapshot, by bound values."""

from collections.abc import Mapping
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from math import isfinite
from pathlib import Path
from typing import Any, Never

import apsw

from atelier.isilon.errors import EvidenceError
from atelier.isilon.names import did_you_mean
from atelier.isilon.statement import Statement, statement
from atelier.kernel.canonical import MAX_INTEGER, Json
from atelier.kernel.errors import AtelierError

_PATIENCE_MS = 5000
_ROW_LIMIT = 1_000_000


class Snapshot:
    """One read transaction: every query of a collection sees the database as it was at the first."""

    def __init__(self, name: str, path: Path) -> None:
        self._name = name
        if not path.is_file():
            # Not "missing evidence": a database that is configured is meant to be there, so that a
            # wrong path never passes for an optional slice that is None.
            raise EvidenceError(
                "evidence.database",
                "A database is not there.",
                facts={"database": name, "at": path},
                next_step="Correct `[isilon.databases]` in atelier.toml.",
            )
        try:
            place = str(path.absolute())
            self._connection: Any = apsw.Connection(place, apsw.SQLITE_OPEN_READONLY)
            self._connection.set_busy_timeout(_PATIENCE_MS)
            self._connection.pragma("query_only", 1)
            self._connection.pragma("trusted_schema", 0)
            self._connection.execute("begin")
            # A deferred transaction has no snapshot before its first read.
            self._connection.execute("select 1 from sqlite_schema limit 1").fetchall()
        except apsw.Error as error:
            raise self._fault(str(error), "Check that the file is a SQLite database.") from error

    def close(self) -> None:
        """Let the snapshot go."""
        self._connection.close(force=True)

    def rows(self, query: str, values: Mapping[str, object]) -> list[dict[str, Json]]:
        """The rows of a query, by column name.

        Raises:
            EvidenceError: the query is refused or fails, or a column holds what JSON cannot.
        """
        asked = statement(query)
        bound = {name: self._bindable(asked, name, values) for name in asked.names}
        try:
            with closing(self._connection.cursor()) as cursor:
                return self._read(cursor, query, bound)
        except apsw.Error as error:
            raise self._fault(str(error), "Correct the query or the database.", query) from error
        except UnicodeError as error:
            raise self._fault("a text is not UTF-8", "Correct the database.", query) from error

    def _read(self, cursor: Any, query: str, bound: dict[str, Any]) -> list[dict[str, Json]]:
        columns: list[str] = []

        def begins(cursor: Any, *_: object) -> bool:
            # The one moment at which an answer without rows has columns, too.
            columns.extend(column for column, *_ in cursor.get_description())
            return True

        cursor.exec_trace = begins
        cursor.execute(query, bound)
        twice = {column for column in columns if columns.count(column) > 1}
        if twice:
            raise self._fault(
                f"two columns are called {min(twice)!r}", "Name one with `as`.", query
            )
        rows: list[dict[str, Json]] = []
        for row in cursor:
            if len(rows) == _ROW_LIMIT:
                raise self._fault(f"more than {_ROW_LIMIT} rows", "Narrow the query.", query)
            for column, value in zip(columns, row, strict=True):
                why = _why_not_json(value)
                if why:
                    at = f"row {len(rows) + 1}, column {column!r}: {why}"
                    raise self._fault(at, "Cast the column in the query, or leave it out.", query)
            rows.append(dict(zip(columns, row, strict=True)))
        return rows

    def _bindable(
        self, asked: Statement, name: str, values: Mapping[str, object]
    ) -> str | int | float | None:
        if name not in values:
            next_step = did_you_mean(name, list(values))
            raise self._fault(f"nothing is called {name!r}", next_step, asked.query)
        value = values[name]
        if isinstance(value, Enum):
            value = value.value
        if value is None or isinstance(value, str | int | float):
            return value
        if isinstance(value, date | datetime):
            return value.isoformat()
        if isinstance(value, Decimal):
            return str(value)
        why = f"{name!r} is a {type(value).__name__}, which SQL cannot compare"
        raise self._fault(why, "Bind one of its attributes, such as `:week_start`.", asked.query)

    def _fault(self, why: str, next_step: str, query: str = "") -> AtelierError:
        facts = {"database": self._name, "why": why} | ({"query": query} if query else {})
        return EvidenceError(
            "evidence.database", "A database cannot be read.", facts=facts, next_step=next_step
        )


def _why_not_json(value: object) -> str:
    """Why a value of SQLite is no evidence; empty where it is."""
    if isinstance(value, bytes):
        return "a blob"
    if isinstance(value, float) and not isfinite(value):
        return f"{value} is not JSON"
    if isinstance(value, int | float) and abs(value) > MAX_INTEGER and value == int(value):
        return "an integer beyond ±(2^53-1)"
    if isinstance(value, str) and "\0" in value:
        return "a NUL character"
    return ""


def refuse_unknown_database(name: str, known: Mapping[str, Path]) -> Never:
    """Say that nothing is configured under a name.

    Raises:
        EvidenceError: always.
    """
    raise EvidenceError(
        "evidence.database",
        "A database is not configured.",
        facts={"database": name},
        next_step=f"Add it to `[isilon.databases]` in atelier.toml. {did_you_mean(name, known)}",
    )
