"""The page of a row: of a stage in a run, or of one of its elements."""

from starlette.responses import Response

from atelier.observatory.asked import get_run
from atelier.observatory.doors.refusal import not_found
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.pages.answer import paged
from atelier.observatory.reading.row import view_row


def _stage(visit: Visit) -> Response:
    archive = visit.house.archive
    row = archive.find_stage_row(get_run(visit).start.run, visit.parts["stage"])
    if row is None:
        raise not_found("stage in this run")
    return paged(visit, "row.html", place="runs", row=view_row(archive, row))


def _row(visit: Visit) -> Response:
    row = visit.house.ledger.find_row(int(visit.parts["seq"]))
    if row is None:
        raise not_found("row")
    return paged(visit, "row.html", place="runs", row=view_row(visit.house.archive, row))


ROW = (
    Route(path="/runs/{run:run}/stages/{stage:name}", scope=Scope.READ, handler=_stage),
    Route(path="/rows/{seq:seq}", scope=Scope.READ, handler=_row),
)
