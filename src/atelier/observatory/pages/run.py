"""The page of a run: its stages as a graph and as sentences, live while it goes on."""

from time import sleep

from starlette.responses import Response

from atelier.ledger.rows import RunRecord
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.drawn import draw_run
from atelier.observatory.pages.answer import archive_of, get_run, paged
from atelier.observatory.pages.drawings import drawn
from atelier.observatory.pages.filters import step
from atelier.observatory.reading.graph import Node
from atelier.observatory.reading.run import view_run

# A run that was just started is in its ledger a moment later.
_PATIENCE, _LOOK = 5.0, 0.05


def _run(visit: Visit) -> Response:
    view = view_run(archive_of(visit), _begun(visit))
    picture = draw_run(
        view.graph,
        title=f"The stages of {view.workflow}",
        address=lambda node: _address(view.run, node),
    )
    return paged(visit, "run.html", place="runs", run=view, picture=drawn(picture))


def _begun(visit: Visit) -> RunRecord:
    """The run that the path names; one that this server has just started may be waited for."""
    starter, run = visit.house.starter, visit.parts["run"]
    left = _PATIENCE if starter is not None and starter.find_feed(run) is not None else 0.0
    while visit.house.ledger.find_run(run) is None and left > 0:
        sleep(_LOOK)
        left -= _LOOK
    return get_run(visit)


def _address(run: str, node: Node) -> str:
    """Where the box of a stage leads: to its row, once it has one."""
    return "" if node.seq is None else f"/runs/{run}/stages/{step(node.stage)}"


RUN = (Route(path="/runs/{run:run}", scope=Scope.READ, handler=_run),)
