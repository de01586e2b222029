"""`atelier diff`: two runs beside each other, stage by stage."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from atelier.cli.archive import opened
from atelier.cli.console import (
    as_text,
    colored,
    duration,
    emit_json,
    fields,
    one_line,
    safe,
    say,
    table,
)
from atelier.cli.options import Command, json_option, project_option
from atelier.cli.place import get_place
from atelier.cli.why_stage import altered_lines, from_where_they_differ, painted
from atelier.kernel.money import dollars
from atelier.observatory.reading.compare import (
    Cited,
    ClaimSaid,
    Comparison,
    RunSide,
    StagePair,
    StageSide,
    compare_runs,
)
from atelier.observatory.reading.packet_diff import PacketDiffView, PlaceDiff, SliceDiffView
from atelier.observatory.reading.plain import to_json

_HEADER = ("stage", "outcome", "output", "cost", "time", "what changed")
# Of each kind of thing, how many are shown; `--json` has them all.
_SHOWN = 12
_WIDTH = 110
_AMOUNTS = ("incurred", "avoided", "original")


@click.command(cls=Command)
@click.argument("earlier")
@click.argument("later")
@click.option("--stage", metavar="STAGE", help="Show one stage: all that differs in it.")
@json_option
@project_option
def diff(
    earlier: str, later: str, *, stage: str | None, as_json: bool, project: Path | None
) -> None:
    """Compare two runs, each an id, a prefix that only one run has, or `latest`.

    Stages are aligned by name. It tells what differs in the evidence, in code, prompts and models,
    in claims and citations, in the page, and what each run took.
    """
    with opened(get_place(project)) as archive:
        runs = [archive.get_run(name) for name in (earlier, later)]
        found = compare_runs(archive, *runs)
    if stage is not None and stage not in {pair.stage for pair in found.stages}:
        known = ", ".join(pair.stage for pair in found.stages)
        raise click.UsageError(f"Neither run has a stage {stage!r}; they have {known}.")
    if as_json:
        emit_json(comparison_json(found))
        return
    for line in _lines(found) if stage is None else _stage_lines(found, stage):
        say(line)


def comparison_json(found: Comparison) -> dict[str, Any]:
    """What `diff --json` prints: the comparison, with money in dollars as everywhere."""
    told: dict[str, Any] = to_json(found)
    sides: list[dict[str, Any] | None] = [told["earlier"], told["later"]]
    for pair in told["stages"]:
        sides += [pair["earlier"], pair["later"]]
    for side in sides:
        if side is not None:
            for name in _AMOUNTS:
                side[f"{name}_usd"] = dollars(side.pop(name))
    return {"is_same": found.is_same, **told}


def _lines(found: Comparison) -> Iterator[str]:
    yield from table([_run("earlier", found.earlier), _run("later", found.later)])
    yield from _packet(found)
    yield from table([_cells(pair) for pair in found.stages], _HEADER)
    yield from _claims(found)
    yield from _citations(found)
    if found.text:
        yield click.style("the page", bold=True)
        yield from (f"  {painted(safe(line))}" for line in found.text.splitlines())
        yield from _more(found.text_left_out, "lines")
    yield from _totals(found)
    changed = next((pair for pair in found.stages if pair.altered), None)
    if changed is not None:
        names = f"{found.earlier.run} {found.later.run}"
        yield f"next  atelier diff {names} --stage {safe(changed.stage)}"


def _run(name: str, side: RunSide) -> tuple[str, ...]:
    pairs = " ".join(f"{key}={as_text(value)}" for key, value in side.parameters.items())
    began = side.started_at[:19].replace("T", " ")
    return name, side.run, began, colored(side.status), safe(side.workflow), one_line(pairs, 60)


def _packet(found: Comparison) -> Iterator[str]:
    if found.packet_is_lost:
        yield "Their packets differ, and one of them is gone from the store."
    elif found.packet is None:
        yield "Both ran over the same packet."
    else:
        yield click.style("the evidence", bold=True)
        yield from (f"  {line}" for line in packet_lines(found.packet))


def packet_lines(found: PacketDiffView) -> Iterator[str]:
    """What differs between two packets, an element a line."""
    for place in found.parameters:
        yield _place(place)
    for item in found.slices:
        yield safe(item.name)
        lines = list(_slice(item))
        yield from (f"  {line}" for line in lines[:_SHOWN])
        yield from _more(len(lines) - _SHOWN + item.left_out, "differences")
    yield from map(safe, found.missing)


def _slice(item: SliceDiffView) -> Iterator[str]:
    for part in item.removed:
        yield click.style(f"- /{part.position}  {one_line(part.text.text, _WIDTH)}", fg="red")
    for part in item.added:
        yield click.style(f"+ /{part.position}  {one_line(part.text.text, _WIDTH)}", fg="green")
    for change in item.changed:
        yield f"~ /{change.later.position}"
        yield from (f"    {_place(place)}" for place in change.places)
    for before, after in item.moved:
        yield f"  /{before} moved to /{after}"
    yield from map(_place, item.places)


def _place(place: PlaceDiff) -> str:
    """Both sides of a place, from where they differ."""
    told = [side.text if side is not None else None for side in (place.earlier, place.later)]
    texts: list[str | None] = [*told]
    if told[0] is not None and told[1] is not None:
        texts = [*from_where_they_differ(told[0], told[1], _WIDTH // 2)]
    sides = ["(absent)" if text is None else one_line(text, _WIDTH // 2) for text in texts]
    return f"{safe(place.pointer) or '/'}  {' → '.join(sides)}"


def _cells(pair: StagePair) -> tuple[str, ...]:
    before, after = pair.earlier, pair.later
    return (
        safe(pair.stage),
        _both(*(colored(side.outcome) if side else "(none)" for side in (before, after))),
        "same" if pair.is_same else "differs",
        _both(*(_money(side.incurred) if side else "-" for side in (before, after))),
        _both(*(duration(side.seconds) if side else "-" for side in (before, after))),
        _what(pair),
    )


def _what(pair: StagePair) -> str:
    if pair.altered is None:
        return "what it had is gone from the store"
    reasons = [item.reason.text for item in pair.altered]
    errors = [side.error for side in (pair.earlier, pair.later) if side and side.error]
    failed = [f"[{error['code']}]" for error in errors]
    return one_line("; ".join([*failed, *reasons]) or "-", _WIDTH)


def _claims(found: Comparison) -> Iterator[str]:
    kinds = (
        ("gained", "+", "green", found.claims_gained),
        ("lost", "-", "red", found.claims_lost),
    )
    for name, sign, color, claims in kinds:
        if claims:
            yield _heading(len(claims), f"claim {name}", f"claims {name}")
            for claim in claims[:_SHOWN]:
                yield click.style(f"  {sign} {_claim(claim)}", fg=color)
            yield from _more(len(claims) - _SHOWN, "claims")
    if found.claims_turned:
        yield _heading(
            len(found.claims_turned), "claim judged otherwise", "claims judged otherwise"
        )
        for turned in found.claims_turned[:_SHOWN]:
            before, after = (_verdict(side) for side in (turned.earlier, turned.later))
            yield f"  ~ {before} → {after}  {one_line(turned.later.text, _WIDTH)}"
        yield from _more(len(found.claims_turned) - _SHOWN, "claims")
    if found.claims_overridden:
        named = "claim of both overridden by a person", "claims of both overridden by a person"
        yield _heading(len(found.claims_overridden), *named)
        for claim in found.claims_overridden[:_SHOWN]:
            yield f"  ~ {_claim(claim)}"
        yield from _more(len(found.claims_overridden) - _SHOWN, "claims")


def _claim(claim: ClaimSaid) -> str:
    return f"{_verdict(claim)}  {one_line(claim.text, _WIDTH)}"


def _verdict(claim: ClaimSaid) -> str:
    said = f", {claim.human.verdict} ({claim.human.who})" if claim.human else ""
    return safe(f"{claim.verdict} ({claim.decided_by}){said}")


def _citations(found: Comparison) -> Iterator[str]:
    kinds = (
        ("gained", "+", "green", found.citations_gained),
        ("lost", "-", "red", found.citations_lost),
    )
    for name, sign, color, cited in kinds:
        if cited:
            yield _heading(len(cited), f"citation {name}", f"citations {name}")
            for one in cited[:_SHOWN]:
                yield click.style(f"  {sign} {_cited(one)}", fg=color)
            yield from _more(len(cited) - _SHOWN, "citations")


def _cited(one: Cited) -> str:
    return f"{safe(one.role)}  {safe(one.slice)}  “{one_line(one.quote, _WIDTH)}”"


def _totals(found: Comparison) -> Iterator[str]:
    before, after = found.earlier, found.later
    sides = (before, after)
    yield from fields(
        [
            ("claims", _both(*(f"{side.claims} ({side.flagged} flagged)" for side in sides))),
            ("citations", _both(*(str(side.citations) for side in sides))),
            ("spent", _both(*(_money(side.incurred) for side in sides))),
            ("saved", _both(*(_money(side.avoided) for side in sides))),
            ("worth", _both(*(_money(side.original) for side in sides))),
            ("took", _both(*(_time(side.seconds) for side in sides))),
        ],
        indent="",
    )


def _stage_lines(found: Comparison, stage: str) -> Iterator[str]:
    """One stage on both sides, with every difference."""
    pair = next(pair for pair in found.stages if pair.stage == stage)
    yield from table(
        [("earlier", *_stage(pair.earlier)), ("later", *_stage(pair.later))],
        ("", "outcome", "made in run", "model", "cost", "time", "reason"),
    )
    if pair.altered is None:
        yield "What it had in one of the runs is gone from the store."
    elif not pair.altered and pair.earlier and pair.later:
        yield "Its code, prompts, model and inputs are the same in both."
    for item in pair.altered or ():
        yield from altered_lines(item)
    if pair.diff:
        yield click.style("what it gave", bold=True)
        yield from (f"  {painted(safe(line))}" for line in pair.diff.splitlines())
        yield from _more(pair.left_out, "lines")


def _stage(side: StageSide | None) -> tuple[str, ...]:
    if side is None:
        return ("(none)", "", "", "", "", "")
    model = side.model_served or side.model_requested or "-"
    said = f"[{side.error['code']}] {side.error['sentence']}" if side.error else side.reason
    return (
        colored(side.outcome),
        side.made_in,
        safe(model),
        _money(side.incurred),
        duration(side.seconds),
        one_line(said, _WIDTH),
    )


def _both(earlier: str, later: str) -> str:
    return earlier if earlier == later else f"{earlier} → {later}"


def _money(micros: int | None) -> str:
    amount = dollars(micros)
    return "unknown" if amount is None else f"${amount}"


def _time(seconds: float | None) -> str:
    return "-" if seconds is None else duration(seconds)


def _heading(count: int, one: str, many: str) -> str:
    return click.style(f"{count} {one if count == 1 else many}", bold=True)


def _more(count: int, what: str) -> Iterator[str]:
    if count > 0:
        yield f"  … {count} more {what}; --json has them all"
