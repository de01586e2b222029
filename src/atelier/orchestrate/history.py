"""What a stage's executions took so far, as the ledger knows it."""

from atelier.orchestrate.estimate import Estimate, estimate
from atelier.orchestrate.state import RunState
from atelier.orchestrate.wiring import Node

# Executions that are looked back at; older ones say less.
HISTORY = 50
# Seconds for which a process that runs one workflow over and over keeps what it was told.
FRESH = 30.0


def history(state: RunState, node: Node) -> Estimate:
    """What this stage's executions took so far, in this ledger."""
    return estimate(
        state.runtime.ledger.find_candidates(
            node.stage.names, workflow=state.graph.workflow, limit=HISTORY
        )
    )


def recent_history(state: RunState, node: Node) -> Estimate:
    """The history as it was told in the last half minute, or as it is now."""
    place, now = (state.graph.workflow, node.name), state.runtime.clock.seconds()
    known = state.runtime.histories.get(place)
    if known is None or now - known[0] > FRESH:
        known = state.runtime.histories[place] = (now, history(state, node))
    return known[1]
