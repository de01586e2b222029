"""An artefact as its reader shows it: what it says on the left, what that rests on on the right."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from re import compile as pattern
from typing import Any

from atelier.artefact.mark import same_lines
from atelier.ledger.rows import ArtefactRow, Row, RunRecord
from atelier.ledger.standing import standing_of
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.beside import SliceView, evidence_beside
from atelier.observatory.reading.claims import CitationView, ClaimView, citation_view, claims_handed
from atelier.observatory.reading.footnotes import noted
from atelier.observatory.reading.graph import Made
from atelier.observatory.reading.lineage import Step, lineage
from atelier.observatory.reading.packet_record import PacketContent, find_packet
from atelier.observatory.reading.recognised import EDITED, INTACT, Recognised
from atelier.observatory.reading.review import find_reviews
from atelier.observatory.reading.run import Emitted, emitted_of
from atelier.observatory.reading.text import Text, bounded

# Of the whole file, as it was emitted.
LONGEST = 500_000
_REFERENCE = pattern(r"(?<!\\)\[\^(\d+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """A printed sentence, heading or footnote, and what it rests on.

    `text` is the sentence's own words, `printed` the Markdown, `notes` the footnotes that it refers
    to (of a footnote: its own number). `claims` and `citations` are ids. `now` is what the line has
    become where somebody has edited the file; empty where it is as it was or gone.
    """

    first: int
    last: int
    part: str
    passage: int
    text: str
    printed: str
    flag: str
    notes: tuple[str, ...]
    claims: tuple[str, ...]
    citations: tuple[str, ...]
    now: str = ""


@dataclass(frozen=True, slots=True)
class AddedLine:
    """A line of an edited file that is not ours: somebody has added or rewritten it."""

    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A stage above the artefact: how it ended in this run, and where its value was made."""

    stage: str
    outcome: str
    reason: str
    seq: int
    made: Made


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtefactView:
    """One recorded artefact with its evidence; `missing` says what of it is gone, as sentences.

    `state` says whether the file that was asked about is as emitted or edited.
    """

    emitted: Emitted
    run: str
    workflow: str
    status: str
    started_at: str
    parameters: Mapping[str, Any]
    packet: str
    subject: str | None
    state: str
    title: str
    text: Text | None
    lines: tuple[LineView, ...]
    added: tuple[AddedLine, ...]
    claims: tuple[ClaimView, ...]
    citations: tuple[CitationView, ...]
    evidence: tuple[SliceView, ...]
    steps: tuple[StepView, ...]
    is_reviewed: bool
    missing: tuple[str, ...]


def view_artefact(
    archive: Archive, row: ArtefactRow, *, found: Recognised | None = None
) -> ArtefactView:
    """The value behind the reader of an artefact.

    `found` is the file that was recognised as it; else it is shown as it was emitted.
    """
    archive = archive.remembering()
    run = archive.ledger.find_run(row.run)
    if run is None:  # the ledger's own rule: an artefact is of a run
        raise AssertionError(row.run)
    packet = find_packet(archive, run.start.packet)
    stage = archive.find_stage_row(row.run, row.stage)
    handed = claims_handed(archive, stage, packet) if stage else None
    steps = lineage(archive, run, row.stage)
    known = found or _recorded(archive, row)
    by_note = _by_note(archive, run, known, packet=packet, steps=steps) if known else {}
    noted_only = [one for each in by_note.values() for one in each]
    cited = {one.id: one for one in (*(handed.citations if handed else ()), *noted_only)}
    lines = tuple(_lines(known, handed.claims if handed else (), by_note)) if known else ()
    start = run.start
    return ArtefactView(
        emitted=emitted_of(row),
        run=start.run,
        workflow=start.workflow,
        status=standing_of(run),
        started_at=start.started_at,
        parameters=dict(start.parameters),
        packet=start.packet,
        subject=start.subject,
        state=known.state if known else INTACT,
        title=next((line.text for line in lines if line.part == "title"), ""),
        text=_emitted_text(archive, row),
        lines=lines,
        added=tuple(_added(known)) if known else (),
        claims=handed.claims if handed else (),
        citations=tuple(cited.values()),
        evidence=evidence_beside(packet, list(cited.values())) if packet else (),
        steps=tuple(_step(step) for step in steps),
        is_reviewed=bool(find_reviews(archive, row.run)),
        missing=tuple(_missing(archive, row, stage=stage, packet=packet)),
    )


