"""The page of why: paste a sentence, a file, a digest or a run, and get its chain."""

from functools import partial

from starlette.responses import Response

from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.pages.answer import paged
from atelier.observatory.reading.why import view_why
from atelier.observatory.reading.why_text import why_text
from atelier.observatory.saying import artefacts_saying


def _why(visit: Visit) -> Response:
    asked = visit.query.get("q", "").strip()
    saying = partial(artefacts_saying, visit.house.index)
    view = view_why(visit.house.archive, asked, saying) if asked else None
    return paged(
        visit,
        "why.html",
        place="why",
        asked=asked,
        view=view,
        told=why_text(view) if view and view.kind != "unknown" else "",
        cited={one.id: one for one in view.citations} if view else {},
    )


WHY = (Route(path="/why", scope=Scope.READ, handler=_why),)
