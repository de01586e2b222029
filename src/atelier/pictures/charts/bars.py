"""Bars over labels: plain, and stacked."""

from collections.abc import Iterator, Sequence

from atelier.pictures.charts.axes import Field, field_of, label_axis, value_axis
from atelier.pictures.charts.chart import Chart, Frame, Series, table_of, told
from atelier.pictures.charts.legend import legend
from atelier.pictures.markup import element, escape, svg

# What of the room of a label its bar takes, and how wide a bar is at most.
_SHARE, _WIDEST = 0.7, 48.0
_LEGEND = 22.0


def bars(frame: Frame, labels: Sequence[str], values: Sequence[float | None]) -> Chart:
    """One bar a label.

    Example:
        >>> chart = bars(Frame(title="runs a day", what="day"), ["Mon", "Tue"], [3, None])
        >>> chart.svg.count("pic-bar"), chart.table.rows
        (1, (('Mon', '3'), ('Tue', 'unknown')))
    """
    return stacked_bars(frame, labels, [Series(name=frame.title, values=values)])


def stacked_bars(frame: Frame, labels: Sequence[str], series: Sequence[Series]) -> Chart:
    """The values of several series on one another, four at most in colours of their own."""
    sums = [sum(one.values[at] or 0.0 for one in series) for at in range(len(labels))]
    field = field_of(frame, max(sums, default=0.0))
    room = field.width / max(len(labels), 1)
    places = [field.left + room * (at + 0.5) for at in range(len(labels))]
    width = min(room * _SHARE, _WIDEST)
    drawn = [
        *value_axis(frame, field),
        *_stacks(frame, field, labels, series=series, at=(places, width)),
        *label_axis(field, labels, places),
    ]
    height = frame.height
    if len(series) > 1:
        drawn.append(legend([one.name for one in series], frame.width, top=height))
        height += _LEGEND
    table = table_of(frame, labels, series)
    picture = svg(frame.width, height, drawn, title=frame.title, desc="", class_="pic-chart")
    return Chart(picture, table)


def _stacks(
    frame: Frame,
    field: Field,
    labels: Sequence[str],
    *,
    series: Sequence[Series],
    at: tuple[Sequence[float], float],
) -> Iterator[str]:
    places, width = at
    for place, label in enumerate(labels):
        below = 0.0
        for number, one in enumerate(series):
            value = one.values[place]
            if not value:
                continue
            top, bottom = field.y(below + value), field.y(below)
            below += value
            named = f"{label}: {told(frame.unit, value)}"
            yield element(
                "rect",
                element("title", escape(f"{named} {one.name}" if len(series) > 1 else named)),
                x=places[place] - width / 2,
                y=top,
                width=width,
                height=bottom - top,
                class_=f"pic-bar pic-series-{number % 4 + 1}",
            )
