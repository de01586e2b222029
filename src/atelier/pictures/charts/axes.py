"""The axes of a chart: round ticks, labels that never meet, and where a value stands between them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from atelier.pictures.charts.chart import Frame
from atelier.pictures.lettering import cut, width_of
from atelier.pictures.markup import element, number, text_at

TICK = 11.0
_TOP, _BOTTOM, _RIGHT = 10.0, 24.0, 10.0
_GAP = 10.0
_BETWEEN = 34.0
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
# Of a smaller value a part may be zero, or have no power of ten below it.
_LEAST = 1e-300


@dataclass(frozen=True, slots=True)
class Field:
    """The room inside the axes, and the scale of the values in it."""

    left: float
    top: float
    width: float
    height: float
    ticks: tuple[float, ...]

    @property
    def bottom(self) -> float:
        """Where zero is."""
        return self.top + self.height

    def y(self, value: float) -> float:
        """The height at which a value stands."""
        return self.bottom - self.height * value / self.ticks[-1]


def ticks_to(most: float, count: int) -> tuple[float, ...]:
    """Round values from zero to the first that is no less than the greatest.

    Example:
        >>> ticks_to(7.3, 4), ticks_to(0, 4), ticks_to(0.021, 3)
        ((0.0, 2.0, 4.0, 6.0, 8.0), (0.0, 1.0), (0.0, 0.01, 0.02, 0.03))
    """
    if most < _LEAST or not math.isfinite(most):
        return (0.0, 1.0)
    rough = most / max(count, 1)
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * one for one in _STEPS if size * one >= rough * 0.999999)
    last = math.ceil(most / step - 1e-9)
    return tuple(float(f"{step * at:.12g}") for at in range(last + 1))


def field_of(frame: Frame, most: float) -> Field:
    """The room that is left inside the axes of a chart whose greatest value is this."""
    height = frame.height - _TOP - _BOTTOM
    ticks = ticks_to(most, max(1, int(height / _BETWEEN)))
    left = max(width_of(frame.unit(tick), TICK) for tick in ticks) + 8.0
    return Field(left, _TOP, frame.width - left - _RIGHT, height, ticks)


def value_axis(frame: Frame, field: Field) -> Iterator[str]:
    """A thin rule at each tick, and what it stands for at its left."""
    for tick in field.ticks:
        y = field.y(tick)
        yield element(
            "path",
            d=f"M{number(field.left)} {number(y)}h{number(field.width)}",
            class_="pic-rule" if tick else "pic-zero",
        )
        yield text_at(
            frame.unit(tick),
            field.left - 6.0,
            y + 3.8,
            size=TICK,
            class_="pic-tick",
            text_anchor="end",
        )


def label_axis(field: Field, labels: Sequence[str], places: Sequence[float]) -> Iterator[str]:
    """The labels below the axis: every one, or as many as do not meet, from the last one back."""
    if not labels:
        return
    limit = max(field.width / 2, 40.0)
    shown = [cut(label, TICK, limit) for label in labels]
    free = field.left + field.width + _RIGHT
    for at in _every(field, shown, places):
        half = width_of(shown[at], TICK) / 2
        x = min(max(places[at], half), field.left + field.width + _RIGHT - half)
        if x + half > free:
            continue
        free = x - half - _GAP
        yield text_at(
            shown[at], x, field.bottom + 16.0, size=TICK, class_="pic-tick", text_anchor="middle"
        )


def _every(field: Field, labels: Sequence[str], places: Sequence[float]) -> Sequence[int]:
    """Which labels have room: all, or every second, every third, ending with the last."""
    widest = max(width_of(label, TICK) for label in labels) + _GAP
    apart = (places[-1] - places[0]) / (len(places) - 1) if len(places) > 1 else field.width
    step = max(1, math.ceil(widest / apart)) if apart > 0 else len(labels)
    return range(len(labels) - 1, -1, -step)
