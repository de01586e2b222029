"""The tables that the pages show: one description each, from which filters, sorting and exports follow."""

from atelier.kernel.errors import SetupError
from atelier.kernel.evidence import CheckOutcome, ClaimKind, FoundBy, Match, Role, Verdict
from atelier.ledger.rows import Outcome, RunStatus
from atelier.observatory.index.columns import (
    Table,
    choice,
    digest,
    money,
    number,
    text,
    time,
)

__all__ = ["CHECKS", "TABLES", "get_table"]

CHECKS = tuple(outcome.value for outcome in CheckOutcome)
_SOUND = choice("sound", "Sound", "yes", "no")
_DECIDERS = ("rule", "model", "human")
_STAGE_OUTCOMES = tuple(outcome.value for outcome in Outcome)
_TOKENS = (
    number("input_tokens", "Tokens in", sortable=False, nullable=True),
    number("cached_tokens", "Cached", nullable=True),
    number("output_tokens", "Tokens out", nullable=True),
    number("reasoning_tokens", "Reasoning", nullable=True),
)

_RUNS = Table(
    name="runs",
    title="Runs",
    place="run",
    columns=(
        number("number", "Number", sortable=True),
        text("run", "Run"),
        choice("workflow", "Workflow"),
        text("subject", "Subject"),
        text("parameters", "Parameters"),
        choice("status", "Status", *(status.value for status in RunStatus)),
        choice("cache", "Cache", "hit", "some", "none"),
        time("started_at", "Began", sortable=True),
        time("ended_at", "Ended"),
        number("seconds", "Seconds", sortable=True, nullable=True),
        text("strip", "Stages"),
        choice("failed_stage", "Failed stage"),
        choice("error_code", "Error"),
        number("retries", "Retries"),
        number("requests", "Requests"),
        number("input_tokens", "Tokens in"),
        number("output_tokens", "Tokens out"),
        money("incurred", "Cost", sortable=True),
        money("avoided", "Avoided", sortable=True),
        money("original", "Original"),
        number("claims", "Claims"),
        number("supported", "Supported"),
        number("contested", "Contested"),
        number("supported_share", "Supported share", sortable=True, nullable=True),
        number("obligations", "Obligations open", nullable=True),
        number("artefacts", "Artefacts"),
        text("served_from", "Served from"),
        text("target", "Target"),
        choice("namespace", "Namespace"),
        digest("packet", "Packet"),
        digest("run_key", "Run key"),
        _SOUND,
        text("owner", "Process"),
    ),
)

_ROWS = Table(
    name="rows",
    title="Rows",
    place="row",
    columns=(
        number("number", "Number", sortable=True),
        number("seq", "Row"),
        text("run", "Run"),
        choice("workflow", "Workflow"),
        choice("stage", "Stage"),
        digest("element", "Element"),
        choice("outcome", "Outcome", *_STAGE_OUTCOMES),
        text("reason", "Reason"),
        time("recorded_at", "Recorded", sortable=True),
        text("subject", "Subject"),
        digest("key", "Key"),
        number("draw", "Draw"),
        digest("recipe", "Recipe"),
        digest("input", "Input"),
        digest("output", "Output"),
        number("served_from", "Served from", nullable=True),
        _SOUND,
        choice("model_class", "Model class"),
        choice("model_requested", "Model asked"),
        choice("model_served", "Model"),
        number("requests", "Requests"),
        *_TOKENS,
        money("incurred", "Cost", sortable=True),
        money("original", "Original"),
        money("avoided", "Avoided"),
        choice("price_table", "Price table"),
        number("citations", "Citations", nullable=True),
        choice("decided_by", "Decided by", *_DECIDERS),
        number("seconds", "Seconds", sortable=True),
        choice("error_code", "Error"),
        text("error", "What failed"),
    ),
)

_CLAIMS = Table(
    name="claims",
    title="Claims",
    place="claim",
    columns=(
        number("number", "Number", sortable=True),
        text("claim", "Claim"),
        text("text", "Text"),
        choice("kind", "Kind", *(kind.value for kind in ClaimKind)),
        choice("verdict", "Verdict", *(verdict.value for verdict in Verdict)),
        text("flag", "Flag"),
        choice("decided_by", "Decided by", *_DECIDERS),
        text("checks", "Checks"),
        text("slices", "Slices"),
        number("citations", "Citations"),
        number("ordinal", "Place"),
        choice("workflow", "Workflow"),
        choice("stage", "Stage"),
        choice("model", "Model"),
        text("subject", "Subject"),
        text("run", "Run"),
        number("seq", "Row", nullable=True),
        time("recorded_at", "Recorded", sortable=True),
        digest("output", "Output"),
    ),
)

