"""Why an artefact says what it says: from a line to its claims, their evidence, stages and run."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from atelier.cli.archive import Archive
from atelier.cli.console import colored, emit_json, one_line, safe, say, table
from atelier.cli.excerpt import excerpt
from atelier.cli.lineage import lineage_lines
from atelier.ledger.rows import RunRecord
from atelier.ledger.standing import standing_of
from atelier.observatory.reading.evidence import Cited, Evidence, Supported, claims_of
from atelier.observatory.reading.footnotes import noted
from atelier.observatory.reading.lineage import lineage, lineage_json
from atelier.observatory.reading.recognised import EDITED, INTACT, Recognised

_LABELS = frozenset({"title", "heading"})
# How many claims a title or heading lists.
_LISTED = 20
# How much of an element beside a cited one is shown.
_WIDTH = 200


def why_artefact(archive: Archive, found: Recognised, path: Path, *, as_json: bool) -> None:
    """Answer for a whole artefact: its run and stages, and the lines that can be asked about."""
    run = archive.get_run(found.row.run)
    if as_json:
        emit_json(
            {
                **_head_json(found, path, run),
                "lines": list(found.lines),
                "stages": lineage_json(lineage(archive, run, found.row.stage)),
            }
        )
        return
    for line in _head_lines(found, path, run):
        say(line)
    for line in table(list(_entries(found)), ("line", "claims", "sentence")):
        say(line)
    for line in lineage_lines(lineage(archive, run, found.row.stage)):
        say(line)


def why_line(archive: Archive, found: Recognised, path: Path, *, line: int, as_json: bool) -> None:
    """Answer for one line: what it rests on, in the words of the evidence."""
    run = archive.get_run(found.row.run)
    text = found.line_text(line)
    emitted = found.emitted_line(line)
    entry = found.find_entry(emitted) if emitted is not None else None
    claims = _claims(archive, run, found.row.stage, named=entry["claims"] if entry else ())
    stages = lineage(archive, run, found.row.stage)
    quoted = (
        noted(archive, run, found, line=emitted, steps=stages)
        if emitted is not None and not claims
        else []
    )
    if as_json:
        emit_json(
            {
                **_head_json(found, path, run),
                "line": line,
                "text": text,
                "emitted_line": emitted,
                "part": entry["part"] if entry else None,
                "sentence": entry["sentence"] if entry else None,
                "flag": entry["flag"] if entry else None,
                "claims": [claim.as_json() for claim in claims],
                "citations": [citation.as_json() for citation in quoted],
                "stages": lineage_json(stages),
            }
        )
        return
    for printed in _head_lines(found, path, run, line=line):
        say(printed)
    shown = entry["sentence"] if entry and found.state != EDITED else text
    say(f"  {click.style(safe(shown), bold=True)}")
    for printed in _remarks(found, line=line, emitted=emitted, entry=entry):
        say(f"  {printed}")
    for printed in _evidence_lines(claims, quoted, entry=entry):
        say(printed)
    for printed in lineage_lines(stages):
        say(printed)


def _claims(
    archive: Archive, run: RunRecord, stage: str, *, named: Sequence[str]
) -> list[Supported]:
    if not named:
        return []
    known = claims_of(archive, archive.stage_row(run, stage))
    evidence = Evidence(archive, run.start.packet)
    return [evidence.claim(known[name]) for name in named if name in known]


def _head_json(found: Recognised, path: Path, run: RunRecord) -> dict[str, Any]:
    return {
        "file": str(path),
        "state": found.state,
        "artefact": {
            "path": found.row.path,
            "digest": found.row.digest,
            "mark": found.row.mark,
            "stage": found.row.stage,
            "emitted_at": found.row.recorded_at,
        },
        "run": run.start.run,
        "workflow": run.start.workflow,
        "status": standing_of(run),
        "parameters": dict(run.start.parameters),
        "packet": run.start.packet,
    }


def _head_lines(
    found: Recognised, path: Path, run: RunRecord, *, line: int | None = None
) -> Iterator[str]:
    shown = f"{path}:{line}" if line is not None else str(path)
    state = found.state if found.state == INTACT else click.style(found.state, fg="yellow")
    yield f"{safe(shown)}  {state}"
    yield (
        f"  by {safe(run.start.workflow)}, run {run.start.run} "
        f"({colored(standing_of(run))}), {run.start.started_at[:19].replace('T', ' ')}"
    )
    if not str(path.absolute()).endswith(os.sep + found.row.path):
        yield f"  emitted as {safe(found.row.path)}"
    if found.state == EDITED:
        yield "  Somebody has edited this file since; the answer is about what was emitted."


def _entries(found: Recognised) -> Iterator[tuple[str, str, str]]:
    for entry in found.lines:
        if entry["part"] != "footnote":
            flag = f"  [{entry['flag']}]" if entry["flag"] else ""
            claims = str(len(entry["claims"])) if entry["part"] == "text" else entry["part"]
            yield str(entry["first"]), claims, one_line(entry["sentence"] + flag, 110)


def _remarks(
    found: Recognised, *, line: int, emitted: int | None, entry: Mapping[str, Any] | None
) -> Iterator[str]:
    if emitted is None:
        yield "This line is not Atelier's: somebody has added it, or rewritten it beyond recognition."
        return
    if emitted != line:
        yield f"It was line {emitted} of what was emitted."
    if found.state == EDITED and found.line_text(line) != _emitted_text(found, emitted):
        yield f"Emitted as: {one_line(_emitted_text(found, emitted))}"
    if entry is None:
        yield "This line states nothing: it is blank, a remark on the run, or the mark."
    elif entry["flag"]:
        yield click.style(f"flagged {safe(entry['flag'])}", fg="yellow")


def _evidence_lines(
    claims: Sequence[Supported], quoted: Sequence[Cited], *, entry: Mapping[str, Any] | None
) -> Iterator[str]:
    """Each claim with its evidence; of a title or heading, which stands over many, a line each."""
    if entry is None:
        return
    if entry["part"] in _LABELS and len(claims) > 1:
        yield f"claims  {len(claims)}, of what stands below it; each line below has its evidence"
        for line in table([_claim_cells(claim) for claim in claims[:_LISTED]]):
            yield f"  {line}"
        if len(claims) > _LISTED:
            yield f"  … {len(claims) - _LISTED} more claims; --json has them all"
        return
    for claim in claims:
        yield from _claim_lines(claim)
    if quoted:
        yield "It rests on no claim; its evidence:"
        for citation in quoted:
            yield from _citation_lines(citation)
    elif not claims and not entry["flag"]:
        yield "  This line rests on no claim: it states nothing that needs evidence."


def _claim_cells(claim: Supported) -> tuple[str, ...]:
    row = claim.row
    verdict = click.style(row.verdict, fg="yellow" if row.flag else "green")
    return row.claim, verdict, one_line(row.text, 110)


def _emitted_text(found: Recognised, number: int) -> str:
    lines = found.emitted.splitlines()
    return lines[number - 1] if 1 <= number <= len(lines) else ""


def _claim_lines(claim: Supported) -> Iterator[str]:
    row = claim.row
    color = "yellow" if row.flag else "green"
    yield f"claim {row.claim}  {click.style(row.verdict, fg=color)}, decided by {row.decided_by}"
    yield f"  {safe(row.text)}"
    told = [
        f"{check['name']} {check['outcome']}{': ' if check['detail'] else ''}{check['detail']}"
        for check in claim.checks
    ]
    if told:
        yield f"  checks  {one_line('; '.join(told), 300)}"
    for said in claim.judgements:
        words = f"human   {said.verdict}, by {safe(said.who)}: {one_line(said.reason, 300)}"
        yield f"  {words}"
    for citation in claim.citations:
        yield from _citation_lines(citation)


def _citation_lines(citation: Cited) -> Iterator[str]:
    row = citation.row
    place = str(citation.origin) or f"{row.slice}, element {row.element}"
    yield f"  {row.role}  {safe(place)}  ({row.match}, found by {row.found_by})"
    quote = safe(row.quote).replace("\n", "\n     ")
    yield f"    {click.style(f'“{quote}”', bold=True)}"
    if not citation.context:
        yield "    Its packet's content is gone from the store."
    rows = [
        (
            "  >" if neighbour.cited else "   ",
            safe(_where(str(neighbour.origin), row.slice)),
            excerpt(neighbour.text, row.quote, start=row.start or 0)
            if neighbour.cited
            else one_line(neighbour.text, _WIDTH),
        )
        for neighbour in citation.context
    ]
    for line in table(rows):
        yield f"  {line}"


def _where(origin: str, name: str) -> str:
    """An origin without the folders of its file."""
    place, dot, rest = origin.partition(" · ")
    return (place.rpartition("/")[2] + dot + rest) or name
