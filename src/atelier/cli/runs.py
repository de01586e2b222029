"""`atelier runs`: what ran, newest first."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from atelier.cli.archive import opened
from atelier.cli.console import (
    COLORS,
    SIGNS,
    as_text,
    colored,
    emit_json,
    one_line,
    safe,
    say,
    table,
)
from atelier.cli.options import Command, json_option, project_option
from atelier.cli.place import get_place
from atelier.kernel.money import dollars, total
from atelier.ledger.rows import Row, RunRecord
from atelier.ledger.standing import standing_of

_HEADER = ("run", "began", "status", "workflow", "stages", "cost", "saved", "parameters", "served")


@click.command(cls=Command)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="How many runs to list.",
)
@json_option
@project_option
def runs(*, limit: int, as_json: bool, project: Path | None) -> None:
    """List the runs of a project, newest first, with how each of their stages ended."""
    with opened(get_place(project)) as archive:
        found = list(archive.ledger.iter_runs(limit=limit))
        listed = [(run, list(archive.ledger.iter_stage_rows(run.start.run))) for run in found]
    if as_json:
        emit_json({"runs": [run_json(run, rows) for run, rows in listed]})
        return
    for line in table([_cells(run, rows) for run, rows in listed], _HEADER):
        say(line)
    say("  ".join(f"{click.style(sign, fg=COLORS[word])} {word}" for word, sign in SIGNS.items()))


def run_json(run: RunRecord, rows: Sequence[Row]) -> dict[str, Any]:
    """A run as `--json` gives it."""
    start = run.start
    return {
        "run": start.run,
        "workflow": start.workflow,
        "status": standing_of(run),
        "started_at": start.started_at,
        "ended_at": run.ended_at,
        "seconds": run.seconds,
        "target": start.target,
        "parameters": dict(start.parameters),
        "packet": start.packet,
        "run_key": start.run_key,
        "sound": run.sound,
        "served_from": run.served_from,
        "stages": [
            {"stage": row.stage, "outcome": row.outcome.value, "reason": row.reason} for row in rows
        ],
        "incurred_usd": dollars(total(row.incurred for row in rows)),
        "avoided_usd": dollars(total(row.avoided for row in rows)),
        "versions": dict(start.versions),
    }


def parameters_text(run: RunRecord) -> str:
    """A run's parameters on one line."""
    pairs = run.start.parameters.items()
    return one_line(" ".join(f"{name}={as_text(value)}" for name, value in pairs), 60)


def strip(rows: Iterable[Row]) -> str:
    """A sign a stage, in the order in which they ended."""
    return "".join(
        click.style(SIGNS.get(row.outcome.value, "?"), fg=COLORS.get(row.outcome.value))
        for row in rows
    )


def _cells(run: RunRecord, rows: Sequence[Row]) -> tuple[str, ...]:
    return (
        run.start.run,
        run.start.started_at[:19].replace("T", " "),
        colored(standing_of(run)),
        safe(run.start.workflow),
        strip(rows) or "-",
        _money(row.incurred for row in rows),
        _money(row.avoided for row in rows),
        parameters_text(run) or "-",
        f"from {run.served_from}" if run.served_from else "",
    )


def _money(amounts: Iterable[int | None]) -> str:
    amount = dollars(total(amounts))
    return "unknown" if amount is None else f"${amount}"
