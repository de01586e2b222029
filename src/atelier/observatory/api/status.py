"""What is served, and what the asker may do here."""

from dataclasses import dataclass

from starlette.responses import Response

from atelier.observatory.doors.answer import json
from atelier.observatory.doors.operation import Operation
from atelier.observatory.doors.route import Kind, Route, Visit
from atelier.observatory.doors.scope import GRANTED, Scope
from atelier.observatory.reading.plain import to_json


@dataclass(frozen=True, slots=True)
class Status:
    """What is served, how far the index has read it, and what the asker may do here.

    `as_of` is when the index last looked into the ledger, `trouble` what has kept it from it since.
    """

    title: str
    viewer: str
    scopes: tuple[str, ...]
    starts_runs: bool
    running: tuple[str, ...]
    records: int
    behind: bool
    as_of: str
    trouble: str


def _status(visit: Visit) -> Response:
    house = visit.house
    standing = house.index.standing()
    status = Status(
        title=house.title,
        viewer=visit.viewer.name,
        scopes=tuple(scope.word for scope in GRANTED if visit.viewer.may(scope)),
        starts_runs=house.starter is not None,
        running=tuple(house.starter.running()) if house.starter is not None else (),
        records=standing.records,
        behind=standing.behind,
        as_of=standing.as_of,
        trouble=standing.trouble.sentence if standing.trouble else "",
    )
    return json(to_json(status))


STATUS = (
    Route(
        path="/api/v1/status",
        scope=Scope.READ,
        handler=_status,
        kind=Kind.DATA,
        operation=Operation(
            name="status", doc="What is served, and what you may do.", answer=Status
        ),
    ),
)
