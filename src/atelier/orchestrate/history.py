"""What a stage's executions took so far, as the ledger knows it."""

from atelier.orchestrate.estimate import Estimate, estimate
from atelier.orchestrate.state import RunState
from atelier.orchestrate.wiring import Node

# Executions that are looked back at; older ones say less.
HISTORY = 50


def history(state: RunState, node: Node) -> Estimate:
    """What this stage's executions took so far, in this ledger."""
    return estimate(
        state.runtime.ledger.find_candidates(
            node.stage.names, workflow=state.graph.workflow, limit=HISTORY
        )
    )
