"""A chart: its picture, and its table for those who do not see it or want the numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from atelier.pictures.markup import element, escape
from atelier.pictures.units import Unit, count


@dataclass(frozen=True, slots=True)
class Table:
    """What a chart shows, in words: a header, and a row a label."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def as_html(self) -> str:
        """The table as HTML, every cell escaped.

        Example:
            >>> Table("cost", ("day", "$"), (("<1>", "2"),)).as_html().count("&lt;1&gt;")
            1
        """
        head = element("tr", *(element("th", escape(one), scope="col") for one in self.header))
        body = [
            element(
                "tr",
                element("th", escape(first), scope="row"),
                *(element("td", escape(one)) for one in rest),
            )
            for first, *rest in self.rows
        ]
        caption = element("caption", escape(self.caption))
        return element(
            "table", caption, element("thead", head), element("tbody", *body), class_="pic-table"
        )


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture and its table."""

    svg: str
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Values under one name, one for each label; None is unknown, and drawn as a gap."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a chart says of itself, and the room that it has."""

    title: str
    what: str = ""
    unit: Unit = count
    width: float = 720.0
    height: float = 220.0


def table_of(frame: Frame, labels: Sequence[str], series: Sequence[Series]) -> Table:
    """The table of a chart: a column a series."""
    return Table(
        frame.title,
        (frame.what, *(one.name for one in series)),
        tuple(
            (label, *(told(frame.unit, one.values[at]) for one in series))
            for at, label in enumerate(labels)
        ),
    )


def told(unit: Unit, value: float | None) -> str:
    """A value in its unit; None is unknown."""
    return "unknown" if value is None else unit(value)
