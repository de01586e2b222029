"""`atelier backtest`: recorded runs again with one thing swapped, and what that changes."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from atelier.cli import exits
from atelier.cli.console import colored, duration, emit_json, fields, safe, say, table
from atelier.cli.options import Command, json_option, project_option
from atelier.cli.streams import users_output
from atelier.cli.target import parse_parameters
from atelier.harness import Harness
from atelier.kernel.money import dollars, parse_dollars
from atelier.ledger.rows import RunStatus
from atelier.orchestrate.backtest import Backtest
from atelier.orchestrate.paired import Measure, Paired
from atelier.orchestrate.selection import Selection
from atelier.orchestrate.swap import Swap, SwapKind
from atelier.project import Target, load_target

_ENDED = [status.value for status in RunStatus if status is not RunStatus.RUNNING]
_HEADER = ("run", "status", "ran", "supported", "contested", "citations", "cost", "saved", "time")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """The command line of `atelier backtest`."""

    target: str
    model: str | None
    prompt: str | None
    stage: str | None
    where: tuple[str, ...]
    since: str | None
    status: tuple[str, ...]
    limit: int | None
    max_usd: str | None
    quiet: bool
    as_json: bool
    project: Path | None


@click.command(cls=Command)
@click.argument("target")
@click.option(
    "--model", metavar="CLASS=USE", help="Bind a model class to offline or provider:name."
)
@click.option("--prompt", metavar="STAGE=FILE", help="Ask a stage with the prompt in FILE.")
@click.option("--stage", metavar="STAGE=path:name", help="Put another stage in a stage's place.")
@click.option(
    "--where",
    multiple=True,
    metavar="NAME=VALUE",
    help="Take runs with this parameter; repeatable.",
)
@click.option("--since", metavar="DATE", help="Take runs that began on DATE or later.")
@click.option(
    "--status",
    multiple=True,
    type=click.Choice(_ENDED),
    help="Take runs that ended so; may be repeated.  [default: complete, degraded]",
)
@click.option("--limit", type=click.IntRange(min=1), help="Take the newest N of them.", metavar="N")
@click.option("--max-usd", metavar="AMOUNT", help="Spend no more than AMOUNT on all of it.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@json_option
@project_option
def backtest(**given: Any) -> int:
    """Run recorded runs of a workflow again with one thing swapped, and compare each pair.

    One of --model, --prompt and --stage says what is swapped. Only what that affects runs, over the
    packets of the ledger, in a shadow below .atelier/backtests: the project's ledger, its blobs and
    its artefacts stay as they are. The same command goes on where it was stopped. Files are relative
    to the project.
    """
    return _backtest(_Wanted(**given))


def _backtest(wanted: _Wanted) -> int:
    swap, selection, limit = _swap(wanted), _selection(wanted), _micros(wanted)
    with users_output():
        found = load_target(wanted.target, start=wanted.project)
    done = _done(wanted, found, swap, selection=selection, limit=limit)
    if wanted.as_json:
        emit_json(done.as_json())
    else:
        for line in _lines(done):
            say(line)
    return exits.COMPLETE if done.whole else exits.FAILED


def _done(
    wanted: _Wanted, found: Target, swap: Swap, *, selection: Selection, limit: int | None
) -> Backtest:
    seen: list[str] = []

    def observe(pair: Paired) -> None:
        seen.append(pair.run)
        if not wanted.quiet:
            changed = "changed" if pair.diff else "unchanged"
            say(f"{len(seen)}  run {pair.run}  {colored(pair.status)}  {changed}", err=True)

    with users_output(), Harness.open(found.project, read_only=True) as harness:
        return asyncio.run(
            harness.backtest(found.workflow, selection, swap, max_micros=limit, observe=observe)
        )


def _swap(wanted: _Wanted) -> Swap:
    given = {
        SwapKind.MODEL: wanted.model,
        SwapKind.PROMPT: wanted.prompt,
        SwapKind.STAGE: wanted.stage,
    }
    swaps = [Swap.parse(kind, text) for kind, text in given.items() if text is not None]
    if len(swaps) != 1:
        raise click.UsageError("Say what is swapped: one of --model, --prompt and --stage.")
    return swaps[0]


def _selection(wanted: _Wanted) -> Selection:
    usual = Selection()
    return replace(
        usual,
        where={name: str(value) for name, value in parse_parameters(wanted.where).items()},
        since=wanted.since or "",
        statuses=tuple(map(RunStatus, wanted.status)) or usual.statuses,
        limit=wanted.limit,
    )


def _micros(wanted: _Wanted) -> int | None:
    if wanted.max_usd is None:
        return None
    try:
        return parse_dollars(wanted.max_usd)
    except ValueError as error:
        raise click.UsageError(f"--max-usd: {error}.") from error


def _lines(done: Backtest) -> Iterator[str]:
    question = done.question
    swap = question.swap
    yield f"{safe(question.workflow)}  {swap.kind.value} {safe(swap.name)} → {safe(swap.value)}"
    for one in done.runs:
        if one.diff or one.errors:
            yield f"run {one.run}"
        for stage, error in one.errors.items():
            yield safe(f"{stage} failed  [{error['code']}] {error['sentence']}")
        yield from (safe(line) for line in one.diff.splitlines())
    yield from table([*map(_cells, done.runs), _total(done)], _HEADER)
    changed = sum(bool(one.diff) for one in done.runs)
    yield f"{changed} of {len(done.runs)} texts changed."
    yield from fields([*dict.fromkeys(_next_steps(done)), ("shadow", safe(done.folder))])


def _next_steps(done: Backtest) -> Iterator[tuple[str, str]]:
    for one in done.runs:
        for stage, error in one.errors.items():
            yield safe(stage), safe(error["next_step"])


def _cells(one: Paired) -> Sequence[str]:
    return (
        one.run,
        colored(one.status),
        ", ".join(map(safe, one.ran)) or "-",
        *_compared(one.before, one.after),
        f"+{one.gained} -{one.lost}",
        _money(one.incurred),
        _money(one.avoided),
        _time(one.before, one.after),
    )


def _total(done: Backtest) -> Sequence[str]:
    gained, lost = sum(one.gained for one in done.runs), sum(one.lost for one in done.runs)
    return (
        "total",
        "",
        "",
        *_compared(done.before, done.after),
        f"+{gained} -{lost}",
        _money(done.incurred),
        _money(done.avoided),
        _time(done.before, done.after),
    )


def _compared(before: Measure, after: Measure) -> tuple[str, str]:
    return (
        f"{before.supported} → {after.supported}",
        f"{before.contested} → {after.contested}",
    )


def _time(before: Measure, after: Measure) -> str:
    return f"{duration(before.seconds)} → {duration(after.seconds)}"


def _money(micros: int | None) -> str:
    amount = dollars(micros)
    return "unknown" if amount is None else f"${amount}"
