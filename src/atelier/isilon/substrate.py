"""The substrate: where evidence lies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from atelier.isilon.look import Visit


@dataclass(frozen=True)
class Substrate:
    """The root that paths are relative to, and the databases by name."""

    root: Path
    databases: Mapping[str, Path] = field(default_factory=dict[str, Path])

    def visit(self) -> Visit:
        """One collection's hold on the substrate; a context manager.

        Raises:
            MissingEvidenceError: the root does not exist.
        """
        return Visit(self.root, self.databases)
