"""A failure as a page inside the frame, so that a reader can go on from it."""

from collections.abc import Callable

from starlette.responses import Response

from atelier.kernel.errors import AtelierError
from atelier.observatory.doors.refusal import status_of
from atelier.observatory.doors.route import Visit
from atelier.observatory.pages.answer import paged

Answering = Callable[[Visit], Response]


def told(handler: Answering) -> Answering:
    """A handler whose failures are pages too."""

    def telling(visit: Visit) -> Response:
        try:
            return handler(visit)
        except AtelierError as error:
            return trouble(visit, error, back=_back(visit))

    return telling


def trouble(visit: Visit, error: AtelierError, *, back: str = "") -> Response:
    """The page of a failure."""
    answer = paged(visit, "trouble.html", place="", error=error, back=back)
    answer.status_code = status_of(error)
    return answer


def _back(visit: Visit) -> str:
    """The page whose form was sent: each form is sent to a place below its page."""
    is_sent = visit.request.method == "POST"
    return visit.request.url.path.rpartition("/")[0] if is_sent else ""
