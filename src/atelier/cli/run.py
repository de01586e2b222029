"""`atelier run`: bring a workflow's artefact about, and say what that took."""

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import Any

import click

from atelier.cli import exits
from atelier.cli.console import emit_json, say
from atelier.cli.options import Command, json_option, models_option, project_option
from atelier.cli.progress import Lines, Progress, Silent
from atelier.cli.stopping import stopping
from atelier.cli.streams import users_output
from atelier.cli.summary import Printed, report
from atelier.cli.target import Given, load_given, rebound
from atelier.harness import Harness
from atelier.kernel.canonical import read
from atelier.kernel.money import parse_dollars
from atelier.ledger.rows import Cap, RunStatus
from atelier.orchestrate.outcome import Run
from atelier.orchestrate.state import RunOptions

_CODES = {
    RunStatus.COMPLETE: exits.COMPLETE,
    RunStatus.DEGRADED: exits.COMPLETE,
    RunStatus.PARTIAL: exits.FAILED,
    RunStatus.FAILED: exits.FAILED,
    RunStatus.INTERRUPTED: exits.INTERRUPTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """The command line of `atelier run`."""

    target: str
    parameters: tuple[str, ...]
    packet: Path | None
    refresh: tuple[str, ...]
    because: str | None
    models: tuple[str, ...]
    max_usd: str | None
    overwrite: bool
    strict: bool
    as_json: bool
    quiet: bool
    project: Path | None


@click.command(cls=Command)
@click.argument("target")
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...")
@click.option(
    "--packet",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Run over this packet instead of collecting one.",
)
@click.option(
    "--refresh",
    multiple=True,
    metavar="STAGE",
    help="Want a stage's value anew, as its next draw; may be repeated.",
)
@click.option("--because", metavar="TEXT", help="Why; it stands on the row.")
@models_option
@click.option(
    "--max-usd", metavar="AMOUNT", help="Send nothing that could take this run over AMOUNT."
)
@click.option("--overwrite", is_flag=True, help="Replace an artefact that a person has edited.")
@click.option("--strict", is_flag=True, help="Exit with 3 if anything is contested or degraded.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@json_option
@project_option
def run(**given: Any) -> int:
    """Run a workflow; what has a value already is reused.

    A parameter that is not given takes its default from [run.defaults] of atelier.toml. With
    --project, TARGET is relative to that folder.
    """
    return _run(_Wanted(**given))


def _run(wanted: _Wanted) -> int:
    refresh, caps = _refresh(wanted), _caps(wanted)
    given = load_given(
        wanted.target, wanted.parameters, packet=wanted.packet, project=wanted.project
    )
    project = rebound(given.project, wanted.models)
    with Harness.open(project) as harness:
        done = _execute(harness, given, wanted, options=RunOptions(refresh=refresh, caps=caps))
        printed = _printed(harness, done)
    if wanted.as_json:
        emit_json(done.as_json())
    else:
        report(done, given.project.root, printed)
    return _code(done, printed, strict=wanted.strict)


def _execute(harness: Harness, given: Given, wanted: _Wanted, *, options: RunOptions) -> Run[Any]:
    progress = _progress(wanted)
    options = replace(
        options,
        overwrite=wanted.overwrite,
        target=given.target,
        observe=progress.observe,
        draining=Event(),
    )
    try:
        with users_output():
            return asyncio.run(_drive(harness, given, options, leave=progress.stop))
    finally:
        progress.stop()


async def _drive(
    harness: Harness, given: Given, options: RunOptions, *, leave: Callable[[], None]
) -> Run[Any]:
    task = asyncio.create_task(
        harness.run(given.workflow, given.packet, options=options, **given.parameters)
    )
    with stopping(task, options.draining):
        try:
            return await task
        except asyncio.CancelledError:
            # A thread that a stage is still running in cannot be stopped, so the process leaves it
            # behind. What had ended is durable, and the ledger says that the run was interrupted.
            harness.ledger.close()
            leave()
            say("stopped", err=True)
            sys.stdout.flush()
            os._exit(_CODES[RunStatus.INTERRUPTED])


def _refresh(wanted: _Wanted) -> dict[str, str]:
    if wanted.refresh and not (wanted.because or "").strip():
        raise click.UsageError("--refresh needs --because TEXT: the reason stands on the row.")
    if wanted.because and not wanted.refresh:
        raise click.UsageError("--because says why of --refresh STAGE.")
    return dict.fromkeys(wanted.refresh, wanted.because or "")


def _caps(wanted: _Wanted) -> tuple[Cap, ...]:
    if wanted.max_usd is None:
        return ()
    try:
        return (Cap(limit=parse_dollars(wanted.max_usd), what="for this run"),)
    except ValueError as error:
        raise click.UsageError(f"--max-usd: {error}.") from error


def _progress(wanted: _Wanted) -> Progress:
    if wanted.quiet:
        return Silent()
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        live: Progress = import_module("atelier.cli.live").LiveTree()
        return live
    return Lines()


def _printed(harness: Harness, done: Run[Any]) -> Printed:
    """What each line of the run's artefact rests on."""
    if done.artefact is None:
        return Printed()
    row = next(harness.ledger.iter_artefacts(digest=done.artefact.digest), None)
    data = harness.runtime.content.read(row.lines) if row else None
    return Printed() if data is None else Printed(read(data))


def _code(done: Run[Any], printed: Printed, *, strict: bool) -> int:
    code = _CODES[done.status]
    if code == exits.COMPLETE and strict and (printed.flagged or done.status is RunStatus.DEGRADED):
        return exits.CONTESTED
    return code
