"""How a record becomes the columns of its table, and how columns become a record again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, cast

import orjson

from atelier.kernel.canonical import canonical
from atelier.ledger.database import Column
from atelier.ledger.rows import Cap, Consumed, Outcome, Row, RunRecord, RunStart, RunStatus, Supply

T = TypeVar("T")

_PLAIN = frozenset({str, int, float, bytes, type(None)})
# Tables of their own hold these.
_BESIDE = frozenset({"consumed", "slices"})


def _names(text: str) -> list[str]:
    return text.split()


RUN = _names(
    "run workflow scope packet run_key started_at target namespace parameters subject owner "
    "versions"
)
_USAGE = "input_tokens cached_tokens output_tokens reasoning_tokens incurred"
_ORDER = {
    "ClaimRow": _names("output claim ordinal text kind verdict flag decided_by checks"),
    "CitationRow": _names(
        "output claim ordinal slice element occurrence pointer start end quote match role found_by"
    ),
    "JudgementRow": _names("output claim ordinal verdict who reason recorded_at decided_by seq"),
    "Attempt": _names(
        "id run stage call number request model_class model_requested sent_at element reserved "
        f"outcome response model_served {_USAGE} price_table error ended_at"
    ),
    "Served": _names("model_class requested served first_at last_at answers"),
    "CallRow": _names("call draw answer attempt run stage recorded_at model_served original"),
    "ArtefactRow": _names("seq run stage path digest mark lines action recorded_at"),
    "Event": _names("seq kind subject detail recorded_at run"),
}


def bindings(record: Any) -> dict[str, Column]:
    """The columns of a record by name: JSON as canonical text, truth as 0 and 1.

    Example:
        >>> from atelier.ledger.rows import Event
        >>> bindings(Event(kind="damage", subject="b", detail="", recorded_at="now"))["kind"]
        'damage'
    """
    names, read = _reader(record.__class__)
    return {
        name: value if type(value) in _PLAIN else _plain(value)
        for name, value in zip(names, read(record), strict=True)
    }


@cache
def _reader(kind: type[Any]) -> tuple[list[str], Callable[[Any], tuple[Any, ...]]]:
    names = [field.name for field in fields(kind) if field.name not in _BESIDE]
    return names, attrgetter(*names)


def _plain(value: Any) -> Column:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):  # the member of an enum
        return str.__str__(value)
    if value == ():
        return "[]"
    if isinstance(value, Mapping):
        return canonical(dict(cast("Mapping[str, Any]", value))).decode()
    return canonical([dict(item) for item in value]).decode()


def _slots(kind: type[Any]) -> list[Callable[[Any, Any], None]]:
    return [kind.__dict__[field.name].__set__ for field in fields(kind)]


_ROW_SLOTS = _slots(Row)
# Where a row's number stands among the columns of the part `row`.
SEQ = [field.name for field in fields(Row)].index("seq")
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}


def row_from(columns: Sequence[Any], consumed: tuple[Consumed, ...]) -> Row:
    """The row that the columns of the part `row` hold: the fields of `Row` in their order.

    Every lookup makes a row, so it fills the slots itself: a third of the time of the constructor.
    """
    row = object.__new__(Row)
    for fill, value in zip(_ROW_SLOTS, (*columns, consumed), strict=True):
        fill(row, value)
    _set(row, "outcome", _OUTCOMES[row.outcome])
    _set(row, "sound", bool(row.sound))
    unseen = cast("str", row.unseen)
    _set(row, "unseen", () if unseen == "[]" else tuple(orjson.loads(unseen)))
    if row.error is not None:
        _set(row, "error", orjson.loads(cast("str", row.error)))
    return row


_set = object.__setattr__


_SUPPLIES = {supply.value: supply for supply in Supply}
_SUPPLY_TEXTS = {supply: supply.value for supply in Supply}


def inputs_of(row: Row) -> list[tuple[str, str, str, str, str]]:
    """The columns of a row's inputs: parameter, supply, source, digest, whole."""
    return [
        (one.parameter, _SUPPLY_TEXTS[one.supply], one.source, one.digest, one.whole)
        for one in row.consumed
    ]


def consumed_from(columns: Sequence[Any]) -> Consumed:
    """One input of a row."""
    parameter, supply, source, digest, whole = columns
    return Consumed(
        parameter=parameter, supply=_SUPPLIES[supply], source=source, digest=digest, whole=whole
    )


def run_from(columns: Sequence[Any]) -> RunRecord:
    """The run that the columns of the part `run` hold; one that has not ended is running."""
    values = dict(zip(RUN, columns, strict=False))
    values["parameters"] = orjson.loads(values["parameters"])
    values["versions"] = orjson.loads(values["versions"])
    status, ended_at, sound, served_from, seconds = columns[len(RUN) :]
    return RunRecord(
        start=RunStart(**values),
        status=RunStatus(status or RunStatus.RUNNING),
        sound=status is None or bool(sound),
        ended_at=ended_at,
        served_from=served_from,
        seconds=seconds,
    )


def spending(cap: Cap) -> tuple[str, Mapping[str, Column]]:
    """The name of the statement that sums what counts against a cap, and what it takes."""
    if cap.run is not None:
        return "spent_by_run", {"run": cap.run, "model_class": cap.model_class}
    return "spent_by_workflow", {"workflow": cap.workflow, "since": cap.since}


def record_from(kind: type[T], columns: Sequence[Any]) -> T:
    """The record whose fields, in the order of its table's part, these columns are."""
    values = dict(zip(_ORDER[kind.__name__], columns, strict=True))
    if values.get("error") is not None:
        values["error"] = orjson.loads(values["error"])
    return kind(**values)
