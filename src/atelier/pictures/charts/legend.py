"""The legend of a chart: a patch of each colour, and what it stands for."""

from collections.abc import Iterator, Sequence

from atelier.pictures.charts.axes import TICK
from atelier.pictures.lettering import cut, width_of
from atelier.pictures.markup import element, text_at

_PATCH, _SPACE = 9.0, 18.0


def legend(names: Sequence[str], width: float, *, top: float) -> str:
    """Names beside one another, each cut so that all of them have room."""
    each = max((width - _SPACE * len(names)) / max(len(names), 1) - _PATCH - 5.0, 20.0)
    return element("g", *_entries(names, each, top=top), class_="pic-legend")


def _entries(names: Sequence[str], each: float, *, top: float) -> Iterator[str]:
    x = 2.0
    for number, name in enumerate(names):
        shown = cut(name, TICK, each)
        yield element(
            "rect",
            x=x,
            y=top + 3.0,
            width=_PATCH,
            height=_PATCH,
            rx=2.0,
            class_=f"pic-bar pic-series-{number % 4 + 1}",
        )
        yield text_at(shown, x + _PATCH + 5.0, top + 11.0, size=TICK, class_="pic-tick")
        x += _PATCH + 5.0 + width_of(shown, TICK) + _SPACE
