"""Parts of a whole, and days by how much happened: coverage bars and heat strips."""

from collections.abc import Sequence

from atelier.pictures.charts.axes import TICK
from atelier.pictures.charts.chart import Chart, Frame, Table, told
from atelier.pictures.lettering import cut, width_of
from atelier.pictures.markup import element, escape, svg, text_at
from atelier.pictures.units import share

Part = tuple[str, int, int]
_ROW, _BAR, _GAP = 24.0, 8.0, 12.0
_CELL, _SPACE = 12.0, 3.0
_LEVELS = 4


def coverage(frame: Frame, parts: Sequence[Part]) -> Chart:
    """A bar a part: its name, how many of how many, and the share; `frame.height` follows from it.

    Example:
        >>> chart = coverage(Frame(title="coverage", what="slice"), [("journal", 3, 12)])
        >>> chart.table.rows
        (('journal', '3', '12', '25%'),)
    """
    told_parts = [f"{some} of {whole}" for _, some, whole in parts]
    names = [cut(name, TICK, frame.width * 0.35) for name, _, _ in parts]
    left = max((width_of(name, TICK) for name in names), default=0.0) + _GAP
    right = max((width_of(text, TICK) for text in told_parts), default=0.0) + _GAP
    room = max(frame.width - left - right, 20.0)
    drawn: list[str] = []
    for at, (name, some, whole) in enumerate(parts):
        top = _ROW * at
        part = min(max(some / whole, 0.0), 1.0) if whole > 0 else 0.0
        bar = {"y": top + 8.0, "height": _BAR, "rx": _BAR / 2}
        drawn += [
            text_at(names[at], 0.0, top + 16.0, size=TICK, class_="pic-label"),
            element("rect", x=left, width=room, **bar, class_="pic-track"),
            element(
                "rect",
                element("title", escape(f"{name}: {told_parts[at]}")),
                x=left,
                width=room * part,
                **bar,
                class_="pic-part",
            ),
            text_at(
                told_parts[at],
                frame.width,
                top + 16.0,
                size=TICK,
                class_="pic-tick",
                text_anchor="end",
            ),
        ]
    rows = tuple(
        (name, str(some), str(whole), share(some / whole) if whole > 0 else "none")
        for name, some, whole in parts
    )
    picture = svg(
        frame.width,
        max(_ROW * len(parts), 1.0),
        drawn,
        title=frame.title,
        desc="",
        class_="pic-chart",
    )
    return Chart(picture, Table(frame.title, (frame.what, "part", "of", "share"), rows))


def heat_strip(frame: Frame, labels: Sequence[str], values: Sequence[float | None]) -> Chart:
    """A small square a day, fuller where more happened; as many a row as there is room for.

    Example:
        >>> chart = heat_strip(Frame(title="runs", what="day", width=60), ["a", "b"], [0, 9])
        >>> [f"is-{level}" in chart.svg for level in (0, 4)]
        [True, True]
    """
    each = _CELL + _SPACE
    row = max(1, int((frame.width + _SPACE) // each))
    most = max((value for value in values if value is not None), default=0.0)
    drawn = [
        element(
            "rect",
            element("title", escape(f"{label}: {told(frame.unit, value)}")),
            x=each * (at % row),
            y=each * (at // row),
            width=_CELL,
            height=_CELL,
            rx=2.5,
            class_=f"pic-cell is-{level_of(value, most)}",
        )
        for at, (label, value) in enumerate(zip(labels, values, strict=True))
    ]
    height = each * (-(-len(labels) // row)) - _SPACE if labels else 1.0
    picture = svg(frame.width, height, drawn, title=frame.title, desc="", class_="pic-chart")
    rows = tuple(
        (label, told(frame.unit, value)) for label, value in zip(labels, values, strict=True)
    )
    return Chart(picture, Table(frame.title, (frame.what, frame.title), rows))


def level_of(value: float | None, most: float) -> int:
    """How full a square is, from 0 to 4: nothing is 0, and anything is 1 at least.

    Example:
        >>> [level_of(value, 10) for value in (None, 0, 0.1, 5, 10)]
        [0, 0, 1, 2, 4]
    """
    if not value or value <= 0 or most <= 0:
        return 0
    return min(_LEVELS, 1 + int(value / most * (_LEVELS - 0.001)))
