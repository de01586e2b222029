"""How a run stands: what the ledger says, unless its process has died since."""

from typing import Any

import orjson

from atelier.ledger.leases import Owner
from atelier.ledger.owner import is_dead
from atelier.ledger.rows import RunRecord, RunStatus


def standing_of(run: RunRecord) -> str:
    """The status of a run; one whose process is gone without a word was interrupted."""
    if run.status is RunStatus.RUNNING and is_dead(owner_of(run)):
        return RunStatus.INTERRUPTED.value
    return run.status.value


def owner_of(run: RunRecord) -> Owner:
    """The process that a run belongs to."""
    return owner_said(run.start.owner)


def owner_said(text: str) -> Owner:
    """The process that a run's record names."""
    said: dict[str, Any] = orjson.loads(text or "{}")
    return Owner(
        host=said.get("host", ""),
        boot=said.get("boot", ""),
        pid=said.get("pid", 0),
        started=said.get("started", ""),
        token="",
    )
