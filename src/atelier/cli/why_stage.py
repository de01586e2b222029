"""Why a stage ran: what changed since it ran before, with its difference."""

from collections.abc import Iterator

import click

from atelier.cache.explain import ReasonKind, text_diff
from atelier.cli.archive import Archive
from atelier.cli.console import colored, emit_json, one_line, safe, say, table
from atelier.kernel.canonical import Json, canonical
from atelier.ledger.rows import Outcome, Row, RunRecord, Supply
from atelier.ledger.standing import standing_of
from atelier.observatory.reading.changes import Altered, Explained, explain_row
from atelier.observatory.reading.lineage import Step, lineage_json

_WIDTH = 160
_PLACES = 20
_DIFF_LINES = 200


def why_run(archive: Archive, run: RunRecord, *, as_json: bool) -> None:
    """Answer for a run: the reason of each of its stages."""
    rows = list(archive.ledger.iter_stage_rows(run.start.run))
    steps = [Step(row, archive.original(row)) for row in rows]
    if as_json:
        emit_json(
            {
                "run": run.start.run,
                "workflow": run.start.workflow,
                "status": standing_of(run),
                "served_from": run.served_from,
                "stages": lineage_json(steps),
            }
        )
        return
    say(_head(run))
    cells = [
        (safe(step.row.stage), colored(step.row.outcome.value), _reason(step)) for step in steps
    ]
    for line in table(cells):
        say(f"  {line}")
    if steps:
        asked = next((step for step in steps if step.row.outcome.value != "reused"), steps[-1])
        say(f"next  atelier why {asked.source.run} {safe(asked.row.stage)}")


def why_stage(archive: Archive, run: RunRecord, stage: str, *, as_json: bool) -> None:
    """Answer for a stage in a run: of a reused one, why its value was made."""
    row = archive.stage_row(run, stage)
    source = archive.original(row)
    explained = explain_row(archive, archive.get_run(source.run), source)
    if as_json:
        emit_json(
            {
                "run": run.start.run,
                "stage": stage,
                "outcome": row.outcome.value,
                "reason": row.reason,
                "error": dict(row.error) if row.error else None,
                "made_in": explained.as_json(),
            }
        )
        return
    say(_head(run))
    say(f"{safe(stage)}  {colored(row.outcome.value, bold=True)}  {_reason(Step(row, source))}")
    for line in _explanation(explained):
        say(line)
    asked = _next(archive.get_run(source.run), explained)
    if asked is not None:
        say(asked)


def _head(run: RunRecord) -> str:
    served = f", served from cache (run {run.served_from})" if run.served_from else ""
    name = safe(run.start.workflow)
    return f"{name}  run {run.start.run}  {colored(standing_of(run))}{served}"


def _reason(step: Step) -> str:
    error = step.row.error
    if error is not None:
        return one_line(f"[{error['code']}] {error['sentence']}")
    return one_line(step.reason)


def _explanation(explained: Explained) -> Iterator[str]:
    row, earlier = explained.row, explained.earlier
    if row.error is not None:
        yield from _error_lines(row)
    if explained.is_lost:
        yield "  What it depended on is gone from the store."
    if row.components is None or explained.is_lost:
        return
    if earlier is None:
        yield "  The ledger has no earlier execution to compare it with."
        return
    yield f"  compared with run {earlier.run}, row {earlier.seq}"
    if not explained.altered:
        yield "  Its code, prompts, model and inputs are those of that execution."
    for item in explained.altered:
        yield from altered_lines(item)


def _error_lines(row: Row) -> Iterator[str]:
    error = row.error or {}
    for name, value in error.get("facts", {}).items():
        yield f"  {safe(name)}: {safe(value)}"
    yield f"  {safe(error.get('next_step', ''))}"


def altered_lines(item: Altered) -> Iterator[str]:
    """A difference as a person reads it: a unified diff, or a line a place."""
    standing = "" if item.standing == "changed" else f" ({item.standing})"
    yield click.style(f"{safe(item.reason.text)}{standing}", bold=True)
    diff = item.text.splitlines()
    for line in diff[:_DIFF_LINES]:
        yield f"  {painted(safe(line))}"
    if len(diff) > _DIFF_LINES:
        yield f"  … {len(diff) - _DIFF_LINES} more lines; --json has them all"
    for place in item.places[:_PLACES]:
        if place.kind == "added":
            yield click.style(f"  + {safe(place.pointer)}  {_json(place.now)}", fg="green")
        elif place.kind == "removed":
            yield click.style(f"  - {safe(place.pointer)}  {_json(place.earlier)}", fg="red")
        else:
            yield f"  ~ {safe(place.pointer) or '/'}"
            for line in _sides(place.earlier, place.now):
                yield f"    {painted(line)}"
    if len(item.places) > _PLACES:
        yield f"  … {len(item.places) - _PLACES} more places; --json has them all"


def _sides(earlier: Json, now: Json) -> list[str]:
    """Both sides of a place: a diff of texts with lines, else each on a line, cut to what differs."""
    if isinstance(earlier, str) and isinstance(now, str):
        if "\n" in earlier or "\n" in now:
            diff = text_diff(earlier, now).splitlines()
            return [one_line(line, _WIDTH) for line in diff[:_DIFF_LINES]]
        earlier, now = from_where_they_differ(earlier, now)
    return [f"- {_json(earlier)}", f"+ {_json(now)}"]


def from_where_they_differ(earlier: str, now: str, limit: int = _WIDTH) -> tuple[str, str]:
    """Two long texts from shortly before the first place where they differ.

    Example:
        >>> texts = from_where_they_differ("a" * 300 + "b", "a" * 300 + "c")
        >>> texts[0] == "…" + "a" * 40 + "b"
        True
    """
    if max(len(earlier), len(now)) <= limit:
        return earlier, now
    pairs = enumerate(zip(earlier, now, strict=False))
    differs = next((at for at, (old, new) in pairs if old != new), min(len(earlier), len(now)))
    start = max(differs - 40, 0)
    return (f"…{earlier[start:]}", f"…{now[start:]}") if start else (earlier, now)


def _next(run: RunRecord, explained: Explained) -> str | None:
    """What to ask next: about the stage above that is missing, or the first one that changed."""
    if explained.row.outcome is Outcome.BLOCKED:
        needs = (explained.row.error or {}).get("facts", {}).get("needs", "")
        return f"next  atelier why {run.start.run} {safe(needs.split(', ')[0])}"
    sources = {
        item.parameter: item.source
        for item in explained.row.consumed
        if item.supply is Supply.STAGE
    }
    for item in explained.altered:
        if item.reason.kind is ReasonKind.INPUT and item.reason.subject in sources:
            return f"next  atelier why {run.start.run} {safe(sources[item.reason.subject])}"
    return None


def painted(line: str) -> str:
    """A line of a unified diff in its colour."""
    colors = {"+": "green", "-": "red", "@": "cyan"}
    return click.style(line, fg=colors.get(line[:1]))


def _json(value: Json) -> str:
    return one_line(canonical(value).decode(), 300)
