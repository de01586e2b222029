"""Many things at once: the tables with their filters, search, and what is summed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response, StreamingResponse

from atelier.observatory.asked import LARGEST, number_of, period_of
from atelier.observatory.doors.answer import json
from atelier.observatory.doors.headers import CSP_DOWNLOAD
from atelier.observatory.doors.operation import Asked, Operation
from atelier.observatory.doors.refusal import not_found
from atelier.observatory.doors.route import Handler, Kind, Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.index.aggregates import (
    COST_BY,
    Cost,
    Retries,
    StageUse,
    Trend,
)
from atelier.observatory.index.documents import KINDS
from atelier.observatory.index.export import line_json
from atelier.observatory.index.query import MOST, Query, parse_query
from atelier.observatory.index.search import Hit
from atelier.observatory.index.tables import TABLES, get_table
from atelier.observatory.reading.plain import to_json


@dataclass(frozen=True, slots=True)
class Lines:
    """Some rows of a table; `after` and `before` are cursors, empty at the ends."""

    table: str
    lines: tuple[Mapping[str, Any], ...]
    after: str
    before: str


@dataclass(frozen=True, slots=True)
class Hits:
    """Some hits, the newest first; `before` goes on, and is 0 at the end."""

    hits: tuple[Hit, ...]
    before: int


def _tables(visit: Visit) -> Response:
    del visit
    return json({name: _table_json(name) for name in TABLES})


def _table_json(name: str) -> dict[str, Any]:
    table = get_table(name)
    return {
        "title": table.title,
        "columns": [
            {
                "name": column.field,
                "title": column.title,
                "kind": column.kind.value,
                "sortable": column.sortable,
                "conditions": [op.value for op in column.ops],
                "choices": list(column.choices),
            }
            for column in table.columns
        ],
    }


def query_of(visit: Visit) -> Query:
    """The question that the address asks of the table that the path names.

    Raises:
        RefusalError: 404: there is no such table.
        SetupError: the table cannot be asked that.
    """
    if visit.parts["table"] not in TABLES:
        raise not_found("table")
    return parse_query(visit.parts["table"], visit.request.query_params.multi_items())


def _page(visit: Visit) -> Response:
    page = visit.house.index.page(query_of(visit))
    lines = tuple(line_json(page.table, line) for line in page.lines)
    return json(to_json(Lines(page.table.name, lines, page.after, page.before)))


def _csv(visit: Visit) -> Response:
    query = query_of(visit)
    pieces = visit.house.index.export_csv(query)
    return _kept(pieces, name=f"{query.table}.csv", media_type="text/csv")


def _json(visit: Visit) -> Response:
    query = query_of(visit)
    pieces = visit.house.index.export_json(query)
    return _kept(pieces, name=f"{query.table}.json", media_type="application/json")


def _kept(pieces: Any, *, name: str, media_type: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": CSP_DOWNLOAD,
    }
    return StreamingResponse(pieces, media_type=media_type, headers=headers)


def _search(visit: Visit) -> Response:
    kinds = tuple(kind for kind in visit.request.query_params.getlist("kind") if kind)
    text = visit.query.get("q", "")
    found = visit.house.index.search(
        text,
        kinds=kinds,
        before=number_of(visit, "before"),
        limit=number_of(visit, "limit", default=20, most=MOST) or 1,
    )
    return json(to_json(Hits(found.hits, found.before)))


def _cost(visit: Visit) -> Response:
    by = visit.query.get("by") or "day"
    return json(to_json(visit.house.index.costs(by, period_of(visit))))


def _summed(sums: Callable[[Visit], Any]) -> Handler:
    return lambda visit: json(to_json(sums(visit)))


def _route(path: str, handler: Handler, *, operation: Operation) -> Route:
    return Route(
        path=f"/api/v1{path}",
        scope=Scope.READ,
        handler=handler,
        kind=Kind.DATA,
        operation=operation,
    )


_LIMIT = {"type": "integer", "minimum": 1, "maximum": MOST}
_NUMBER = {"type": "integer", "minimum": 0, "maximum": LARGEST}
_ORDER = (
    Asked(name="order", doc="A column to sort by; `-column` the other way round."),
    Asked(name="after", doc="A cursor: what comes after it."),
    Asked(name="before", doc="A cursor: what comes before it."),
    Asked(name="limit", doc="How many rows; by default 50.", schema=_LIMIT),
)
_PERIOD = tuple(
    Asked(name=name, doc=doc)
    for name, doc in {
        "since": "The first day, as 2026-03-01.",
        "until": "The last day.",
        "workflow": "Of one workflow.",
        "stage": "Of one stage.",
        "model": "Of one model.",
    }.items()
)
_FREE: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "object"}}

TABLED = (
    _route(
        "/tables",
        _tables,
        operation=Operation(
            name="tables", doc="The tables, with their columns and conditions.", answer=_FREE
        ),
    ),
    _route(
        "/tables/{table:name}",
        _page,
        operation=Operation(
            name="table",
            doc="A page of a table.",
            answer=Lines,
            asked=_ORDER,
            takes_filters=True,
        ),
    ),
    _route(
        "/tables/{table:name}/csv",
        _csv,
        operation=Operation(
            name="table_csv",
            doc="All rows of a question, as CSV.",
            answer={"type": "string"},
            media_type="text/csv",
            asked=_ORDER[:1],
            takes_filters=True,
        ),
    ),
    _route(
        "/tables/{table:name}/json",
        _json,
        operation=Operation(
            name="table_json",
            doc="All rows of a question, as one JSON array.",
            answer={"type": "array", "items": {"type": "object"}},
            asked=_ORDER[:1],
            takes_filters=True,
        ),
    ),
    _route(
        "/search",
        _search,
        operation=Operation(
            name="search",
            doc="Texts that have every word and every phrase in quotes.",
            answer=Hits,
            asked=(
                Asked(name="q", doc="The words."),
                Asked(
                    name="kind",
                    doc="Only texts of this kind; may be repeated.",
                    schema={"enum": list(KINDS)},
                ),
                Asked(name="before", doc="Goes on behind a page.", schema=_NUMBER),
                Asked(name="limit", doc="How many; by default 20.", schema=_LIMIT),
            ),
        ),
    ),
    _route(
        "/cost",
        _cost,
        operation=Operation(
            name="cost",
            doc="What was spent, may have been spent, and was avoided, in micros of a dollar.",
            answer=list[Cost],
            asked=(
                Asked(name="by", doc="What is summed.", schema={"enum": list(COST_BY)}),
                *_PERIOD,
            ),
        ),
    ),
    _route(
        "/stages",
        _summed(lambda visit: visit.house.index.stage_uses(period_of(visit))),
        operation=Operation(
            name="stages",
            doc="Every version of every stage: how it was used, and how long it took.",
            answer=list[StageUse],
            asked=_PERIOD,
        ),
    ),
    _route(
        "/retries",
        _summed(lambda visit: visit.house.index.retries(period_of(visit))),
        operation=Operation(
            name="retries",
            doc="How attempts ended that were no answer, on all days.",
            answer=list[Retries],
            asked=tuple(one for one in _PERIOD if one.name in {"workflow", "stage"}),
        ),
    ),
    _route(
        "/claims/trend",
        _summed(lambda visit: visit.house.index.claim_trend(period_of(visit))),
        operation=Operation(
            name="claim_trend",
            doc="The claims of each day by verdict, and who decided them.",
            answer=list[Trend],
            asked=_PERIOD,
        ),
    ),
)
