"""Backtest: recorded runs again with one thing swapped, in a shadow over the ledger they are in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from atelier.kernel.canonical import Json
from atelier.kernel.digest import record_digest
from atelier.kernel.money import dollars, total
from atelier.ledger.rows import RunStatus
from atelier.ledger.store import LedgerStore
from atelier.orchestrate.paired import Measure, Paired, pair
from atelier.orchestrate.recorded import Recording, get_recording
from atelier.orchestrate.run import run_workflow
from atelier.orchestrate.runtime import Runtime
from atelier.orchestrate.selection import Selection
from atelier.orchestrate.state import RunOptions
from atelier.orchestrate.swap import Swap
from atelier.orchestrate.workflow import Workflow

_ALL = 1_000_000
_WHOLE = frozenset({RunStatus.COMPLETE.value, RunStatus.DEGRADED.value})


@dataclass(frozen=True, slots=True)
class Question:
    """What a backtest asks: which runs, of which workflow, with what in whose place."""

    workflow: str
    selection: Selection
    swap: Swap

    @property
    def id(self) -> str:
        """A name that follows from the question: who asks it again goes on with what is there."""
        asked: dict[str, Json] = {
            "workflow": self.workflow,
            "selection": self.selection.as_json(),
            "swap": {**self.swap.as_json()},
        }
        return record_digest("backtest", asked).removeprefix("sha256:")[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """The recorded runs, each beside its counterpart; `folder` is the shadow, below the project."""

    question: Question
    folder: str
    runs: tuple[Paired, ...]

    @property
    def whole(self) -> bool:
        """Whether every counterpart came to its end."""
        return all(one.status in _WHOLE for one in self.runs)

    @property
    def before(self) -> Measure:
        """The recorded runs together."""
        return Measure.together(one.before for one in self.runs)

    @property
    def after(self) -> Measure:
        """Their counterparts together."""
        return Measure.together(one.after for one in self.runs)

    @property
    def incurred(self) -> int | None:
        """What the whole backtest has cost so far, in micros."""
        return total(one.incurred for one in self.runs)

    @property
    def avoided(self) -> int | None:
        """What it would have cost besides, without what was there."""
        return total(one.avoided for one in self.runs)

    def as_json(self) -> dict[str, Any]:
        """What `atelier backtest --json` prints."""
        return {
            "id": self.question.id,
            "workflow": self.question.workflow,
            "selection": self.question.selection.as_json(),
            "swap": self.question.swap.as_json(),
            "folder": self.folder,
            "runs": [one.as_json() for one in self.runs],
            "total": {
                "runs": len(self.runs),
                "changed": sum(bool(one.diff) for one in self.runs),
                "before": self.before.as_json(),
                "after": self.after.as_json(),
                "citations_gained": sum(one.gained for one in self.runs),
                "citations_lost": sum(one.lost for one in self.runs),
                "incurred_usd": dollars(self.incurred),
                "avoided_usd": dollars(self.avoided),
            },
        }


async def run_pairs(
    workflow: Workflow[Any],
    recordings: Sequence[Recording],
    runtime_for: Callable[[Recording], Runtime],
    *,
    shadow: LedgerStore,
    options: RunOptions,
    observe: Callable[[Paired], None],
) -> tuple[Paired, ...]:
    """Each recorded run and its counterpart, one after the other.

    One at a time: whoever is killed has one call on its way at most for each stage that asks.

    Raises:
        SetupError: a packet is not kept, or the workflow or the install must be mended.
    """
    begun: dict[str, list[str]] = {}
    for run in shadow.iter_runs(limit=_ALL):
        begun.setdefault(run.start.namespace, []).append(run.start.run)
    found: list[Paired] = []
    for recording in recordings:
        runtime = runtime_for(recording)
        collected = recording.collected(workflow.packet)
        done = await run_workflow(workflow, collected, runtime, options=options)
        after = get_recording(done.id, runtime.ledger, runtime.content.read)
        runs = [*begun.get(runtime.namespace, []), done.id]
        spent = total(one.incurred for run in runs for one in shadow.iter_attempts(run))
        found.append(pair(recording, after, final=workflow.graph.final, incurred=spent))
        observe(found[-1])
    return tuple(found)
