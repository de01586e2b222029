"""The page of a run: its stages as a graph and as sentences, live while it goes on."""

from functools import partial

from starlette.responses import Response

from atelier.observatory.asked import ahead_of, get_run
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.drawn import draw_run, draw_run_narrow
from atelier.observatory.pages.answer import paged
from atelier.observatory.pages.drawings import drawn
from atelier.observatory.pages.filters import step
from atelier.observatory.reading.graph import Node
from atelier.observatory.reading.run import RunView, view_run


def _run(visit: Visit) -> Response:
    run = get_run(visit)
    view = view_run(visit.house.archive, run, ahead_of(visit, run.start.run))
    return paged(visit, "run.html", place="runs", **run_values(view))


def run_values(view: RunView) -> dict[str, object]:
    """All that the run's template is handed."""
    title = f"The stages of {view.workflow}"
    address = partial(_address, view.run)
    narrow = draw_run_narrow(view.graph, title=title, address=address)
    return {
        "run": view,
        "picture": drawn(draw_run(view.graph, title=title, address=address)),
        "narrow": drawn(narrow) if narrow else None,
    }


def _address(run: str, node: Node) -> str:
    """Where the box of a stage leads: to its row, once it has one."""
    return "" if node.seq is None else f"/runs/{run}/stages/{step(node.stage)}"


RUN = (Route(path="/runs/{run:run}", scope=Scope.READ, handler=_run),)
