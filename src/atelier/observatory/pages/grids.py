"""A table as its page shows it: columns with their filters, links to order and to leaf, chips."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from atelier.observatory.index.columns import Column, Kind, Op
from atelier.observatory.index.page import Count, Page
from atelier.observatory.index.query import Filter, Query, key_of, query_pairs

# How a column is filtered from the one field below its title.
_FIELD = {
    Kind.TEXT: Op.HAS,
    Kind.CHOICE: Op.IS,
    Kind.NUMBER: Op.FROM,
    Kind.MONEY: Op.FROM,
    Kind.TIME: Op.IS,
    Kind.DIGEST: Op.IS,
}
_HINTS = {
    Op.HAS: "has",
    Op.FROM: "from",
    Op.TO: "to",
    Op.IS: "any",
}
_SAID = {Op.IS: "is", Op.HAS: "has", Op.FROM: "from", Op.TO: "to"}

Choices = Callable[[str, str], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the filter form: its name in the address, and what stands in it."""

    name: str
    label: str
    value: str
    hint: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of one shown column; `order` is where a click on it leads, where it sorts."""

    column: Column
    title: str
    field: Field
    order: str
    sorted: str

    @property
    def numeric(self) -> bool:
        """Whether its cells are set flush right."""
        return self.column.is_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """All that the template of a table needs."""

    action: str
    heads: tuple[Head, ...]
    others: tuple[Field, ...]
    rows: tuple[Mapping[str, Any], ...]
    chips: tuple[tuple[str, str], ...]
    kept: tuple[tuple[str, str], ...]
    clear: str
    told: str
    exports: tuple[tuple[str, str], ...]
    previous: str
    next: str
    is_filtered: bool


def grid_of(
    page: Page, count: Count, shown: Mapping[str, str], *, action: str, choices: Choices
) -> Grid:
    """A page of a table with the columns that are shown, by name, under these titles."""
    query, table = page.query, page.table
    columns = [table.get_column(name) for name in shown]
    heads = tuple(
        Head(
            column=column,
            title=shown[column.name],
            field=_field(query, column, _FIELD[column.kind], choices=choices),
            order=_link(action, _turned(query, column)) if column.sortable else "",
            sorted=_direction(query, column),
        )
        for column in columns
    )
    others = tuple(
        _field(query, column, op, choices=choices)
        for column in table.columns
        for op in _ops(column)
        if column.name not in shown or op is not _FIELD[column.kind]
    )
    named = {head.field.name for head in heads} | {field.name for field in others}
    return Grid(
        action=action,
        heads=heads,
        others=others,
        rows=page.lines,
        chips=tuple((_said(page, one), _link(action, _less(query, one))) for one in query.filters),
        kept=tuple(_kept(query, named)),
        clear=_link(action, replace(query.at_start(), filters=())),
        told=told(count, table.title),
        exports=tuple(
            (ending.upper(), _link(f"/api/v1/tables/{table.name}/{ending}", query.at_start()))
            for ending in ("csv", "json")
        ),
        previous=_link(action, replace(query, after="", before=page.before)) if page.before else "",
        next=_link(action, replace(query, after=page.after, before="")) if page.after else "",
        is_filtered=bool(query.filters),
    )


def told(count: Count, title: str) -> str:
    """How many rows there are, in words.

    Example:
        >>> told(Count(1204, exact=True), "Runs"), told(Count(10000, exact=False), "Runs")
        ('1,204 runs', 'more than 10,000 runs')
    """
    if count.number is None:
        return f"many {title.lower()}"
    number = f"{count.number:,} {title.lower()}"
    if count.number == 1:
        number = number.removesuffix("s")
    return number if count.exact else f"more than {number}"


def _ops(column: Column) -> tuple[Op, ...]:
    """The conditions on a column that the form offers."""
    return (Op.FROM, Op.TO) if Op.FROM in column.ops else (_FIELD[column.kind],)


def _field(query: Query, column: Column, op: Op, *, choices: Choices) -> Field:
    name = key_of(column, op)
    return Field(
        name=name,
        label=column.title if op in {Op.IS, Op.HAS} else f"{column.title} {_HINTS[op]}",
        value=dict(reversed(query_pairs(query))).get(name, ""),
        hint=_HINTS[op] if column.kind is not Kind.TIME else "2026-03",
        choices=tuple(choices(query.table, column.name)) if column.kind is Kind.CHOICE else (),
    )


def _kept(query: Query, named: set[str]) -> list[tuple[str, str]]:
    """What the address says that no field of the form does: it is handed on as it is."""
    pairs = query_pairs(query.at_start())
    first = {name: index for index, (name, _) in reversed(list(enumerate(pairs)))}
    return [
        (name, value)
        for index, (name, value) in enumerate(pairs)
        if name not in named or first[name] != index
    ]


def _turned(query: Query, column: Column) -> Query:
    descending = not query.descending if query.order == column.name else True
    return query.ordered_by(column.name, descending=descending)


def _direction(query: Query, column: Column) -> str:
    if query.order != column.name:
        return ""
    return "descending" if query.descending else "ascending"


def _less(query: Query, one: Filter) -> Query:
    left = tuple(other for other in query.filters if other is not one)
    return replace(query.at_start(), filters=left)


def _said(page: Page, one: Filter) -> str:
    column = page.table.get_column(one.column)
    if one.op is Op.NONE:
        return f"{column.title} {'is empty' if one.value == 'yes' else 'is there'}"
    alone = replace(page.query.at_start(), filters=(one,), order="number", descending=True)
    value = query_pairs(alone)[0][1]
    amount = f"${value}" if column.kind is Kind.MONEY else value
    return f"{column.title} {_SAID[one.op]} {amount}"


def _link(path: str, query: Query) -> str:
    pairs = query_pairs(query)
    return f"{path}?{urlencode(pairs)}" if pairs else path
