"""The page of a run: its stages as a graph and as sentences, live while it goes on."""

from starlette.responses import Response

from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.pages.answer import archive_of, get_run, paged
from atelier.observatory.reading.run import view_run


def _run(visit: Visit) -> Response:
    view = view_run(archive_of(visit), get_run(visit))
    return paged(visit, "run.html", place="runs", run=view, picture="")


RUN = (Route(path="/runs/{run:run}", scope=Scope.READ, handler=_run),)
