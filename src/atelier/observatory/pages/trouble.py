"""A failure as a page inside the frame, so that a reader can go on from it."""

from starlette.responses import Response

from atelier.kernel.errors import AtelierError
from atelier.observatory.doors.refusal import status_of
from atelier.observatory.doors.route import Visit
from atelier.observatory.pages.answer import paged


def trouble(visit: Visit, error: AtelierError) -> Response:
    """The page of a failure."""
    answer = paged(visit, "trouble.html", place="", error=error, back=_back(visit))
    answer.status_code = status_of(error)
    return answer


def _back(visit: Visit) -> str:
    """The page whose form was sent: each form is sent to a place below its page."""
    is_form = visit.request.method == "POST" and bool(visit.parts)
    return visit.request.url.path.rpartition("/")[0] if is_form else ""
