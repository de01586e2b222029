"""The page of two runs beside each other; without two, the choice of them."""

from starlette.responses import Response

from atelier.ledger.rows import RunRecord
from atelier.observatory.doors.refusal import not_found
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.pages.answer import paged
from atelier.observatory.reading.compare import compare_runs
from atelier.observatory.reading.packet import run_named

# Of the newest runs, how many may be chosen from a list; any other is named by its id.
_OFFERED = 40


def _compare(visit: Visit) -> Response:
    archive = visit.house.archive
    left, right = visit.query.get("left", "").strip(), visit.query.get("right", "").strip()
    if not left or not right:
        runs = archive.ledger.iter_runs(limit=_OFFERED)
        return paged(
            visit,
            "compare_choice.html",
            place="compare",
            runs=[(run_named(run), run.start.parameters) for run in runs],
            left=left,
            right=right,
        )
    found = compare_runs(archive, _named(visit, left), _named(visit, right))
    return paged(visit, "compare.html", place="compare", found=found)


def _named(visit: Visit, name: str) -> RunRecord:
    run = visit.house.archive.find_run(name)
    if run is None:
        raise not_found("run")
    return run


COMPARE = (Route(path="/compare", scope=Scope.READ, handler=_compare),)
