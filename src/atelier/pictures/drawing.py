"""A graph to be drawn, as values: what stands in each box, and what joins them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How a stage stands; each is drawn in a shape of its own, so that no colour is needed."""

    NONE = ""
    RAN = "ran"
    REUSED = "reused"
    FAILED = "failed"
    BLOCKED = "blocked"
    RUNNING = "running"
    WAITING = "waiting"


class Look(StrEnum):
    """What a box stands for."""

    STAGE = "stage"
    ARTEFACT = "artefact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One box: a name, how it stands, lines below it, and where it leads.

    `said` is what somebody hears who does not see it; by default what stands in it.
    """

    name: str
    title: str
    mark: Mark = Mark.NONE
    captions: tuple[str, ...] = ()
    href: str = ""
    look: Look = Look.STAGE
    said: str = ""

    @property
    def spoken(self) -> str:
        """The box in words."""
        return self.said or ", ".join(
            part for part in (self.title, self.mark.value, *self.captions) if part
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One box leads to another; `is_cause` where it made the other run, `optional` where it may fail."""

    source: str
    target: str
    is_cause: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A graph: its name, its boxes and the links between them."""

    title: str
    nodes: Sequence[Node]
    links: Sequence[Link] = ()

    @property
    def described(self) -> str:
        """The graph in a sentence for each box, for those who do not see it."""
        above: dict[str, list[str]] = {}
        titles = {node.name: node.title for node in self.nodes}
        for link in self.links:
            if link.source in titles:
                above.setdefault(link.target, []).append(titles[link.source])
        told: list[str] = []
        for node in self.nodes:
            needs = ", ".join(dict.fromkeys(above.get(node.name, ())))
            told.append(f"{node.spoken}, after {needs}." if needs else f"{node.spoken}.")
        return " ".join(told)
