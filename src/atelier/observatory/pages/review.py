"""The page of a review: the one question, what it turns on, and what the draft leaves out."""

from collections.abc import Sequence

from starlette.responses import Response

from atelier.observatory.asked import get_run
from atelier.observatory.doors.refusal import not_found
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.pages.answer import paged
from atelier.observatory.reading.review import ReviewView, find_reviews, view_review


def _review(visit: Visit) -> Response:
    run, archive = get_run(visit).start.run, visit.house.archive
    rows = find_reviews(archive, run)
    wanted = visit.query.get("stage", "")
    row = next((one for one in reversed(rows) if wanted in {"", one.stage}), None)
    if row is None:
        raise not_found("review in this run")
    values = review_values(view_review(archive, row), [one.stage for one in rows])
    return paged(visit, "review.html", place="runs", **values)


def review_values(view: ReviewView, stages: Sequence[str]) -> dict[str, object]:
    """All that the review's template is handed; `stages` are those of the run that gave one."""
    return {
        "view": view,
        "cited": {one.id: one for one in view.citations},
        "claims": {one.claim: one for one in view.claims},
        "findings": {one.id: one for one in view.findings},
        "stages": stages,
    }


REVIEW = (Route(path="/runs/{run:run}/review", scope=Scope.READ, handler=_review),)
