"""The pages that are one table each: runs, claims, packets, and every table of the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from atelier.observatory.doors.refusal import not_found
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.index.query import parse_query
from atelier.observatory.index.tables import TABLES
from atelier.observatory.pages.answer import paged
from atelier.observatory.pages.grids import Grid, grid_of

_RUNS = {
    "workflow": "Workflow",
    "status": "Status",
    "parameters": "Parameters",
    "strip": "Stages",
    "started_at": "Began",
    "seconds": "Took",
    "supported_share": "Supported",
    "obligations": "Open",
    "incurred": "Spent",
    "avoided": "Avoided",
}
_QUICK = (
    ("failed", "/?status=failed&status=partial"),
    ("under way", "/?status=running"),
    ("served from cache", "/?cache=hit"),
    ("with contested claims", "/?contested.from=1"),
    ("with obligations open", "/?obligations.from=1"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """How one table is shown: its title, what it is, and the columns that stand in its page."""

    title: str
    lead: str
    columns: Mapping[str, str]


SHOWN = {
    "rows": Shown(
        "Rows",
        "One for each stage of each run, and one for each element that executed.",
        {
            "stage": "Stage",
            "outcome": "Outcome",
            "reason": "Reason",
            "run": "Run",
            "seq": "Row",
            "recorded_at": "Recorded",
            "model_served": "Model",
            "seconds": "Took",
            "output_tokens": "Tokens out",
            "incurred": "Spent",
            "avoided": "Avoided",
        },
    ),
    "attempts": Shown(
        "Attempts",
        "One for each request that was sent to a model.",
        {
            "stage": "Stage",
            "outcome": "Outcome",
            "run": "Run",
            "sent_at": "Sent",
            "model_served": "Model",
            "attempt": "Of its call",
            "seconds": "Took",
            "input_tokens": "Tokens in",
            "output_tokens": "Tokens out",
            "incurred": "Spent",
            "error": "What failed",
        },
    ),
    "citations": Shown(
        "Citations",
        "One for each place of the evidence that a claim, or a stage, points at.",
        {
            "quote": "Quote",
            "role": "Role",
            "match": "Match",
            "slice": "Slice",
            "found_by": "Found by",
            "stage": "Stage",
            "run": "Run",
            "recorded_at": "Recorded",
        },
    ),
    "judgements": Shown(
        "Judgements",
        "One for each time that a person confirmed or overrode what was decided of a claim.",
        {
            "text": "Claim",
            "decided": "Decided",
            "verdict": "A person says",
            "who": "Who",
            "reason": "Why",
            "run": "First run",
            "recorded_at": "Recorded",
        },
    ),
    "artefacts": Shown(
        "Artefacts",
        "One for each file that a run put somewhere.",
        {
            "path": "Path",
            "workflow": "Workflow",
            "subject": "Subject",
            "action": "Action",
            "recorded_at": "Written",
            "digest": "Digest",
            "mark": "Mark",
            "run": "Run",
        },
    ),
    "events": Shown(
        "Events",
        "What an operator should know: damage found, a dead owner's lease taken over.",
        {
            "kind": "Kind",
            "subject": "Subject",
            "detail": "Detail",
            "recorded_at": "Recorded",
            "run": "Run",
        },
    ),
    "claims": Shown(
        "Claims",
        "Every claim of every run, with what the evidence says of it.",
        {
            "text": "Claim",
            "verdict": "Verdict",
            "decided_by": "Decided by",
            "kind": "Kind",
            "slices": "Slices",
            "citations": "Cited",
            "workflow": "Workflow",
            "recorded_at": "Recorded",
        },
    ),
    "packets": Shown(
        "Packets",
        "Every bundle of evidence that a run was handed, by what it holds.",
        {
            "packet": "Packet",
            "workflow": "Workflow",
            "subject": "Subject",
            "slices": "Slices",
            "recorded_at": "Recorded",
            "run": "First run",
        },
    ),
}
_TABS = ("rows", "attempts", "citations", "judgements", "artefacts", "events")


def table_of(visit: Visit, name: str, columns: Mapping[str, str], *, action: str) -> Grid:
    """A table with the rows that the address asks for."""
    index = visit.house.index
    query = parse_query(name, visit.request.query_params.multi_items())
    return grid_of(
        index.page(query), index.count(query), columns, action=action, choices=index.choices
    )


def _runs(visit: Visit) -> Response:
    table = table_of(visit, "runs", _RUNS, action="/")
    return paged(visit, "runs.html", place="runs", table=table, quick=_QUICK)


def _packets(visit: Visit) -> Response:
    return _shown(visit, "packets", "/packets", place="packets")


def _table(visit: Visit) -> Response:
    name = visit.parts["table"]
    if name not in _TABS or name not in TABLES:
        raise not_found("table")
    return _shown(visit, name, f"/tables/{name}", place="integrity")


def _shown(visit: Visit, name: str, path: str, *, place: str) -> Response:
    shown = SHOWN[name]
    tabs = tuple((one, f"/tables/{one}", SHOWN[one].title, None) for one in _TABS)
    return paged(
        visit,
        "table.html",
        place=place,
        title=shown.title,
        lead=shown.lead,
        table=table_of(visit, name, shown.columns, action=path),
        tabs=tabs if name in _TABS else (),
        current=name,
        empty="It fills as workflows run.",
        above="",
    )


TABLE_PAGES = (
    Route(path="/", scope=Scope.READ, handler=_runs),
    Route(path="/packets", scope=Scope.READ, handler=_packets),
    Route(path="/tables/{table:name}", scope=Scope.READ, handler=_table),
)
