"""A workflow: a packet, the stages over it, and the artefact that they end in."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar, overload

from atelier.aggregate import Packet
from atelier.orchestrate.artefact import Artefact
from atelier.orchestrate.drawn import drawing_of
from atelier.orchestrate.graph import Graph, build_graph
from atelier.orchestrate.stage import Stage
from atelier.pictures.graph import draw_graph
from atelier.pictures.style import standalone

R = TypeVar("R")


class Workflow(Generic[R]):
    """A typed graph of stages over one packet type; `R` is the output of its artefact's stage."""

    @overload
    def __init__(
        self: "Workflow[None]",
        name: str,
        *,
        packet: type[Packet],
        stages: Sequence[Stage[..., Any]],
        artefact: None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        name: str,
        *,
        packet: type[Packet],
        stages: Sequence[Stage[..., Any]],
        artefact: Artefact[R],
    ) -> None: ...
    def __init__(
        self,
        name: str,
        *,
        packet: type[Packet],
        stages: Sequence[Stage[..., Any]],
        artefact: Artefact[Any] | None = None,
    ) -> None:
        self.name = name
        self.packet = packet
        self.stages = tuple(stages)
        self.artefact = artefact

    @cached_property
    def graph(self) -> Graph:
        """The checked graph.

        Raises:
            SetupError: a name, a type, a prompt or the order cannot work; names stage and parameter.
        """
        return build_graph(self.name, self.packet, self.stages, artefact=self.artefact)

    def __repr__(self) -> str:
        return f"<workflow {self.name}: {', '.join(stage.name for stage in self.stages)}>"

    def _repr_svg_(self) -> str:
        """The graph as a picture, for a notebook."""
        return standalone(draw_graph(drawing_of(self.graph)))
