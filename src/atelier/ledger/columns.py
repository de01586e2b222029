"""How a record becomes the columns of its table, and how columns become a record again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, cast

import orjson

from atelier.kernel.canonical import canonical
from atelier.ledger.database import Column
from atelier.ledger.rows import Consumed, Outcome, Row, RunRecord, RunStart, RunStatus, Supply

T = TypeVar("T")

_PLAIN = frozenset({str, int, float, bytes, type(None)})
# Tables of their own hold these.
_BESIDE = frozenset({"consumed", "slices"})


def _names(text: str) -> list[str]:
    return text.split()


ROW = _names(
    "seq run stage outcome recorded_at element reason key draw recipe components input output "
    "manifest served_from sound unseen model_class model_requested model_served requests "
    "input_tokens cached_tokens output_tokens reasoning_tokens incurred original avoided "
    "price_table citations citations_digest decided_by aside seconds error"
)
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
    "Attempt": _names(
        "id run stage call number request model_requested sent_at element reserved outcome "
        f"response model_served {_USAGE} error ended_at"
    ),
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
    match value:
        case bool():
            return int(value)
        case str():  # the member of an enum
            return str.__str__(value)
        case Mapping():
            return canonical(dict(cast("Mapping[str, Any]", value))).decode()
        case _:
            return canonical([dict(item) for item in value]).decode()


def row_from(columns: Sequence[Any], consumed: tuple[Consumed, ...]) -> Row:
    """The row that columns in the order of `ROW` hold."""
    values = dict(zip(ROW, columns, strict=True))
    values["outcome"] = Outcome(values["outcome"])
    values["sound"] = bool(values["sound"])
    unseen = values["unseen"]
    values["unseen"] = () if unseen == "[]" else tuple(orjson.loads(unseen))
    if values["error"] is not None:
        values["error"] = orjson.loads(values["error"])
    return Row(**values, consumed=consumed)


def consumed_from(columns: Sequence[Any]) -> Consumed:
    """One input of a row."""
    parameter, supply, source, digest, whole = columns
    return Consumed(
        parameter=parameter, supply=Supply(supply), source=source, digest=digest, whole=whole
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


def record_from(kind: type[T], columns: Sequence[Any]) -> T:
    """The record whose fields, in the order of its table's part, these columns are."""
    values = dict(zip(_ORDER[kind.__name__], columns, strict=True))
    if values.get("error") is not None:
        values["error"] = orjson.loads(values["error"])
    return kind(**values)
