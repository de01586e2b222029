"""What a picture holds, as its tests read it: boxes, texts and paths in their places."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass

SVG = "{http://www.w3.org/2000/svg}"
_SHIFT = re.compile(r"translate\(([-\d.]+) ([-\d.]+)\)")


@dataclass(frozen=True)
class Rectangle:
    """Where something is drawn, and what it is."""

    x: float
    y: float
    width: float
    height: float
    what: str = ""

    def meets(self, other: "Rectangle") -> bool:
        """Whether two have a common area."""
        return (
            self.x < other.x + other.width - 0.02
            and other.x < self.x + self.width - 0.02
            and self.y < other.y + other.height - 0.02
            and other.y < self.y + self.height - 0.02
        )

    def holds(self, other: "Rectangle") -> bool:
        """Whether the other one lies within this one."""
        return (
            self.x <= other.x + 0.02
            and self.y <= other.y + 0.02
            and other.x + other.width <= self.x + self.width + 0.02
            and other.y + other.height <= self.y + self.height + 0.02
        )


def parsed(svg: str) -> ET.Element:
    """The picture as a tree: what is no XML is refused here."""
    return ET.fromstring(svg)  # noqa: S314 - our own pictures


def walk(
    element: ET.Element, x: float = 0.0, y: float = 0.0
) -> Iterator[tuple[ET.Element, float, float]]:
    """Every element, with where its own coordinates begin."""
    shift = _SHIFT.match(element.get("transform", ""))
    if shift:
        x, y = x + float(shift[1]), y + float(shift[2])
    yield element, x, y
    for child in element:
        yield from walk(child, x, y)


def rectangles(svg: str, class_: str) -> list[Rectangle]:
    """The rectangles of a class."""
    return [
        Rectangle(
            x + float(element.get("x", 0)),
            y + float(element.get("y", 0)),
            float(element.get("width", 0)),
            float(element.get("height", 0)),
            element.findtext(f"{SVG}title") or "",
        )
        for element, x, y in walk(parsed(svg))
        if element.tag == f"{SVG}rect" and class_ in element.get("class", "").split()
    ]


def texts(svg: str) -> list[Rectangle]:
    """The room of each text, by the estimate that the pictures go by."""
    from atelier.pictures.lettering import BOLD, width_of

    found: list[Rectangle] = []
    for element, x, y in walk(parsed(svg)):
        if element.tag != f"{SVG}text":
            continue
        size = float(element.get("font-size", 0))
        scale = BOLD if element.get("class") == "pic-name" else 1.0
        width = width_of(element.text or "", size * scale)
        left = x + float(element.get("x", 0))
        left -= {"middle": width / 2, "end": width}.get(element.get("text-anchor", ""), 0.0)
        top = y + float(element.get("y", 0)) - size * 0.8
        found.append(Rectangle(left, top, width, size, element.text or ""))
    return found
