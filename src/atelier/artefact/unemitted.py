"""Printing without a file: what a replay would have emitted, by its digest alone."""

from collections.abc import Callable, Mapping
from typing import Any

from atelier.artefact.emission import fill_path
from atelier.artefact.publisher import ArtefactPublisher
from atelier.kernel.digest import digest_bytes
from atelier.orchestrate.outcome import Emitted

UNEMITTED = "unemitted"


class Unemitted(ArtefactPublisher):
    """A publisher that checks and renders as the artefact's own does, and leaves no file."""

    def emit(
        self,
        template: str,
        parameters: Mapping[str, Any],
        data: bytes,
        *,
        is_ours: Callable[[str], bool],  # noqa: ARG002 - the protocol's
        overwrite: bool,  # noqa: ARG002 - the protocol's
    ) -> Emitted:
        """The path and the digest that a file would have."""
        return Emitted(fill_path(template, parameters), digest_bytes(data), UNEMITTED)
