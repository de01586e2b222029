"""What a run would do, without doing it: reused, stale with reasons, or pending."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from atelier.cache.explain import Reason, ReasonKind
from atelier.kernel.errors import StageError
from atelier.ledger.rows import Supply
from atelier.orchestrate.estimate import Estimate, together
from atelier.orchestrate.history import history
from atelier.orchestrate.opening import key_of_run
from atelier.orchestrate.prepare import find, prepare
from atelier.orchestrate.reasons import reasons_for, sentence
from atelier.orchestrate.state import RunState
from atelier.orchestrate.wiring import Node


class Standing(StrEnum):
    """What a stage is going to be."""

    REUSED = "reused"
    STALE = "stale"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a plan; `pending` may run, if an upstream output changes."""

    stage: str
    standing: Standing
    reason: str
    key: str | None = None
    estimate: Estimate = field(default_factory=Estimate)

    def as_json(self) -> dict[str, Any]:
        """One entry of `atelier plan --json`."""
        return {
            "stage": self.stage,
            "standing": self.standing.value,
            "reason": self.reason,
            "key": self.key,
            **self.estimate.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """A run that has not happened; `served_from` is the run that it would be served from."""

    workflow: str
    packet: str
    run_key: str
    served_from: str | None
    steps: tuple[Step, ...]

    def expected(self, standing: Standing) -> Estimate:
        """What all stages of one standing are likely to take: those that run, or those that may."""
        return together(step.estimate for step in self.steps if step.standing is standing)

    def as_json(self) -> dict[str, Any]:
        """What `atelier plan --json` prints."""
        return {
            "workflow": self.workflow,
            "packet": self.packet,
            "run_key": self.run_key,
            "served_from": self.served_from,
            "stages": [step.as_json() for step in self.steps],
            "would": self.expected(Standing.STALE).as_json(),
            "may": self.expected(Standing.PENDING).as_json(),
        }


def make_plan(state: RunState) -> Plan:
    """Walk the graph with what is known now; nothing is executed and nothing is written."""
    key = key_of_run(state)
    served = None if state.options.refresh else state.runtime.ledger.find_served(key)
    steps: list[Step] = []
    unknown: set[str] = set()
    for node in state.graph.nodes.values():
        waits = [name for name in node.upstream if name in unknown]
        step = _pending(state, node, waits) if waits else _step(state, node)
        if step.standing is not Standing.REUSED:
            unknown.add(node.name)
        steps.append(step)
    return Plan(
        workflow=state.graph.workflow,
        packet=state.evidence.digests.packet,
        run_key=key,
        served_from=served.start.run if served else None,
        steps=tuple(steps),
    )


def _step(state: RunState, node: Node) -> Step:
    try:
        prepared = prepare(node, state.recipes[node.name], state.hands, outputs=state.outputs)
    except StageError as error:
        return Step(node.name, Standing.STALE, error.sentence, estimate=history(state, node))
    found = find(state.runtime, prepared.key) if prepared.sound else None
    because = state.options.refresh.get(node.name)
    if found is not None and found.data is not None and because is None:
        state.outputs[node.name] = found.row.output
        return Step(node.name, Standing.REUSED, "same key", prepared.key)
    reasons = (
        [Reason(ReasonKind.REFRESHED, because)]
        if because is not None
        else reasons_for(prepared, state)
    )
    return Step(node.name, Standing.STALE, sentence(reasons), prepared.key, history(state, node))


def _pending(state: RunState, node: Node, waits: list[str]) -> Step:
    direct = [wire.parameter for wire in node.wires if wire.supply is Supply.STAGE]
    named = [name for name in direct if name in waits]
    reason = f"may run, if {' or '.join(named)} changes"
    return Step(node.name, Standing.PENDING, reason, estimate=history(state, node))
