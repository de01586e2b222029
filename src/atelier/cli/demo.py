"""`atelier demo`: a project with months of history, made by the harness, to look around in."""

import sys
from pathlib import Path

import click

from atelier.cli.console import emit_json, safe, say
from atelier.cli.options import Command, json_option
from atelier.demo.make import Progress, make

_FOLDER = "atelier-demo"


@click.command(cls=Command)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path(_FOLDER))
@click.option("--small", is_flag=True, help="Two students and six weeks: a few seconds.")
@json_option
def demo(folder: Path, *, small: bool, as_json: bool) -> None:
    """Make a project in FOLDER whose ledger holds five months of a coach's work.

    The runs are real, of the coaching example: edits, hits, retries, failures and what mended
    them. The models are a fake provider on this machine, so it needs no key and no network. FOLDER
    is made where it is missing, and must be empty.
    """
    runs = make(folder, size="small" if small else "whole", observe=_tell)
    if as_json:
        emit_json({"folder": str(folder.resolve()), "runs": runs})
        return
    say(f"{runs} runs in {safe(folder)}")
    say(f"Look around:  atelier serve --project {safe(folder)}")
    say(f"In here:      atelier runs --project {safe(folder)}")


def _tell(progress: Progress) -> None:
    """One line that moves on a terminal; in a log, a line a tenth."""
    text = f"{progress.day}  run {progress.done} of {progress.of}"
    if sys.stderr.isatty():
        end = "\n" if progress.done == progress.of else ""
        click.echo(f"\r{text}{end}", err=True, nl=False)
    elif progress.done % max(1, progress.of // 10) == 0:
        say(text, err=True)
