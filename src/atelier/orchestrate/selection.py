"""Which recorded runs of a workflow are meant: a query, and its answer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from atelier.kernel.canonical import canonical
from atelier.kernel.errors import SetupError
from atelier.ledger.rows import RunRecord, RunStatus
from atelier.ledger.store import LedgerStore
from atelier.orchestrate.runtime import PRODUCTION

_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The newest runs with these parameters, since a moment, that ended so.

    A value of `where` is a parameter as text: a text as it is, anything else as JSON. `since` is the
    beginning of an ISO moment, such as a date.
    """

    where: Mapping[str, str] = field(default_factory=dict[str, str])
    since: str = ""
    statuses: tuple[RunStatus, ...] = (RunStatus.COMPLETE, RunStatus.DEGRADED)
    limit: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The query as `--json` gives it."""
        return {
            "where": dict(self.where),
            "since": self.since,
            "statuses": [status.value for status in self.statuses],
            "limit": self.limit,
        }

    def takes(self, run: RunRecord) -> bool:
        """Whether a run is meant, the limit aside."""
        given = run.start.parameters
        return (
            run.status in self.statuses
            and run.start.started_at >= self.since
            and all(name in given and _text(given[name]) == v for name, v in self.where.items())
        )


def select(
    ledger: LedgerStore, selection: Selection, *, workflow: str, scope: str
) -> list[RunRecord]:
    """The runs of a workflow that a selection means, newest first; served runs are no runs of it.

    Raises:
        SetupError: there is none.
    """
    found = (
        run
        for run in _iter_runs(ledger)
        if (run.start.workflow, run.start.scope) == (workflow, scope)
        and run.start.namespace == PRODUCTION
        and run.served_from is None
        and selection.takes(run)
    )
    taken = list(islice(found, selection.limit))
    if not taken:
        raise SetupError(
            "backtest.no_runs",
            f"No recorded run of {workflow!r} is selected.",
            facts={name: value for name, value in selection.as_json().items() if value},
            next_step="Select others with --where, --since or --status: `atelier runs` lists them.",
        )
    return taken


def _iter_runs(ledger: LedgerStore) -> Iterator[RunRecord]:
    """Every run, newest first, a page at a time."""
    before = None
    while page := list(ledger.iter_runs(limit=_PAGE, before=before)):
        yield from page
        before = page[-1].start.run


def _text(value: Any) -> str:
    return value if isinstance(value, str) else canonical(value).decode()
