"""`atelier replay`: a recorded run executed again without a network, and every digest compared."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from atelier.cli import exits
from atelier.cli.archive import opened
from atelier.cli.console import colored, emit_json, one_line, safe, say, short, table
from atelier.cli.options import Command, json_option, models_option, project_option
from atelier.cli.place import get_place
from atelier.cli.streams import users_output
from atelier.cli.target import rebound
from atelier.harness import Harness
from atelier.kernel.errors import SetupError
from atelier.ledger.rows import RunRecord
from atelier.orchestrate.replay import Compared, Pair, Replay, Verdict
from atelier.project import load_target


@click.command(cls=Command)
@click.argument("run")
@click.argument("target", required=False)
@models_option
@json_option
@project_option
def replay(
    run: str, target: str | None, *, models: tuple[str, ...], as_json: bool, project: Path | None
) -> int:
    """Execute a recorded run again, and compare every stage with what was recorded.

    RUN is an id, a unique prefix of one, or `latest`. Its workflow is the TARGET that it was run
    with, unless another one is given. The packet comes from the ledger and a model's answers from
    recorded receipts; nothing is sent, reused or written. Exits with 1 where something differs.
    """
    place = get_place(project)
    with opened(place) as archive:
        record = archive.get_run(run)
    with users_output():
        found = load_target(target or _target_of(record), start=place.root)
    bound = replace(rebound(found.project, models), home=place.home)
    with users_output(), Harness.open(bound, read_only=True) as harness:
        done = asyncio.run(harness.replay(found.workflow, record.start.run))
    if as_json:
        emit_json(done.as_json())
    else:
        for line in _lines(done):
            say(line)
    return exits.COMPLETE if done.same else exits.FAILED


def _target_of(record: RunRecord) -> str:
    if record.start.target:
        return record.start.target
    raise SetupError(
        "replay.no_target",
        "The run does not say from which file its workflow was taken.",
        facts={"run": record.start.run, "workflow": record.start.workflow},
        next_step=f"Name it: atelier replay {record.start.run} TARGET",
    )


def _lines(done: Replay) -> Iterator[str]:
    yield f"{safe(done.workflow)}  run {done.run}"
    rows: list[tuple[str, ...]] = [("packet", _told(done.packet), _digests(done.packet), "")]
    rows += [_cells(one) for one in done.stages]
    if done.artefact.recorded or done.artefact.replayed:
        rows.append(("artefact", _told(done.artefact), _digests(done.artefact), ""))
    yield from table(rows)
    other = sum(one.verdict is not Verdict.SAME for one in done.stages)
    if done.same:
        yield "Everything came out as it was recorded."
    elif other:
        yield f"{other} of {len(done.stages)} stages did not come out as recorded."
    else:
        yield "Every stage came out as it was recorded, and what stands around them did not."


def _cells(one: Compared) -> tuple[str, ...]:
    before = one.recorded.output if one.recorded else None
    after = one.replayed.output if one.replayed else None
    told = one_line(f"{one.why} (request {short(one.request)})" if one.request else one.why)
    return safe(one.stage), colored(one.verdict.value), _digests(Pair(before, after)), told


def _told(pair: Pair) -> str:
    return colored((Verdict.SAME if pair.same else Verdict.DIFFERS).value)


def _digests(pair: Pair) -> str:
    """One digest, or the recorded and the replayed one."""
    return short(pair.recorded) if pair.same else f"{short(pair.recorded)} → {short(pair.replayed)}"
