"""A page as an answer: the frame from the visit, the values from the handler."""

from itertools import chain

from starlette.responses import Response, StreamingResponse

from atelier.observatory.doors.route import Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.pages.frame import Frame, theme_of
from atelier.observatory.pages.paper import beginning_and_rest, page


def paged(visit: Visit, template: str, *, place: str, **values: object) -> Response:
    """A template filled in, inside the frame of this visit."""
    return Response(page(template, frame_of(visit, place), **values), media_type="text/html")


def paged_in_parts(visit: Visit, template: str, *, place: str, **values: object) -> Response:
    """The same of a long page: its beginning is on its way while the rest is written."""
    written = beginning_and_rest(template, frame_of(visit, place), **values)
    first = next(written)  # what fails here fails before anything is sent
    return StreamingResponse(chain([first], written), media_type="text/html")


def frame_of(visit: Visit, place: str) -> Frame:
    """What stands around the page."""
    # What may start runs may write to the ledger; a copy is only read.
    may_write = visit.house.starter is not None and visit.viewer.may(Scope.RUN)
    return Frame(
        now=visit.house.clock.now(),
        as_of=visit.house.index.as_of,
        trouble=visit.house.index.trouble,
        place=place,
        theme=theme_of(visit.request.cookies),
        title=visit.house.title,
        scope=visit.viewer.scope.word,
        may_run=may_write,
        may_judge=may_write,
        viewer=visit.viewer.name,
    )
