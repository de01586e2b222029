"""The artefact room as a run sees it: door check, rendering and emission behind one protocol."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from atelier.artefact.door import DoorFault, check, feedback
from atelier.artefact.emission import emit, fill_path
from atelier.artefact.markdown import RENDER_SCHEME, render
from atelier.artefact.passage import Passage, has_passages, passages_of, title_of
from atelier.isilon.template import placeholders
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import SetupError
from atelier.kernel.evidence import Address, Citation, GroundedClaim
from atelier.orchestrate.citing import iter_evidence, may_cite
from atelier.orchestrate.graph import Graph
from atelier.orchestrate.outcome import Emitted
from atelier.orchestrate.publish import Print

# Texts that rest on citations and on no claim.
Cited = Mapping[str, Sequence[Citation]]


class ArtefactPublisher:
    """Prints what passes the door, and flags what does not.

    `said_by_rule` gives the texts of an input that rules made of cited evidence, such as a
    review's question, with their citations: a sentence that repeats one of them needs no claim.
    """

    scheme = RENDER_SCHEME

    def __init__(self, project: Path, said_by_rule: Callable[[Any], Cited]) -> None:
        self._project = project
        self._said_by_rule = said_by_rule

    def refuse_setup(self, graph: Graph) -> None:
        """Check that the artefact's stage can be printed, and its path filled.

        Raises:
            SetupError: no passages, no grounded input, or a path that names no parameter.
        """
        if graph.artefact is None:
            return
        node = graph.nodes[graph.artefact.stage.name]
        if not has_passages(node.output.annotation):
            raise _unprintable(node.name, "its output has no `passages: list[Passage]`")
        if not any(may_cite(wire.form) for wire in node.wires):
            raise _unprintable(node.name, "none of its inputs holds grounded claims")
        known = {parameter.name for parameter in graph.shape.parameters}
        for name in placeholders(graph.artefact.path):
            if name not in known:
                raise SetupError(
                    "artefact.path",
                    "The artefact's path names what the packet does not have.",
                    facts={"template": graph.artefact.path, "name": name},
                    next_step=f"Use one of the packet's parameters: {', '.join(sorted(known))}.",
                )

    def problems(
        self, output: Any, inputs: Mapping[str, Any], parameters: Mapping[str, Any]
    ) -> Sequence[str]:
        """What the door check holds against an output, as said to whoever is asked again."""
        faults = self._faults(_Printed(output), inputs, parameters)
        return [feedback(faults)] if faults else []

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
        printed = _Printed(output)
        faults = self._faults(printed, inputs, parameters)
        done = render(
            printed.title,
            printed.passages,
            claims_in(inputs),
            origin=origin,
            faults=faults,
            notes=notes,
            cited=self._ruled(inputs),
        )
        return Print(done.text.encode(), done.mark, done.lines_json())

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
        done = emit(
            self._project,
            fill_path(template, parameters),
            data,
            is_ours=is_ours,
            overwrite=overwrite,
        )
        return Emitted(done.path, digest_bytes(data), done.action.value, done.warning)

    def _faults(
        self, printed: "_Printed", inputs: Mapping[str, Any], parameters: Mapping[str, Any]
    ) -> tuple[DoorFault, ...]:
        also = [*(str(value) for value in parameters.values()), *self._ruled(inputs)]
        return check(printed.passages, claims_in(inputs), also=also, title=printed.title)

    def _ruled(self, inputs: Mapping[str, Any]) -> Cited:
        said = [self._said_by_rule(value) for value in inputs.values()]
        return {text: citations for found in said for text, citations in found.items()}


class _Printed:
    """An output as the door sees it."""

    def __init__(self, output: BaseModel) -> None:
        dumped = output.model_dump(mode="json", by_alias=True)
        self.title = title_of(dumped)
        self.passages: list[Passage] = passages_of(dumped) or []


def claims_in(inputs: Mapping[str, Any]) -> dict[str, GroundedClaim]:
    """The grounded claims among a stage's inputs, by id."""
    found = (item for value in inputs.values() for item in iter_evidence(value))
    return {item.claim.id: item for item in found if isinstance(item, GroundedClaim)}


def _unprintable(stage: str, why: str) -> SetupError:
    return SetupError(
        "artefact.unprintable",
        f"Stage {stage!r} cannot be printed.",
        facts={"why": why},
        next_step="Return passages, and take a grounded input: see docs/explanation/artefact.md.",
    )
