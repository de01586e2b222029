"""The page of cost: what was spent, what was avoided, and by what; the two are never mixed."""

from collections.abc import Sequence
from functools import partial

from starlette.responses import Response

from atelier.observatory.asked import period_of
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.index.aggregates import Cost
from atelier.observatory.pages.answer import paged
from atelier.observatory.pages.drawings import Shown, shown, spans_of
from atelier.pictures.charts.bars import bars
from atelier.pictures.charts.chart import Frame
from atelier.pictures.units import money

_TABLES = (
    ("workflow", "By workflow"),
    ("stage", "By stage"),
    ("model", "By model"),
    ("price_table", "By price table"),
)


def _cost(visit: Visit) -> Response:
    index, period = visit.house.index, period_of(visit)
    days = index.costs("day", period)
    return paged(
        visit,
        "cost.html",
        place="cost",
        period=period,
        days=days,
        charts=_charts(days) if len(days) > 1 else [],
        total=_total(days),
        tables=[(title, index.costs(by, period)) for by, title in _TABLES],
        workflows=index.choices("runs", "workflow"),
    )


def _charts(days: Sequence[Cost]) -> list[Shown]:
    """What was spent and what was avoided, each by itself: their sum would mean nothing."""
    labels, spans = spans_of([one.name for one in days])
    told = (("Spent", "spent"), ("Avoided", "avoided"))
    return [
        shown(
            partial(
                bars,
                labels=labels,
                values=[sum(getattr(days[at], name) for at in span) for span in spans],
            ),
            Frame(title=title, what="when", unit=money, height=160.0),
        )
        for title, name in told
    ]


def _total(costs: tuple[Cost, ...]) -> Cost:
    names = [name for name in Cost.__slots__ if name != "name"]
    return Cost(name="", **{name: sum(getattr(one, name) for one in costs) for name in names})


COST = (Route(path="/cost", scope=Scope.READ, handler=_cost),)
