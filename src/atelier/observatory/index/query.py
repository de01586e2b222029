"""A question to a table: which rows, in which order, from where on; and how URLs write it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import isfinite
from re import compile as pattern

from atelier.kernel.errors import SetupError
from atelier.kernel.money import dollars, parse_dollars
from atelier.observatory.index.columns import Column, Kind, Op, Table
from atelier.observatory.index.tables import get_table

Plain = str | int | float

LIMIT = 50
MOST = 500
# More conditions than a person writes, and than an answer in time allows.
_FILTERS = 40
_TEXT = 500
_MOMENT = pattern(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d(\.\d{1,6})?)?)?Z?)?)?)?\Z")
_OWN = frozenset({"order", "after", "before", "limit"})


class FilterError(SetupError):
    """A question that a table cannot answer: an unknown column, a value of the wrong kind."""

    def __init__(self, what: str, *, name: str, given: str, next_step: str) -> None:
        super().__init__(
            "observatory.filter",
            what,
            facts={"filter": name, "given": given[:80]},
            next_step=next_step,
        )


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition; a value is of its column's kind, money in micros."""

    column: str
    op: Op
    value: Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Conditions that all hold; several `is` of one column are alternatives.

    `order` is a column, `descending` its direction; at most one of `after` and `before` is a cursor
    that a page gave.
    """

    table: str
    filters: tuple[Filter, ...] = ()
    order: str = "number"
    descending: bool = True
    after: str = ""
    before: str = ""
    limit: int = LIMIT

    def with_filter(self, column: str, op: Op, value: Plain) -> "Query":
        """The question with one more condition, from its first page on."""
        return replace(self.at_start(), filters=(*self.filters, Filter(column, op, value)))

    def without(self, column: str) -> "Query":
        """The question without its conditions on a column, from its first page on."""
        left = tuple(one for one in self.filters if one.column != column)
        return replace(self.at_start(), filters=left)

    def ordered_by(self, column: str, *, descending: bool = True) -> "Query":
        """The question in another order, from its first page on."""
        return replace(self.at_start(), order=column, descending=descending)

    def at_start(self) -> "Query":
        """The question at its first page."""
        return replace(self, after="", before="")


def parse_query(name: str, pairs: Iterable[tuple[str, str]]) -> Query:
    """The question that the pairs of a URL's query ask of a table.

    `status=failed` is a value, several are alternatives; `text.has=slept` is a part of a text;
    `seconds.from=2` and `seconds.to=9` are the ends of a range, both inside; `error_code.none=yes`
    is an empty place, `no` a filled one. A digest is found by its beginning, a moment by its day.
    `order=-seconds` sorts, `after` and `before` are cursors, `limit` is at most 500. An empty value
    is a field of a form that nobody filled in.

    Raises:
        FilterError: a column, a condition or a value that the table does not know.
        SetupError: there is no such table.

    Example:
        >>> parse_query("runs", [("status", "failed"), ("incurred_usd.from", "0.25")]).filters
        (Filter(column='status', op=<Op.IS: 'is'>, value='failed'), \
Filter(column='incurred', op=<Op.FROM: 'from'>, value=250000))
    """
    table = get_table(name)
    query = Query(table=name)
    filters: list[Filter] = []
    for key, value in pairs:
        if value and key in _OWN:
            query = _with_own(query, table, key, value=value)
        elif value:
            filters.append(_filter(table, key, value))
    if len(filters) > _FILTERS:
        raise FilterError(
            "There are too many filters.",
            name="filters",
            given=str(len(filters)),
            next_step=f"Ask with at most {_FILTERS}.",
        )
    if query.after and query.before:
        raise FilterError(
            "A page comes after one place or before another, not both.",
            name="before",
            given=query.before,
            next_step="Leave one of them out.",
        )
    return replace(query, filters=tuple(filters))


def query_pairs(query: Query) -> list[tuple[str, str]]:
    """The pairs that `parse_query` reads this question from.

    Example:
        >>> query_pairs(parse_query("runs", [("order", "-seconds"), ("incurred_usd.to", "1")]))
        [('incurred_usd.to', '1'), ('order', '-seconds')]
    """
    table = get_table(query.table)
    pairs = [_pair(table.get_column(one.column), one) for one in query.filters]
    if (query.order, query.descending) != ("number", True):
        field = table.get_column(query.order).field
        pairs.append(("order", f"{'-' if query.descending else ''}{field}"))
    own = [("after", query.after), ("before", query.before)]
    pairs += [(name, value) for name, value in own if value]
    return pairs if query.limit == LIMIT else [*pairs, ("limit", str(query.limit))]


def key_of(column: Column, op: Op) -> str:
    """What a condition on a column is called.

    Example:
        >>> key_of(get_table("runs").get_column("incurred"), Op.FROM)
        'incurred_usd.from'
    """
    return column.field if op is Op.IS else f"{column.field}.{op.value}"


def _pair(column: Column, one: Filter) -> tuple[str, str]:
    name = key_of(column, one.op)
    if column.kind is Kind.MONEY and isinstance(one.value, int):
        return name, dollars(one.value) or ""
    return name, str(one.value)


def _with_own(query: Query, table: Table, key: str, *, value: str) -> Query:
    match key:
        case "order":
            return _ordered(query, table, value)
        case "limit":
            if not value.isascii() or not value.isdecimal() or not 0 < int(value[:9]) <= MOST:
                raise FilterError(
                    "A page cannot be that long.",
                    name=key,
                    given=value,
                    next_step=f"Ask for 1 to {MOST} rows, or export the table.",
                )
            return replace(query, limit=int(value))
        case "after":
            return replace(query, after=value)
        case _:
            return replace(query, before=value)


def _ordered(query: Query, table: Table, value: str) -> Query:
    known = {column.field: column.name for column in table.sortable}
    field = value.removeprefix("-")
    if field not in known:
        raise FilterError(
            f"Table {table.name!r} is not sorted by that.",
            name="order",
            given=value,
            next_step="Sort by " + ", ".join(known) + ".",
        )
    return replace(query, order=known[field], descending=value.startswith("-"))


def _filter(table: Table, key: str, value: str) -> Filter:
    field, _, said = key.partition(".")
    known = {column.field: column for column in table.columns}
    if field not in known:
        raise FilterError(
            f"Table {table.name!r} has no such column.",
            name=key,
            given=value,
            next_step="Filter by " + ", ".join(known) + ".",
        )
    column = known[field]
    allowed = [op.value for op in column.ops]
    if (said or Op.IS.value) not in allowed:
        raise FilterError(
            f"A column of kind {column.kind.value} is not filtered like that.",
            name=key,
            given=value,
            next_step="Use " + ", ".join(f"{field}.{op}" for op in allowed) + ".",
        )
    op = Op(said or Op.IS)
    return Filter(column.name, op, _value(column, op, value))


def _value(column: Column, op: Op, value: str) -> Plain:
    try:
        return _read(column, op, value)
    except ValueError as error:
        raise FilterError(
            f"A filter's value is of the wrong kind: {error}.",
            name=key_of(column, op),
            given=value,
            next_step=_WANTED["none" if op is Op.NONE else column.kind.value],
        ) from None


def _read(column: Column, op: Op, value: str) -> Plain:
    if op is Op.NONE:
        return _required(value, value in {"yes", "no"}, "neither yes nor no")
    match column.kind:
        case Kind.MONEY:
            amount = parse_dollars(value) if len(value) <= 30 else 2**63
            _required(value, amount < 2**63, "too large an amount")
            return amount
        case Kind.NUMBER:
            return _number(value)
        case Kind.TIME:
            return _required(value, bool(_MOMENT.match(value)), "no moment")
        case _:
            return _required(value, len(value) <= _TEXT and "\0" not in value, "too long a text")


def _number(value: str) -> int | float:
    try:
        found = float(_required(value, len(value) <= 30 and value.isascii(), "no number"))
    except ValueError:
        raise ValueError("no number") from None
    _required(value, isfinite(found) and abs(found) < 2**63, "too large a number")
    return int(found) if found.is_integer() else found


def _required(value: str, holds: bool, what: str) -> str:  # noqa: FBT001 - what must hold
    if not holds:
        raise ValueError(what)
    return value


_WANTED = {
    "none": "Write yes for an empty place, no for a filled one.",
    "money": "Write dollars, such as 0.25.",
    "number": "Write a number, such as 12 or 0.5.",
    "time": "Write a day or a moment in UTC, such as 2026-03-01 or 2026-03-01T09:30Z.",
    "text": "Write a shorter text.",
    "choice": "Write one of the column's values.",
    "digest": "Write the beginning of a digest, such as sha256:0f3a.",
}
