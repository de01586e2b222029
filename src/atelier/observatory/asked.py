"""What a request names, found in the house or refused: for pages, the API and files alike."""

from re import compile as pattern

from atelier.ledger.rows import RunRecord
from atelier.observatory.doors.refusal import not_found
from atelier.observatory.doors.route import Visit
from atelier.observatory.index.aggregates import Period
from atelier.observatory.index.query import FilterError
from atelier.observatory.starting import Ahead

LARGEST = 10**15 - 1
_DAY = pattern(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?\Z")


def get_run(visit: Visit) -> RunRecord:
    """The run that the path names.

    Raises:
        RefusalError: 404.
    """
    found = visit.house.ledger.find_run(visit.parts["run"])
    if found is None:
        raise not_found("run")
    return found


def ahead_of(visit: Visit, run: str) -> Ahead | None:
    """What a run of this server will do yet."""
    starter = visit.house.starter
    return starter.find_ahead(run) if starter is not None else None


def period_of(visit: Visit) -> Period:
    """The part of the record that the address asks for.

    Raises:
        FilterError: what should be a day is none.
    """
    asked = visit.query
    for name in ("since", "until"):
        if asked.get(name) and not _DAY.match(asked[name]):
            raise FilterError(
                "A filter's value is of the wrong kind: no day.",
                name=name,
                given=asked[name],
                next_step="Write a day, or how it begins: 2026-03-01, 2026-03 or 2026.",
            )
    names = ("since", "until", "workflow", "stage", "model")
    return Period(**{name: asked.get(name, "") for name in names})


def number_of(visit: Visit, name: str, *, default: int = 0, most: int = LARGEST) -> int:
    """The number that the address gives a name, or what it is where it gives none.

    Raises:
        FilterError: it is no such number.
    """
    text = visit.query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 16 and int(text) <= most):
        raise FilterError(
            "A filter's value is of the wrong kind: no such number.",
            name=name,
            given=text,
            next_step=f"Write a whole number up to {most}.",
        )
    return int(text)
