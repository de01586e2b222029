"""What a workflow ends in."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from atelier.orchestrate.stage import Stage

R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True)
class Artefact(Generic[R_co]):
    """The file that a run ends in: whose passages it prints, and the template of its path.

    `path` is relative to the project and filled from the packet's parameters.
    """

    stage: Stage[..., R_co]
    path: str
