"""`atelier plan`: what a run would do, and why, without doing it."""

from pathlib import Path

import click

from atelier.cli.console import colored, duration, emit_json, one_line, safe, say, table
from atelier.cli.options import Command, json_option, project_option
from atelier.cli.streams import users_output
from atelier.cli.target import load_given
from atelier.harness import Harness
from atelier.orchestrate.plan import Plan, Standing, Step


@click.command(cls=Command)
@click.argument("target")
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...")
@click.option(
    "--packet",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Plan over this packet instead of collecting one.",
)
@json_option
@project_option
def plan(
    target: str,
    parameters: tuple[str, ...],
    *,
    packet: Path | None,
    as_json: bool,
    project: Path | None,
) -> None:
    """Say of each stage whether it is reused, stale (with the reasons) or pending.

    A pending stage runs only if the output of a stage above it changes. The seconds are the range
    of what its executions took so far.
    """
    given = load_given(target, parameters, packet=packet, project=project)
    with users_output(), Harness.open(given.project) as harness:
        made = harness.plan(given.workflow, given.packet, options=None, **given.parameters)
    if as_json:
        emit_json(made.as_json())
        return
    for line in plan_lines(made):
        say(line)


def plan_lines(made: Plan) -> list[str]:
    """A plan as a person reads it."""
    rows = [
        (safe(step.stage), colored(step.standing.value), _range(step), one_line(step.reason))
        for step in made.steps
    ]
    return [f"{safe(made.workflow)}  packet {made.packet}", *table(rows), _verdict(made)]


def _range(step: Step) -> str:
    if step.seconds is None:
        return "-"
    least, most = step.seconds
    low, high = duration(least), duration(most)
    return low if low == high else f"{low} to {high}"


def _verdict(made: Plan) -> str:
    if made.served_from is not None:
        return f"A run would be served from cache (run {made.served_from})."
    stale = sum(step.standing is Standing.STALE for step in made.steps)
    pending = sum(step.standing is Standing.PENDING for step in made.steps)
    if not stale:
        return "Every stage would be reused."
    would = f"{stale} of {len(made.steps)} stages would run"
    return f"{would}, {pending} may." if pending else f"{would}."
