"""The workflows that may be started here, each with its form and its button."""

from secrets import token_urlsafe

from starlette.responses import Response

from atelier.observatory.doors.refusal import not_found
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.pages.answer import paged


def _workflows(visit: Visit) -> Response:
    starter = visit.house.starter
    offers = tuple(starter.offers()) if starter is not None else ()
    running = tuple(starter.running()) if starter is not None else ()
    return paged(visit, "workflows.html", place="workflows", offers=offers, running=running)


def _workflow(visit: Visit) -> Response:
    starter = visit.house.starter
    offer = starter.find_offer(visit.parts["workflow"]) if starter is not None else None
    if offer is None:
        raise not_found("workflow")
    return paged(
        visit,
        "workflow.html",
        place="workflows",
        offer=offer,
        # The same form sent twice starts one run.
        key=token_urlsafe(12),
        given=visit.query,
    )


WORKFLOWS = (
    Route(path="/workflows", scope=Scope.READ, handler=_workflows),
    Route(path="/workflows/{workflow:name}", scope=Scope.READ, handler=_workflow),
)
