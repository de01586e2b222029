"""The charts: nothing overlaps, every number stands in the table, unknown is never zero."""

import re
from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from reading import Rectangle, parsed, rectangles, texts

from atelier.pictures.charts.axes import ticks_to
from atelier.pictures.charts.bars import bars, stacked_bars
from atelier.pictures.charts.chart import Chart, Frame, Series
from atelier.pictures.charts.shares import coverage, heat_strip
from atelier.pictures.charts.trends import lines, sparkline
from atelier.pictures.style import style
from atelier.pictures.units import money

HOSTILE = "</text><script>alert(1)</script>\x1b\"'&"
values = st.lists(st.none() | st.floats(0, 1e12, allow_nan=False), min_size=1, max_size=70)
labels = st.lists(st.text(max_size=14), min_size=70, max_size=70)


def chart_of(kind: str, names: Sequence[str], told: Sequence[float | None], width: float) -> Chart:
    frame = Frame(title="cost", what="day", unit=money, width=width)
    names = names[: len(told)]
    two = [Series(name="a", values=told), Series(name="b", values=told)]
    match kind:
        case "bars":
            return bars(frame, names, told)
        case "stacked":
            return stacked_bars(frame, names, two)
        case "lines":
            return lines(frame, names, two, area=True)
        case "coverage":
            return coverage(frame, [(name, 1, 3) for name in names])
        case "strip":
            return heat_strip(frame, names, told)
        case _:
            return sparkline(frame, names, told)


KINDS = ["bars", "stacked", "lines", "coverage", "strip", "spark"]


@pytest.mark.parametrize("kind", KINDS)
@given(names=labels, told=values, width=st.sampled_from([240.0, 480.0, 960.0]))
def test_texts_stand_in_the_picture_and_off_each_other(
    kind: str, names: list[str], told: list[float | None], width: float
) -> None:
    svg = chart_of(kind, names, told, width).svg
    root = parsed(svg)
    whole = Rectangle(0, 0, float(root.get("width", 0)), float(root.get("height", 0)))
    written = [text for text in texts(svg) if text.width]
    assert not [text for text in written if not whole.holds(text)]
    assert not [pair for pair in combinations(written, 2) if pair[0].meets(pair[1])]


@example(told=[1e-323])
@given(told=values)
def test_bars_stand_in_the_field_and_off_each_other(told: list[float | None]) -> None:
    svg = chart_of("stacked", [str(at) for at in range(70)], told, 480.0).svg
    found = [bar for bar in rectangles(svg, "pic-bar") if bar.what]
    assert not [pair for pair in combinations(found, 2) if pair[0].meets(pair[1])]
    assert all(bar.y >= 0 and bar.height >= 0 for bar in found)


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_labels_are_only_text(kind: str) -> None:
    chart = chart_of(kind, [HOSTILE, HOSTILE], [1.0, None], 480.0)
    for text in (chart.svg, chart.table.as_html()):
        assert "<script" not in text
        assert "\x1b" not in text
        parsed(text)


@pytest.mark.parametrize("kind", KINDS)
def test_a_chart_brings_no_style_and_is_named(kind: str) -> None:
    svg = chart_of(kind, ["a", "b"], [1.0, 2.0], 480.0).svg
    assert " style=" not in svg
    assert parsed(svg).get("aria-label") == "cost"
    named = {one for found in re.findall(r'class="([^"]+)"', svg) for one in found.split()}
    plain = {"pic-chart", "pic-spark", "pic-legend", "pic-label", "is-4"}
    assert [one for one in sorted(named - plain) if f".{one}" not in style()] == []


def test_unknown_is_a_gap_in_the_picture_and_a_word_in_the_table() -> None:
    told = [Series(name="cost", values=[1.0, None, 3.0])]
    chart = lines(Frame(title="cost", what="day"), ["a", "b", "c"], told)
    assert chart.table.rows == (("a", "1"), ("b", "unknown"), ("c", "3"))
    assert chart.svg.count("pic-trend") == 2


def test_the_table_has_a_column_a_series() -> None:
    series = [Series(name="a", values=[1.0]), Series(name="b", values=[2.0])]
    table = stacked_bars(Frame(title="cost", what="day"), ["Mon"], series).table
    assert (table.header, table.rows) == (("day", "a", "b"), (("Mon", "1", "2"),))
    assert '<th scope="row">Mon</th><td>1</td><td>2</td>' in table.as_html()


@given(st.floats(1e-9, 1e15, allow_nan=False), st.integers(1, 8))
def test_ticks_are_round_reach_the_greatest_value_and_are_few(most: float, count: int) -> None:
    ticks = ticks_to(most, count)
    assert ticks[0] == 0
    assert ticks[-1] >= most * 0.999999
    assert 2 <= len(ticks) <= count + 2


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_to_show_is_a_picture_too(kind: str) -> None:
    parsed(chart_of(kind, [], [], 480.0).svg)
