"""What a person reads when a run is over: how it ended, what it left, and what to try next."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

from atelier.cli.console import colored, duration, emit_error, fields, safe, say
from atelier.cli.costs import cost, told_cost
from atelier.kernel.errors import AtelierError
from atelier.ledger.rows import Outcome, RunStatus
from atelier.orchestrate.outcome import Run

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Printed:
    """A run's artefact as it was printed: what each of its lines rests on."""

    lines: Sequence[Mapping[str, Any]] = ()

    @property
    def flagged(self) -> list[int]:
        """The lines that carry a flag."""
        return [line["first"] for line in self.lines if line["flag"]]

    @property
    def first_claim(self) -> int | None:
        """The first line of text that rests on a claim."""
        found = (line["first"] for line in self.lines if line["claims"] and line["part"] == "text")
        return next(found, None)


def report(done: Run[Any], root: Path, printed: Printed) -> None:
    """Print the errors on stderr, then the summary."""
    for result in done.stages:
        if result.outcome is Outcome.FAILED and result.error:
            emit_error(_error(result.error), as_json=False)
    for warning in done.warnings:
        say(f"warning: {safe(warning)}", err=True)
    say(headline(done))
    for line in fields(_facts(done, root, printed)):
        say(line)


def headline(done: Run[Any]) -> str:
    """The status, and whether anything ran for it."""
    counts = dict.fromkeys(Outcome, 0)
    for result in done.stages:
        counts[result.outcome] += 1
    told = ", ".join(f"{count} {outcome.value}" for outcome, count in counts.items() if count)
    served = f"served from cache (run {done.served_from})" if done.served_from else told
    status = colored(done.status.value, bold=True)
    return f"{status}  {served or 'no stage has ended'}  {duration(done.seconds)}"


def _facts(done: Run[Any], root: Path, printed: Printed) -> Iterator[tuple[str, str]]:
    path = None
    if done.artefact is not None:
        path = safe(os.path.relpath(root / done.artefact.path))
        yield "artefact", f"{path} ({done.artefact.action})"
    yield "run", done.id
    if done.incurred or done.avoided or done.incurred is None:
        yield "cost", cost(done.incurred, done.avoided)
    expected = told_cost(done.expected)
    if expected != "-":
        yield "expected", expected
    if printed.flagged:
        yield "contested", _places(printed.flagged)
    yield "next", _next(done, path, printed)


def _places(lines: Sequence[int]) -> str:
    shown = ", ".join(str(line) for line in lines[:_NAMED])
    word = "line" if len(lines) == 1 else "lines"
    return f"{word} {shown}" + (f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else "")


def _next(done: Run[Any], path: str | None, printed: Printed) -> str:
    failed = [result.stage for result in done.stages if result.outcome is Outcome.FAILED]
    if failed:
        return f"atelier show {done.id} {failed[0]}"
    if done.status is RunStatus.INTERRUPTED:
        return "run it again: what has ended is reused"
    if path is None:
        return f"atelier show {done.id}"
    line = next(iter(printed.flagged), printed.first_claim)
    return f"atelier why {quote(f'{path}:{line}' if line else path)}"


def _error(kept: Mapping[str, Any]) -> AtelierError:
    return AtelierError(
        kept["code"], kept["sentence"], facts=kept["facts"], next_step=kept["next_step"]
    )
