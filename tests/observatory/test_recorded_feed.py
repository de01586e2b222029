"""The events of a run of another process, as its rows tell them."""

import asyncio
from typing import Any

from atelier.ledger.memory import MemoryLedger
from atelier.ledger.rows import Outcome, Row, RunEnd, RunStart, RunStatus
from atelier.ledger.store import Commit
from atelier.observatory.recorded_feed import RecordedFeed

RUN = "01m8h7j5nrghsq2am30zj40aba"
MOMENT = "2026-03-01T09:30:00.000000Z"
START = RunStart(
    run=RUN, workflow="week", scope="default", packet="p", run_key="k", started_at=MOMENT
)


def row(stage: str) -> Row:
    """A row without a value: there is nothing to be stored beside it."""
    failure = {"code": "stage.raised", "sentence": "It raised.", "facts": {}, "next_step": ""}
    return Row(
        run=RUN,
        stage=stage,
        outcome=Outcome.FAILED,
        reason="first",
        recorded_at=MOMENT,
        error=failure,
    )


def told(found: Any) -> list[str]:
    return [f"{item.number} {item.kind}" for item in found]


def test_a_run_of_another_process_is_followed_row_by_row() -> None:
    ledger = MemoryLedger()
    feed = RecordedFeed(ledger, RUN)
    ledger.commit(Commit(start=START, rows=(row("draft"),))).result()
    assert told(asyncio.run(feed.after(0, seconds=0))) == ["1 began", "2 stage-ended"]
    assert not feed.is_over
    assert told(asyncio.run(feed.after(2, seconds=0))) == []
    end = RunEnd(run=RUN, status=RunStatus.COMPLETE, ended_at=MOMENT, seconds=1.0, sound=True)
    ledger.commit(Commit(rows=(row("page"),), end=end)).result()
    assert told(asyncio.run(feed.after(2, seconds=0))) == ["3 stage-ended", "4 ended"]
    assert feed.is_over


def test_a_run_that_nobody_knows_is_over() -> None:
    feed = RecordedFeed(MemoryLedger(), RUN)
    assert asyncio.run(feed.after(0, seconds=60)) == []
    assert feed.is_over
