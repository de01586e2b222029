"""The protocol of the room that prints: orchestrate knows when, the artefact room knows how."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from atelier.kernel.evidence import Address
from atelier.orchestrate.graph import Graph
from atelier.orchestrate.outcome import Emitted


@dataclass(frozen=True, slots=True)
class Print:
    """What is printed, and what each of its lines rests on."""

    data: bytes
    mark: str
    lines: Any


class Publisher(Protocol):
    """The door check, the rendering and the emission of an artefact."""

    @property
    def scheme(self) -> int:
        """The number of the rendering's rules; it is in the run key."""
        ...

    def refuse_setup(self, graph: Graph) -> None:
        """Check before the run that the artefact's stage can be printed.

        Raises:
            SetupError: no passages, no grounded input, or a path that names no parameter.
        """
        ...

    def problems(
        self, output: Any, inputs: Mapping[str, Any], parameters: Mapping[str, Any]
    ) -> Sequence[str]:
        """What the door check holds against an output, as said to whoever is asked again."""
        ...

    def render(
        self,
        output: Any,
        inputs: Mapping[str, Any],
        *,
        parameters: Mapping[str, Any],
        origin: Callable[[Address], str],
        notes: Sequence[str],
    ) -> Print:
        """The artefact's bytes; what fails the door check is printed flagged."""
        ...

    def emit(
        self,
        template: str,
        parameters: Mapping[str, Any],
        data: bytes,
        *,
        is_ours: Callable[[str], bool],
        overwrite: bool,
    ) -> Emitted:
        """Put the bytes where they belong, never over a person's work."""
        ...
