"""Lines over days, and sparklines: a gap where nothing is known."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from atelier.pictures.charts.axes import Field, field_of, label_axis, value_axis
from atelier.pictures.charts.chart import Chart, Frame, Series, Table, table_of, told
from atelier.pictures.charts.legend import legend
from atelier.pictures.markup import element, escape, number, svg

Point = tuple[float, float]
_LEGEND = 22.0
# With more points than this, a dot for each would be a second line.
_DOTS = 40


def lines(
    frame: Frame, labels: Sequence[str], series: Sequence[Series], *, area: bool = False
) -> Chart:
    """A line a series; with `area`, what lies below the first one is tinted.

    Example:
        >>> told = [Series(name="cost", values=[1, 2, None, 4, 5])]
        >>> chart = lines(Frame(title="cost by day", what="day"), list("abcde"), told)
        >>> chart.svg.count("pic-trend"), len(chart.table.rows)
        (2, 5)
    """
    known = [value for one in series for value in one.values if value is not None]
    field = field_of(frame, max(known, default=0.0))
    places = _places(field, len(labels))
    drawn = list(value_axis(frame, field))
    for place, one in enumerate(series):
        drawn += _trend(frame, field, one, labels=labels, at=(places, place), area=area)
    drawn += label_axis(field, labels, places)
    height = frame.height
    if len(series) > 1:
        drawn.append(legend([one.name for one in series], frame.width, top=height))
        height += _LEGEND
    picture = svg(frame.width, height, drawn, title=frame.title, desc="", class_="pic-chart")
    return Chart(picture, table_of(frame, labels, series))


def sparkline(frame: Frame, labels: Sequence[str], values: Sequence[float | None]) -> Chart:
    """A line without axes, for a cell of a table; `frame` has its size.

    Example:
        >>> frame = Frame(title="runs", what="day", width=80, height=20)
        >>> sparkline(frame, ["a", "b"], [1, 2]).svg.count("<path")
        1
    """
    most = max((value for value in values if value is not None), default=0.0) or 1.0
    field = Field(2.0, 2.0, frame.width - 4.0, frame.height - 4.0, (0.0, most))
    places = _places(field, len(values))
    drawn = [_line(points, 0) for points in _stretches(field, values, places)]
    ends = [(places[at], field.y(value)) for at, value in enumerate(values) if value is not None][
        -1:
    ]
    drawn += [_dot(point, 0, "") for point in ends]
    picture = svg(frame.width, frame.height, drawn, title=frame.title, desc="", class_="pic-spark")
    rows = tuple(
        (label, told(frame.unit, value)) for label, value in zip(labels, values, strict=True)
    )
    return Chart(picture, Table(frame.title, (frame.what, frame.title), rows))


def _places(field: Field, count: int) -> list[float]:
    if count == 1:
        return [field.left + field.width / 2]
    return [field.left + field.width * at / (count - 1) for at in range(count)]


def _trend(
    frame: Frame,
    field: Field,
    series: Series,
    *,
    labels: Sequence[str],
    at: tuple[Sequence[float], int],
    area: bool,
) -> Iterator[str]:
    places, place = at
    for points in _stretches(field, series.values, places):
        if area and not place and len(points) > 1:
            start = number(points[0][0])
            floor = number(field.bottom)
            yield element(
                "path",
                d=f"{_curve(points)}V{floor}H{start}z",
                class_=f"pic-area pic-series-{place % 4 + 1}",
            )
        yield _line(points, place)
    alone = {points[0] for points in _stretches(field, series.values, places) if len(points) == 1}
    for index, value in enumerate(series.values):
        point = (places[index], field.y(value or 0.0))
        if value is not None and (len(labels) <= _DOTS or point in alone):
            yield _dot(point, place, f"{labels[index]}: {told(frame.unit, value)} {series.name}")


def _stretches(
    field: Field, values: Sequence[float | None], places: Sequence[float]
) -> Iterator[list[Point]]:
    """The points that stand side by side without a gap."""
    points: list[Point] = []
    for value, x in zip([*values, None], [*places, 0.0], strict=True):
        if value is not None:
            points.append((x, field.y(value)))
        elif points:
            yield points
            points = []


def _line(points: Sequence[Point], place: int) -> str:
    kind = f"pic-trend pic-series-{place % 4 + 1}"
    return element("path", d=_curve(points), fill="none", class_=kind)


def _curve(points: Sequence[Point]) -> str:
    """A way that bends smoothly and never goes beyond its points."""
    steps = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = number((x + to_x) / 2)
        steps.append(f"C{middle} {number(y)} {middle} {number(to_y)} {number(to_x)} {number(to_y)}")
    return "".join(steps)


def _dot(point: Point, place: int, said: str) -> str:
    title = [element("title", escape(said))] if said else []
    x, y = point
    return element(
        "circle", *title, cx=x, cy=y, r=2.4, class_=f"pic-dot pic-series-{place % 4 + 1}"
    )
