"""`atelier plan`: what a run would do, and why, without doing it."""

from collections.abc import Iterator
from pathlib import Path

import click

from atelier.cli.console import colored, duration, emit_json, one_line, safe, say, table
from atelier.cli.costs import told_cost, told_range
from atelier.cli.options import Command, json_option, models_option, project_option
from atelier.cli.streams import users_output
from atelier.cli.target import load_given, rebound
from atelier.harness import Harness
from atelier.orchestrate.plan import Plan, Standing


@click.command(cls=Command)
@click.argument("target")
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...")
@click.option(
    "--packet",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Plan over this packet instead of collecting one.",
)
@models_option
@json_option
@project_option
def plan(
    target: str,
    parameters: tuple[str, ...],
    *,
    packet: Path | None,
    models: tuple[str, ...],
    as_json: bool,
    project: Path | None,
) -> None:
    """Say of each stage whether it is reused, stale (with the reasons) or pending.

    A pending stage runs only if the output of a stage above it changes. Seconds, tokens and dollars
    are ranges of what its executions took so far.
    """
    given = load_given(target, parameters, packet=packet, project=project)
    with users_output(), Harness.open(rebound(given.project, models)) as harness:
        made = harness.plan(given.workflow, given.packet, options=None, **given.parameters)
    if as_json:
        emit_json(made.as_json())
        return
    for line in plan_lines(made):
        say(line)


def plan_lines(made: Plan) -> list[str]:
    """A plan as a person reads it."""
    costs = [told_cost(step.estimate) for step in made.steps]
    asks = any(cost != "-" for cost in costs)
    rows = [
        (
            safe(step.stage),
            colored(step.standing.value),
            told_range(step.estimate.seconds, duration),
            *([cost] if asks else []),
            one_line(step.reason),
        )
        for step, cost in zip(made.steps, costs, strict=True)
    ]
    return [f"{safe(made.workflow)}  packet {made.packet}", *table(rows), *_verdict(made)]


def _verdict(made: Plan) -> Iterator[str]:
    if made.served_from is not None:
        yield f"A run would be served from cache (run {made.served_from})."
        return
    stale = sum(step.standing is Standing.STALE for step in made.steps)
    pending = sum(step.standing is Standing.PENDING for step in made.steps)
    if not stale:
        yield "Every stage would be reused."
        return
    would = f"{stale} of {len(made.steps)} stages would run"
    yield f"{would}, {pending} may." if pending else f"{would}."
    for word, standing in (("would cost", Standing.STALE), ("may cost", Standing.PENDING)):
        cost = told_cost(made.expected(standing))
        if cost != "-":
            yield f"{word}  {cost}"
