"""What the outputs and answers of one stage are held against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atelier.kernel.evidence import Citation, GroundedClaim
from atelier.orchestrate.citing import Citable, may_cite, rejected, verify
from atelier.orchestrate.excerpt import Excerpt, unshown
from atelier.orchestrate.state import RunState
from atelier.orchestrate.wiring import Node


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks of one stage in one run.

    Whoever asks on the stage's behalf holds these, and not the job that asked it: the two would
    hold each other, and only the collector of cycles would ever let them go.
    """

    state: RunState
    node: Node

    def evidence(self, output: Any) -> Sequence[Citation | GroundedClaim]:
        """What an output cites, verified.

        Raises:
            RejectedError: a citation does not stand.
        """
        if not may_cite(self.node.returns):
            return ()
        found, wrong = self._verified(output)
        if wrong:
            raise rejected(self.node.name, wrong)
        return found

    def objections(self, answer: Any, shown: Sequence[Excerpt] | None) -> Sequence[str]:
        """What is wrong with the citations of an answer; excerpts confine them to what was shown."""
        if shown is None:
            return self._verified(answer)[1]
        slices = self.state.shown_to(self.node).values()
        seen = [*shown, *(Excerpt(item.element) for items in slices for item in items)]
        citable = Citable([item.element for item in seen])
        found, wrong = verify(answer, citable, self.state.runtime.quote_check)
        return [*wrong, *unshown(found, seen)]

    def door(self, answer: Any, given: Mapping[str, Any]) -> Sequence[str]:
        """What the door check holds against an answer, where it is what the artefact prints."""
        artefact = self.state.graph.artefact
        if artefact is None or artefact.stage is not self.node.stage:
            return ()
        if type(answer) is not self.node.returns.annotation:
            return ()  # the stage makes its passages of the answer; the door looks at the output
        parameters = self.state.evidence.digests.parameters
        return self.state.runtime.publisher.problems(answer, given, parameters)

    def _verified(self, value: Any) -> tuple[list[Citation | GroundedClaim], list[str]]:
        return verify(value, self.state.citable_by(self.node), self.state.runtime.quote_check)