_CITATIONS = Table(
    name="citations",
    title="Citations",
    place="citation",
    columns=(
        number("number", "Number", sortable=True),
        text("claim", "Claim"),
        choice("slice", "Slice"),
        digest("element", "Element"),
        number("occurrence", "Occurrence"),
        text("pointer", "Pointer"),
        number("start", "Start", nullable=True),
        number("end", "End", nullable=True),
        text("quote", "Quote"),
        choice("match", "Match", *(match.value for match in Match)),
        choice("role", "Role", *(role.value for role in Role)),
        choice("found_by", "Found by", *(by.value for by in FoundBy)),
        number("ordinal", "Place"),
        choice("workflow", "Workflow"),
        choice("stage", "Stage"),
        text("run", "Run"),
        number("seq", "Row", nullable=True),
        time("recorded_at", "Recorded"),
        digest("output", "Output"),
    ),
)

_ATTEMPTS = Table(
    name="attempts",
    title="Attempts",
    place="attempt",
    columns=(
        number("number", "Number", sortable=True),
        text("id", "Attempt"),
        text("run", "Run"),
        choice("workflow", "Workflow"),
        choice("stage", "Stage"),
        digest("element", "Element"),
        number("attempt", "Of its call"),
        choice("outcome", "Outcome"),
        choice("model_class", "Model class"),
        choice("model_requested", "Model asked"),
        choice("model_served", "Model"),
        time("sent_at", "Sent", sortable=True),
        time("ended_at", "Ended"),
        number("seconds", "Seconds", sortable=True, nullable=True),
        *_TOKENS,
        money("reserved", "Reserved"),
        money("incurred", "Cost", sortable=True),
        choice("price_table", "Price table"),
        choice("error_code", "Error"),
        text("error", "What failed"),
        digest("call", "Call"),
        digest("request", "Request"),
        digest("response", "Response"),
    ),
)

_ARTEFACTS = Table(
    name="artefacts",
    title="Artefacts",
    place="artefact",
    columns=(
        number("number", "Number", sortable=True),
        text("path", "Path", sortable=True),
        text("run", "Run"),
        choice("workflow", "Workflow"),
        choice("stage", "Stage"),
        text("subject", "Subject"),
        choice("action", "Action"),
        time("recorded_at", "Written", sortable=True),
        digest("digest", "Digest"),
        text("mark", "Mark"),
    ),
)

_EVENTS = Table(
    name="events",
    title="Events",
    place="event",
    columns=(
        number("number", "Number", sortable=True),
        choice("kind", "Kind"),
        text("subject", "Subject"),
        text("detail", "Detail"),
        time("recorded_at", "Recorded", sortable=True),
        text("run", "Run"),
    ),
)

_JUDGEMENTS = Table(
    name="judgements",
    title="Judgements",
    place="judgement",
    columns=(
        number("number", "Number", sortable=True),
        text("text", "Claim's text"),
        text("claim", "Claim"),
        choice("verdict", "Verdict", *(verdict.value for verdict in Verdict)),
        choice("decided", "Decided", *(verdict.value for verdict in Verdict)),
        choice("decided_by", "Decided by", *_DECIDERS),
        text("who", "Who"),
        text("reason", "Why"),
        time("recorded_at", "Recorded", sortable=True),
        choice("workflow", "Workflow"),
        choice("stage", "Stage"),
        text("run", "Run"),
        number("seq", "Row", nullable=True),
        number("ordinal", "Place"),
        digest("output", "Output"),
    ),
)

_PACKETS = Table(
    name="packets",
    title="Packets",
    place="packet",
    columns=(
        number("number", "Number", sortable=True),
        digest("packet", "Packet"),
        text("run", "First run"),
        choice("workflow", "Workflow"),
        text("subject", "Subject"),
        text("slices", "Slices"),
        time("recorded_at", "Recorded", sortable=True),
    ),
)

TABLES = {
    table.name: table
    for table in (
        _RUNS,
        _ROWS,
        _CLAIMS,
        _CITATIONS,
        _JUDGEMENTS,
        _ATTEMPTS,
        _ARTEFACTS,
        _EVENTS,
        _PACKETS,
    )
}


def get_table(name: str) -> Table:
    """A table by its name.

    Raises:
        SetupError: there is no such table.
    """
    if name in TABLES:
        return TABLES[name]
    raise SetupError(
        "observatory.table",
        f"There is no table {name!r}.",
        facts={"tables": ", ".join(TABLES)},
        next_step="Use one of these names.",
    )
