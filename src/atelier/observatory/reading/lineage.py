"""The stages that led to a value in one run, each with where its value was made, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from atelier.ledger.rows import Row, RunRecord, Supply
from atelier.observatory.reading.archive import Archive


@dataclass(frozen=True, slots=True)
class Step:
    """A stage in a run, and the row that made its value."""

    row: Row
    source: Row

    @property
    def reason(self) -> str:
        """Why the value was made, also where it was made in an earlier run."""
        if self.source.run == self.row.run:
            return self.row.reason
        return f"made in run {self.source.run}: {self.source.reason}"


def lineage(archive: Archive, run: RunRecord, stage: str) -> list[Step]:
    """The stage and everything above it, in the order in which they ended."""
    rows = {row.stage: row for row in archive.ledger.iter_stage_rows(run.start.run)}
    steps: dict[str, Step] = {}
    waiting = [stage]
    while waiting:
        name = waiting.pop()
        if name in steps or name not in rows:
            continue
        source = archive.original(rows[name])
        steps[name] = Step(rows[name], source)
        waiting.extend(item.source for item in source.consumed if item.supply is Supply.STAGE)
    return [steps[name] for name in rows if name in steps]


def lineage_json(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The stages as `--json` gives them."""
    return [
        {
            "stage": step.row.stage,
            "outcome": step.row.outcome.value,
            "reason": step.row.reason,
            "key": step.row.key,
            "output": step.row.output,
            "made_in": {
                "run": step.source.run,
                "seq": step.source.seq,
                "reason": step.source.reason,
            },
        }
        for step in steps
    ]
