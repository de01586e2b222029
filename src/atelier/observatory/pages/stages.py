"""Stages and prompts: every version, how it was used, how it failed, how long it took."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from starlette.responses import Response

from atelier.observatory.asked import period_of
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.index.aggregates import Retries, StageUse
from atelier.observatory.pages.answer import paged


def _stages(visit: Visit) -> Response:
    index, period = visit.house.index, period_of(visit)
    retried: dict[tuple[str, str], list[Retries]] = {}
    for one in index.retries(period):
        retried.setdefault((one.workflow, one.stage), []).append(one)
    return paged(
        visit,
        "stage_versions.html",
        place="stages",
        period=period,
        stages=by_stage(index.stage_uses(period)),
        retried=retried,
        workflows=index.choices("runs", "workflow"),
    )


def by_stage(uses: Sequence[StageUse]) -> Mapping[tuple[str, str], list[StageUse]]:
    """The versions of each stage, the newest first."""
    ordered = sorted(uses, key=lambda use: use.last_at, reverse=True)
    placed = sorted(ordered, key=lambda use: (use.workflow, use.stage))
    return {
        place: list(found)
        for place, found in groupby(placed, key=lambda use: (use.workflow, use.stage))
    }


STAGES = (Route(path="/stages", scope=Scope.READ, handler=_stages),)
