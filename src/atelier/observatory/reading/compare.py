"""Two runs beside each other, stage by stage: what went in, what decided, what came out, what it took."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atelier.cache.difference import text_diff
from atelier.kernel.money import total
from atelier.ledger.rows import CitationRow, ClaimRow, JudgementRow, Row, RunRecord
from atelier.ledger.standing import standing_of
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.changes import Altered, altered_between
from atelier.observatory.reading.judgements import last_words
from atelier.observatory.reading.packet_diff import PacketDiffView, view_packet_diff
from atelier.observatory.reading.packet_record import find_packet
from atelier.orchestrate.paired import citations_of, claims_of, printed, said
from atelier.orchestrate.recorded import Recording, find_recording

# Of the difference of one text, how many lines are kept.
LINES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSide:
    """One of the two runs. Money is micros of a dollar; None is unknown.

    `original` is what its values cost when they were made, wherever that was.
    """

    run: str
    workflow: str
    status: str
    started_at: str
    served_from: str | None
    parameters: Mapping[str, Any]
    packet: str
    artefact: str | None
    seconds: float | None
    incurred: int | None
    avoided: int | None
    original: int | None
    claims: int
    flagged: int
    citations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSide:
    """A stage in one of the two runs; `made_in` is the run in which its value was made."""

    seq: int
    outcome: str
    reason: str
    made_in: str
    output: str | None
    model_requested: str | None
    model_served: str | None
    seconds: float
    incurred: int | None
    avoided: int | None
    original: int | None
    error: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePair:
    """A stage in both runs, or in one; `altered` is None where a record of what it had is gone.

    `diff` is that of what it gave, line by line; `left_out` counts lines that are not kept.
    """

    stage: str
    earlier: StageSide | None
    later: StageSide | None
    is_same: bool
    altered: tuple[Altered, ...] | None
    diff: str
    left_out: int


@dataclass(frozen=True, slots=True)
class HumanWord:
    """The last word of a person on a claim."""

    verdict: str
    who: str
    recorded_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSaid:
    """A claim as a run ends with it, and what a person has said of it since."""

    output: str
    claim: str
    ordinal: int
    text: str
    verdict: str
    flag: str
    decided_by: str
    human: HumanWord | None = None

    @property
    def is_overridden(self) -> bool:
        """Whether a person came to another verdict."""
        return self.human is not None and self.human.verdict != self.verdict


@dataclass(frozen=True, slots=True)
class ClaimTurned:
    """One claim that the two runs say otherwise of."""

    earlier: ClaimSaid
    later: ClaimSaid


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """Words that a run cites, and for what; the same words elsewhere in the slice are the same."""

    slice: str
    quote: str
    role: str
    element: str
    claim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything that differs between two runs.

    `claims_overridden` both say alike, and a person otherwise. `packet` is None where they ran over
    the same packet, or where one is not kept; the second is what `packet_is_lost` tells.
    """

    earlier: RunSide
    later: RunSide
    packet: PacketDiffView | None
    packet_is_lost: bool
    stages: tuple[StagePair, ...]
    claims_gained: tuple[ClaimSaid, ...]
    claims_lost: tuple[ClaimSaid, ...]
    claims_turned: tuple[ClaimTurned, ...]
    claims_overridden: tuple[ClaimSaid, ...]
    citations_gained: tuple[Cited, ...]
    citations_lost: tuple[Cited, ...]
    text: str
    text_left_out: int

    @property
    def is_same(self) -> bool:
        """Whether the two rest on the same and came out the same."""
        return not (
            self.packet
            or self.packet_is_lost
            or self.text
            or any(not pair.is_same or pair.altered for pair in self.stages)
        )


def compare_runs(archive: Archive, earlier: RunRecord, later: RunRecord) -> Comparison:
    """The two runs, whatever their workflows and parameters are; stages are aligned by name."""
    archive = archive.remembering()
    sides = [find_recording(run, archive.ledger, archive.read) for run in (earlier, later)]
    old, new = sides
    packet = _packets(archive, old, new)
    claims = [_claims(archive, side) for side in sides]
    cited = [_cited(side) for side in sides]
    text, left_out = _cut(text_diff(*(printed(side, _final(side)) for side in sides)))
    return Comparison(
        earlier=_side(old, claims[0], cited[0]),
        later=_side(new, claims[1], cited[1]),
        packet=packet,
        packet_is_lost=packet is None and old.run.start.packet != new.run.start.packet,
        stages=tuple(_pair(archive, stage, (old, new)) for stage in _stages(old, new)),
        claims_gained=_claims_without(claims[1], claims[0]),
        claims_lost=_claims_without(claims[0], claims[1]),
        claims_turned=tuple(_turned(*claims)),
        claims_overridden=tuple(_overridden(*claims)),
        citations_gained=_cited_without(cited[1], cited[0]),
        citations_lost=_cited_without(cited[0], cited[1]),
        text=text,
        text_left_out=left_out,
    )


def _side(
    side: Recording, claims: Mapping[str, ClaimSaid], cited: Mapping[tuple[str, str, str], Cited]
) -> RunSide:
    start, rows = side.run.start, list(side.rows.values())
    return RunSide(
        run=start.run,
        workflow=start.workflow,
        status=standing_of(side.run),
        started_at=start.started_at,
        served_from=side.run.served_from,
        parameters=dict(start.parameters),
        packet=start.packet,
        artefact=side.artefact,
        seconds=side.run.seconds,
        incurred=total(row.incurred for row in rows),
        avoided=total(row.avoided for row in rows),
        original=total(side.made(row).original for row in rows),
        claims=len(claims),
        flagged=sum(bool(claim.flag) for claim in claims.values()),
        citations=len(cited),
    )


