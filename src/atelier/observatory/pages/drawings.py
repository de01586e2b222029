"""Pictures in a page: drawn by us with every text escaped, so that they are markup already."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from markupsafe import Markup

from atelier.pictures.charts.chart import Chart, Frame, Table

# More days than these are told by the week, more weeks than these by the month.
_DAYS, _WEEKS = 45, 60
# What a phone has room for.
_NARROW = 312.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A chart as a page holds it: for a wide screen, and for a phone."""

    title: str
    svg: Markup
    narrow: Markup
    table: Table


def drawn(svg: str) -> Markup:
    """A picture as the markup that it is."""
    return Markup(svg)  # noqa: S704 - `atelier.pictures` escapes every text of a picture


def shown(draw: Callable[[Frame], Chart], frame: Frame) -> Shown:
    """A chart with its table, drawn for both widths."""
    chart, narrow = draw(frame), draw(replace(frame, width=_NARROW))
    return Shown(chart.table.caption, drawn(chart.svg), drawn(narrow.svg), chart.table)


def spans_of(days: Sequence[str]) -> tuple[list[str], list[list[int]]]:
    """Labels of a time axis, and which of the days stand under each; empty stretches are there too.

    Example:
        >>> spans_of(["2026-03-01", "2026-03-03"])
        (['2026-03-01', '2026-03-02', '2026-03-03'], [[0], [], [1]])
    """
    first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    length = (last - first).days
    if length > 7 * _WEEKS:
        labels = _months(first, last)
        names = [day[:7] for day in days]
    elif length > _DAYS:
        monday = first - timedelta(days=first.weekday())
        weeks = range(0, (last - monday).days + 1, 7)
        labels = [(monday + timedelta(days=days)).isoformat() for days in weeks]
        names = [labels[(date.fromisoformat(day) - monday).days // 7] for day in days]
    else:
        labels = [(first + timedelta(days=at)).isoformat() for at in range(length + 1)]
        names = list(days)
    places: dict[str, list[int]] = {label: [] for label in labels}
    for at, name in enumerate(names):
        places[name].append(at)
    return labels, list(places.values())


def _months(first: date, last: date) -> list[str]:
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in months]
