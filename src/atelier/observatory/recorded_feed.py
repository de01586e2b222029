"""What happened in a run as its rows tell it: for runs of other processes, and for finished ones."""

import asyncio
from collections.abc import Callable
from time import monotonic

from atelier.ledger.rows import RunStatus
from atelier.ledger.store import LedgerStore
from atelier.observatory.starting import Happening
from atelier.orchestrate.record import result_of

_PAUSE = 1.0


class RecordedFeed:
    """A run's events read from the ledger, again each second while it goes on.

    Rows stand in the order in which stages ended, so an event's number never changes.
    """

    def __init__(
        self, ledger: LedgerStore, run: str, *, seconds: Callable[[], float] = monotonic
    ) -> None:
        self._ledger = ledger
        self._run = run
        self._seconds = seconds
        self._over = False

    @property
    def is_over(self) -> bool:
        """Whether the ledger has the run's end, and everything before it was given."""
        return self._over

    async def after(self, number: int, *, seconds: float) -> list[Happening]:
        """What happened after a number; waits for it a while, and gives nothing when time is up."""
        until = self._seconds() + seconds
        while True:
            found = (await asyncio.to_thread(self._read))[number:]
            left = until - self._seconds()
            if found or self._over or left <= 0:
                return found
            await asyncio.sleep(min(_PAUSE, left))

    def _read(self) -> list[Happening]:
        # The run before its rows: once it has ended, every row of it is there.
        record = self._ledger.find_run(self._run)
        if record is None:
            self._over = True
            return []
        rows = [row for row in self._ledger.iter_stage_rows(self._run) if row.stage]
        began = {
            "run": self._run,
            "workflow": record.start.workflow,
            "stages": [row.stage for row in rows],
        }
        told = [("began", began), *(("stage-ended", result_of(row).as_json()) for row in rows)]
        if record.status is not RunStatus.RUNNING:
            told.append(("ended", {"run": self._run, "status": record.status.value}))
            self._over = True
        return [
            Happening(number=number, kind=kind, data=data)
            for number, (kind, data) in enumerate(told, start=1)
        ]