def _packets(archive: Archive, old: Recording, new: Recording) -> PacketDiffView | None:
    names = [side.run.start.packet for side in (old, new)]
    if names[0] == names[1]:
        return None
    earlier, later = (find_packet(archive, name) for name in names)
    return None if earlier is None or later is None else view_packet_diff(earlier, later)


def _stages(old: Recording, new: Recording) -> list[str]:
    """The stages of both, each behind those that it reads; which of two ended first is chance."""
    depth: dict[str, int] = {}
    for side in (old, new):
        for stage, row in side.rows.items():
            above = [depth.get(item.source, -1) for item in side.made(row).consumed]
            depth[stage] = max(depth.get(stage, 0), 1 + max(above, default=-1))
    return sorted(depth, key=lambda stage: (depth[stage], stage))


def _pair(archive: Archive, stage: str, sides: tuple[Recording, Recording]) -> StagePair:
    old, new = sides
    before, after = old.rows.get(stage), new.rows.get(stage)
    is_same = before is not None and after is not None and before.output == after.output
    diff, left_out = "", 0
    if not is_same:
        texts = [
            said(side, row) if row is not None and row.output is not None else ""
            for side, row in ((old, before), (new, after))
        ]
        diff, left_out = _cut(text_diff(*texts))
    return StagePair(
        stage=stage,
        earlier=_stage(old, before),
        later=_stage(new, after),
        is_same=is_same,
        altered=_altered(archive, before, after),
        diff=diff,
        left_out=left_out,
    )


def _altered(archive: Archive, before: Row | None, after: Row | None) -> tuple[Altered, ...] | None:
    """What the stage had otherwise; a row that was served says it by the row that made its value."""
    if before is None or after is None:
        return ()
    sources = [archive.original(row) for row in (before, after)]
    if sources[0].seq == sources[1].seq or "blocked" in {row.outcome.value for row in sources}:
        return ()
    found = altered_between(archive, *sources)
    return None if found is None else tuple(found)


def _stage(side: Recording, row: Row | None) -> StageSide | None:
    if row is None:
        return None
    made = side.made(row)
    return StageSide(
        seq=row.seq,
        outcome=row.outcome.value,
        reason=row.reason,
        made_in=made.run,
        output=row.output,
        model_requested=made.model_requested,
        model_served=made.model_served,
        seconds=row.seconds,
        incurred=row.incurred,
        avoided=row.avoided,
        original=made.original,
        error=row.error,
    )


def _final(side: Recording) -> list[str]:
    """The stages that no other stage of the run read."""
    read = {item.source for row in side.rows.values() for item in side.made(row).consumed}
    return [stage for stage in side.rows if stage not in read]


def _claims(archive: Archive, side: Recording) -> dict[str, ClaimSaid]:
    rows = claims_of(side)
    words = last_words(archive.ledger, rows.values())
    return {
        name: _claim(row, words.get((row.output, row.claim, row.ordinal)))
        for name, row in rows.items()
    }


def _claims_without(
    claims: Mapping[str, ClaimSaid], others: Mapping[str, ClaimSaid]
) -> tuple[ClaimSaid, ...]:
    return tuple(claim for name, claim in claims.items() if name not in others)


def _turned(
    earlier: Mapping[str, ClaimSaid], later: Mapping[str, ClaimSaid]
) -> Iterator[ClaimTurned]:
    for name, now in later.items():
        before = earlier.get(name)
        if before is not None and _judged(before) != _judged(now):
            yield ClaimTurned(before, now)


def _overridden(
    earlier: Mapping[str, ClaimSaid], later: Mapping[str, ClaimSaid]
) -> Iterator[ClaimSaid]:
    for name, now in later.items():
        before = earlier.get(name)
        if now.is_overridden and before is not None and _judged(before) == _judged(now):
            yield now


def _judged(claim: ClaimSaid) -> tuple[str, ...]:
    """What was decided of a claim, and what a person says otherwise."""
    human = claim.human.verdict if claim.human and claim.is_overridden else ""
    return claim.verdict, claim.flag, claim.decided_by, human


def _claim(row: ClaimRow, word: JudgementRow | None) -> ClaimSaid:
    return ClaimSaid(
        output=row.output,
        claim=row.claim,
        ordinal=row.ordinal,
        text=row.text,
        verdict=row.verdict,
        flag=row.flag,
        decided_by=row.decided_by,
        human=HumanWord(word.verdict, word.who, word.recorded_at) if word else None,
    )


def _cited(side: Recording) -> dict[tuple[str, str, str], Cited]:
    """What a run cites, each wording once: an element that was edited elsewhere is no other source."""
    return {_wording(row): _citation(row) for row in reversed(citations_of(side))}


def _wording(row: CitationRow) -> tuple[str, str, str]:
    return row.slice, row.quote, row.role


def _citation(row: CitationRow) -> Cited:
    return Cited(
        slice=row.slice, quote=row.quote, role=row.role, element=row.element, claim=row.claim
    )


def _cited_without(
    cited: Mapping[tuple[str, str, str], Cited], others: Mapping[tuple[str, str, str], Cited]
) -> tuple[Cited, ...]:
    found: Sequence[Cited] = [one for name, one in cited.items() if name not in others]
    return tuple(reversed(found))


def _cut(diff: str) -> tuple[str, int]:
    """A difference's first lines, and how many more there are."""
    lines = diff.splitlines()
    return "\n".join(lines[:LINES]), max(len(lines) - LINES, 0)
