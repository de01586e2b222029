"""The conditions of a question as SQL: names come from the table's description, values are bound."""

from collections.abc import Mapping
from dataclasses import dataclass

from atelier.ledger.database import Column as Bound
from atelier.observatory.index.columns import Column, Kind, Op, Table
from atelier.observatory.index.cursor import read_cursor
from atelier.observatory.index.query import Filter, Plain, Query


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition and the values that it takes."""

    sql: str
    values: Mapping[str, Bound]


def filtered(query: Query, table: Table) -> Condition:
    """What every filter of a question asks."""
    groups: dict[tuple[str, Op], list[Filter]] = {}
    for one in query.filters:
        groups.setdefault((one.column, one.op), []).append(one)
    parts: list[str] = ["1"]
    values: dict[str, Bound] = {}
    for (name, op), filters in groups.items():
        column = table.get_column(name)
        joined = " or " if op is Op.IS else " and "
        asked: list[str] = []
        for one in filters:
            place = f"v{len(values)}"
            sql, bound = _one(column, one, place)
            asked.append(sql)
            values[place] = bound
        parts.append(f"({joined.join(asked)})")
    return Condition(" and ".join(parts), values)


def paged(query: Query, table: Table) -> Condition:
    """What a cursor adds: the rows on one side of a place in the order."""
    cursor = query.after or query.before
    if not cursor:
        return Condition("1", {})
    column = table.get_column(query.order)
    name = "after" if query.after else "before"
    value, number = read_cursor(cursor, text=not column.is_number, name=name)
    sign = "<" if query.descending == bool(query.after) else ">"
    if column.name == "number":
        return Condition(f"{column.named} {sign} :number", {"number": number})
    place: dict[str, Bound] = {"value": value, "number": number}
    # Written so that it is sought: a pair that holds an expression is not.
    beyond = f'({column.ordered} {sign} :value or "number" {sign} :number)'
    return Condition(f"{column.ordered} {sign}= :value and {beyond}", place)


def ordering(query: Query, table: Table) -> str:
    """The order in which the rows are read; a page before a place is read backwards."""
    column = table.get_column(query.order)
    way = "desc" if query.descending != bool(query.before) else "asc"
    return f"{column.ordered} {way}" + ("" if column.name == "number" else f', "number" {way}')


def _one(column: Column, one: Filter, place: str) -> tuple[str, Bound]:
    template = _template(column, one.op)
    sql = template.replace("{name}", column.named).replace("{value}", f":{place}")
    return sql, _bound(column, one)


def _template(column: Column, op: Op) -> str:
    if op is Op.NONE:
        return "(({name} is null) = ({value} = 'yes'))" if column.nullable else _EMPTY
    return _TEMPLATES.get((op, column.kind), _TEMPLATES[op, None])


def _bound(column: Column, one: Filter) -> Plain:
    """A value as it is compared: a moment stands for all that begin with it."""
    if one.op is Op.HAS:
        return f"%{_escaped(str(one.value))}%"
    if column.kind is Kind.TIME and one.op is not Op.NONE:
        return str(one.value).removesuffix("Z")
    return one.value


_EMPTY = "(({name} = '') = ({value} = 'yes'))"
_BEGINS = "({name} >= {value} and {name} < {value} || char(1114111))"
_TEMPLATES: Mapping[tuple[Op, Kind | None], str] = {
    (Op.HAS, None): "{name} like {value} escape '!'",
    (Op.IS, None): "{name} = {value}",
    (Op.IS, Kind.DIGEST): _BEGINS,
    (Op.IS, Kind.TIME): _BEGINS,
    (Op.FROM, None): "{name} >= {value}",
    (Op.TO, None): "{name} <= {value}",
    (Op.TO, Kind.TIME): "({name} <> '' and {name} < {value} || char(1114111))",
}


def _escaped(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