def _recorded(archive: Archive, row: ArtefactRow) -> Recognised | None:
    """The artefact as it was emitted; None where that is gone."""
    data, lines = archive.read(row.digest), archive.value(row.lines)
    if data is None or lines is None:
        return None
    text = data.decode(errors="replace")
    return Recognised(row, text, lines, INTACT, text)


def _emitted_text(archive: Archive, row: ArtefactRow) -> Text | None:
    data = archive.read(row.digest)
    return None if data is None else bounded(data.decode(errors="replace"), LONGEST)


def _by_note(
    archive: Archive,
    run: RunRecord,
    found: Recognised,
    *,
    packet: PacketContent | None,
    steps: Sequence[Step],
) -> dict[int, list[CitationView]]:
    """What the footnotes quote of the lines that rest on no claim, by their first line."""
    quoted: dict[int, list[CitationView]] = {}
    for entry in found.lines:
        if not entry["claims"]:
            cited = noted(archive, run, found, line=entry["first"], steps=steps)
            quoted[entry["first"]] = [citation_view(item.row, packet) for item in cited]
    return quoted


def _lines(
    found: Recognised, claims: Sequence[ClaimView], by_note: Mapping[int, list[CitationView]]
) -> Iterator[LineView]:
    printed = found.emitted.splitlines()
    now = _now(found)
    cited = {
        claim.claim: (*claim.supports, *claim.contradicts, *claim.qualifies) for claim in claims
    }
    for entry in found.lines:
        first, last = entry["first"], entry["last"]
        text = "\n".join(printed[first - 1 : last])
        noted_here = (one.id for one in by_note.get(first, ()))
        of_claims = (one for claim in entry["claims"] for one in cited.get(claim, ()))
        yield LineView(
            first=first,
            last=last,
            part=entry["part"],
            passage=entry["passage"],
            text=entry["sentence"],
            printed=text,
            flag=entry["flag"],
            notes=tuple(dict.fromkeys(_REFERENCE.findall(text))),
            claims=tuple(entry["claims"]),
            citations=tuple(dict.fromkeys((*of_claims, *noted_here))),
            now=now.get(first, "") if now.get(first, "") != printed[first - 1] else "",
        )


def _now(found: Recognised) -> dict[int, str]:
    """What became of each emitted line of an edited file."""
    if found.state != EDITED:
        return {}
    kept = same_lines(found.emitted, found.text)
    return {
        was: text
        for was, text in zip(kept, found.text.splitlines(), strict=True)
        if was is not None
    }


def _added(found: Recognised) -> Iterator[AddedLine]:
    if found.state != EDITED:
        return
    kept = same_lines(found.emitted, found.text)
    for number, (was, text) in enumerate(zip(kept, found.text.splitlines(), strict=True), start=1):
        if was is None and text.strip():
            yield AddedLine(number, text)


def _step(step: Step) -> StepView:
    row, source = step.row, step.source
    made = Made(seq=source.seq, run=source.run, reason=source.reason)
    return StepView(
        stage=row.stage, outcome=row.outcome.value, reason=row.reason, seq=row.seq, made=made
    )


def _missing(
    archive: Archive, row: ArtefactRow, *, stage: Row | None, packet: PacketContent | None
) -> Iterator[str]:
    if archive.read(row.digest) is None:
        yield "The text of the artefact is gone from the store."
    if archive.value(row.lines) is None:
        yield "The record of what its lines rest on is gone from the store."
    if stage is None:
        yield f"The run has no row of stage {row.stage!r}."
    if packet is None:
        yield "The ledger has no record of the packet."
    else:
        yield from packet.missing
