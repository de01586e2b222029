"""`atelier show`: a run and its stages, or one stage with all that its row holds."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from atelier.cli.archive import Archive, opened
from atelier.cli.console import (
    as_text,
    colored,
    duration,
    emit_json,
    fields,
    one_line,
    safe,
    say,
    short,
    table,
    to_json,
)
from atelier.cli.options import Command, json_option, project_option
from atelier.cli.place import get_place
from atelier.cli.runs import run_json
from atelier.isilon.origin import Origin
from atelier.kernel.errors import SetupError
from atelier.kernel.money import dollars
from atelier.ledger.rows import ArtefactRow, Attempt, Row, RunRecord
from atelier.ledger.standing import standing_of
from atelier.observatory.reading.elements import elements_of_row

_HEADER = ("stage", "outcome", "seconds", "key", "output", "reason")


@click.command(cls=Command)
@click.argument("run")
@click.argument("stage", required=False)
@click.option("--output", "wants_output", is_flag=True, help="Print the value of STAGE alone.")
@json_option
@project_option
def show(
    run: str, stage: str | None, *, wants_output: bool, as_json: bool, project: Path | None
) -> None:
    """Show the stages of RUN: an id, a prefix that only one run has, or `latest`.

    With STAGE, everything that its row holds: reason, key, inputs, output, errors, and what it read
    that its key does not hold.
    """
    if wants_output and stage is None:
        raise click.UsageError("--output needs a STAGE.")
    with opened(get_place(project)) as archive:
        found = archive.get_run(run)
        if stage is None:
            _show_run(archive, found, as_json=as_json)
        elif wants_output:
            say(to_json(_value(archive, archive.stage_row(found, stage))))
        else:
            _show_stage(archive, found, stage, as_json=as_json)


def _show_run(archive: Archive, run: RunRecord, *, as_json: bool) -> None:
    rows = list(archive.ledger.iter_stage_rows(run.start.run))
    emitted = list(archive.ledger.iter_artefacts(run=run.served_from or run.start.run))
    if as_json:
        stages = [row_json(row) for row in rows]
        artefacts = [_artefact_json(row) for row in emitted]
        emit_json({**run_json(run, rows), "stages": stages, "artefacts": artefacts})
        return
    say(f"{safe(run.start.workflow)}  {run.start.run}  {colored(standing_of(run), bold=True)}")
    for line in fields(_run_facts(run, emitted)):
        say(line)
    for line in table([_cells(row) for row in rows], _HEADER):
        say(line)


def _run_facts(run: RunRecord, emitted: list[ArtefactRow]) -> Iterator[tuple[str, object]]:
    start = run.start
    yield "began", start.started_at
    yield "took", "" if run.seconds is None else duration(run.seconds)
    yield "target", safe(start.target)
    yield "parameters", " ".join(f"{key}={as_text(of)}" for key, of in start.parameters.items())
    yield "packet", start.packet
    yield "served", f"from cache (run {run.served_from})" if run.served_from else ""
    yield "sound", "" if run.sound else "no: a stage read what its key does not hold"
    for artefact in emitted:
        yield "artefact", f"{safe(artefact.path)} ({artefact.action})  {artefact.digest}"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        safe(row.stage),
        colored(row.outcome.value),
        duration(row.seconds),
        short(row.key),
        short(row.output),
        one_line(_error_line(row.error) if row.error else row.reason, 100),
    )


def _error_line(error: Mapping[str, Any]) -> str:
    return f"[{error['code']}] {error['sentence']}"


def _show_stage(archive: Archive, run: RunRecord, stage: str, *, as_json: bool) -> None:
    row = archive.stage_row(run, stage)
    source = archive.original(row)
    elements = [item.as_json() for item in elements_of_row(archive, run, row)]
    attempts = list(archive.ledger.iter_attempts(run.start.run, stage))
    if as_json:
        emit_json(
            {
                **row_json(row),
                "run": run.start.run,
                "inputs": _inputs_json(source),
                "elements": elements,
                "attempts": [_attempt_json(attempt) for attempt in attempts],
            }
        )
        return
    say(f"{safe(stage)}  {colored(row.outcome.value, bold=True)}  {safe(row.reason)}")
    for line in fields(_row_facts(row, source)):
        say(line)
    _list("inputs", [_input_cells(item) for item in _inputs_json(source)])
    _list("elements", [_element_cells(element) for element in elements])
    _list("attempts", [_attempt_cells(attempt) for attempt in attempts])
    kept = [cells for attempt in attempts for cells in _kept_cells(attempt)]
    _list("asked and received, for `atelier blob cat`", kept)
    _list("read without the key", [_unseen_cells(item) for item in row.unseen])
    if row.error:
        _say_error(row.error)


def _row_facts(row: Row, source: Row) -> Iterator[tuple[str, object]]:
    yield "run", row.run
    yield "recorded", row.recorded_at
    if source.run != row.run:
        yield "served from", f"row {source.seq} of run {source.run}: {safe(source.reason)}"
    yield "seconds", duration(row.seconds)
    yield "key", row.key or ""
    yield "draw", row.draw or ""
    yield "recipe", row.recipe or ""
    yield "input", row.input or ""
    yield "output", row.output or ""
    yield "model", " → ".join(safe(name) for name in _models(row))
    yield "cost", "unknown" if row.incurred is None else dollars(row.incurred or None) or ""
    yield "citations", row.citations or ""
    yield "decided by", row.decided_by or ""


def _models(row: Row) -> list[str]:
    return [name for name in (row.model_class, row.model_requested, row.model_served) if name]


def _list(title: str, rows: list[tuple[str, ...]]) -> None:
    if rows:
        say(title)
        for line in table(rows):
            say(f"  {line}")


def _input_cells(item: Mapping[str, str]) -> tuple[str, ...]:
    lens = "" if item["digest"] == item["whole"] else f"a lens on {short(item['whole'])}"
    return safe(item["parameter"]), item["supply"], item["digest"], lens


def _element_cells(element: Mapping[str, Any]) -> tuple[str, ...]:
    error = element.get("error")
    said = _error_line(error) if error else short(element["output"])
    return (
        str(element["at"]),
        short(element["element"]),
        colored(element["outcome"]),
        safe(Origin.from_json(element["origin"])) or "-",
        one_line(said),
    )


def _attempt_cells(attempt: Attempt) -> tuple[str, ...]:
    said = _error_line(attempt.error) if attempt.error else ""
    return str(attempt.number), attempt.outcome, safe(attempt.model_requested), one_line(said)


def _kept_cells(attempt: Attempt) -> Iterator[tuple[str, ...]]:
    yield str(attempt.number), "request", attempt.request
    if attempt.response:
        yield str(attempt.number), "response", attempt.response


def _unseen_cells(item: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(one_line(item.get(name, "")) for name in ("what", "where", "declare"))


def _say_error(error: Mapping[str, Any]) -> None:
    say(click.style(f"[{error['code']}] {safe(error['sentence'])}", fg="red"))
    for line in fields((name, safe(value)) for name, value in error["facts"].items()):
        say(line)
    say(f"  {safe(error['next_step'])}")


def _value(archive: Archive, row: Row) -> Any:
    data = archive.value(row.output)
    if data is None:
        raise SetupError(
            "cli.no_value",
            f"Stage {row.stage!r} has no value to show in this run.",
            facts={
                "outcome": row.outcome.value,
                "output": row.output or "(none)",
                "why": "its bytes are gone from the store" if row.output else row.reason,
            },
            next_step="Run the workflow again: a missing value is made anew.",
        )
    return data


def row_json(row: Row) -> dict[str, Any]:
    """A row as `--json` gives it."""
    return {
        "seq": row.seq,
        "stage": row.stage,
        "outcome": row.outcome.value,
        "reason": row.reason,
        "recorded_at": row.recorded_at,
        "element": row.element,
        "key": row.key,
        "draw": row.draw,
        "recipe": row.recipe,
        "components": row.components,
        "input": row.input,
        "output": row.output,
        "manifest": row.manifest,
        "served_from": row.served_from,
        "sound": row.sound,
        "unseen": [dict(item) for item in row.unseen],
        "model_class": row.model_class,
        "model_requested": row.model_requested,
        "model_served": row.model_served,
        "requests": row.requests,
        "input_tokens": row.input_tokens,
        "cached_tokens": row.cached_tokens,
        "output_tokens": row.output_tokens,
        "reasoning_tokens": row.reasoning_tokens,
        "incurred_usd": dollars(row.incurred),
        "avoided_usd": dollars(row.avoided),
        "citations": row.citations,
        "citations_digest": row.citations_digest,
        "decided_by": row.decided_by,
        "aside": row.aside,
        "seconds": row.seconds,
        "error": dict(row.error) if row.error else None,
    }


def _inputs_json(row: Row) -> list[dict[str, str]]:
    return [
        {
            "parameter": item.parameter,
            "supply": item.supply.value,
            "source": item.source,
            "digest": item.digest,
            "whole": item.whole,
        }
        for item in row.consumed
    ]


def _attempt_json(attempt: Attempt) -> dict[str, Any]:
    return {
        "id": attempt.id,
        "number": attempt.number,
        "outcome": attempt.outcome,
        "model_requested": attempt.model_requested,
        "model_served": attempt.model_served,
        "request": attempt.request,
        "response": attempt.response,
        "sent_at": attempt.sent_at,
        "ended_at": attempt.ended_at,
        "incurred_usd": dollars(attempt.incurred),
        "error": dict(attempt.error) if attempt.error else None,
    }


def _artefact_json(row: ArtefactRow) -> dict[str, Any]:
    return {
        "path": row.path,
        "digest": row.digest,
        "mark": row.mark,
        "action": row.action,
        "recorded_at": row.recorded_at,
    }
