"""A claim with all that it rests on: verdict, checks, both sides, what was searched, human words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from atelier.isilon.origin import Origin
from atelier.kernel.canonical import read
from atelier.ledger.rows import CitationRow, ClaimRow, JudgementRow, Row, Supply
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.judgements import words_on
from atelier.observatory.reading.packet_record import PacketContent


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """One check of one claim: its rule, what it found, and who made it."""

    name: str
    outcome: str
    detail: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationView:
    """A citation in its place. `position` is the element's in its slice, None where that is gone.

    The span is of code points of the text at `pointer`; none means the whole text.
    """

    id: str
    output: str
    claim: str
    slice: str
    element: str
    occurrence: int
    position: int | None
    pointer: str
    start: int | None
    end: int | None
    quote: str
    match: str
    role: str
    found_by: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What was looked through for a claim without support: elements by slice, and the best scores."""

    elements: Mapping[str, int]
    scores: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """One claim: what the evidence says of it, who decided, and the citations on each side by id.

    `stage` is the one of the run whose value it stands in, empty where that has no row.
    `judgements` are people's, in order; the last one counts beside the verdict.
    """

    output: str
    claim: str
    ordinal: int
    text: str
    kind: str
    verdict: str
    flag: str
    decided_by: str
    stage: str
    checks: tuple[CheckView, ...]
    supports: tuple[str, ...]
    contradicts: tuple[str, ...]
    qualifies: tuple[str, ...]
    searched: Searched | None
    judgements: tuple[JudgementRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims that a stage was handed, by id, and every citation of theirs."""

    claims: tuple[ClaimView, ...]
    citations: tuple[CitationView, ...]


def claims_handed(archive: Archive, row: Row, packet: PacketContent | None) -> Claims:
    """The grounded claims in what a stage read, each id once; their citations in place."""
    found: dict[str, ClaimView] = {}
    citations: dict[str, list[CitationView]] = {}
    told = _searched(archive, row.run)
    for item in archive.original(row).consumed:
        claims = list(archive.ledger.iter_claims(item.whole))
        cited = _by_claim(archive.ledger.iter_citations(item.whole), packet) if claims else {}
        said = words_on(archive.ledger, claims)
        for claim in claims:
            citations[claim.claim] = cited.get(claim.claim, [])
            stage = item.source if item.supply is Supply.STAGE else ""
            view = claim_view(claim, citations[claim.claim], told, stage=stage)
            found[claim.claim] = replace(view, judgements=said.get(claim.claim, ()))
    return Claims(tuple(found.values()), tuple(one for each in citations.values() for one in each))


def view_claim(
    archive: Archive, run: str, row: ClaimRow, *, packet: PacketContent | None
) -> Claims:
    """One claim of a run by itself, with its citations in place and what people said of it."""
    citations = [
        citation_view(one, packet) for one in archive.ledger.iter_citations(row.output, row.claim)
    ]
    rows = archive.ledger.iter_stage_rows(run)
    stage = next((one.stage for one in rows if one.output == row.output), "")
    view = claim_view(row, citations, _searched(archive, run), stage=stage)
    said = words_on(archive.ledger, [row]).get(row.claim, ())
    return Claims((replace(view, judgements=said),), tuple(citations))


def claim_view(
    claim: ClaimRow,
    citations: Sequence[CitationView],
    searched: Mapping[str, Any],
    *,
    stage: str,
) -> ClaimView:
    """A claim with its checks, and its citations by side."""

    def side(role: str) -> tuple[str, ...]:
        return tuple(one.id for one in citations if one.role == role)

    checks = [
        CheckView(name=one["name"], outcome=one["outcome"], detail=one["detail"], by=one["by"])
        for one in read(claim.checks.encode())
    ]
    return ClaimView(
        output=claim.output,
        claim=claim.claim,
        ordinal=claim.ordinal,
        text=claim.text,
        kind=claim.kind,
        verdict=claim.verdict,
        flag=claim.flag,
        decided_by=claim.decided_by,
        stage=stage,
        checks=tuple(checks),
        supports=side("supports"),
        contradicts=side("contradicts"),
        qualifies=side("qualifies"),
        searched=_searched_for(claim, searched),
    )


def citation_view(row: CitationRow, packet: PacketContent | None) -> CitationView:
    """A citation with where its element stands."""
    part = packet.slices.get(row.slice) if packet else None
    position = part.find(row.element, row.occurrence) if part else None
    return CitationView(
        id=f"{row.claim}.{row.ordinal}" if row.claim else f"{row.output[7:15]}.{row.ordinal}",
        output=row.output,
        claim=row.claim,
        slice=row.slice,
        element=row.element,
        occurrence=row.occurrence,
        position=position,
        pointer=row.pointer,
        start=row.start,
        end=row.end,
        quote=row.quote,
        match=row.match,
        role=row.role,
        found_by=row.found_by,
        origin=part.origin(position) if part and position is not None else Origin(),
    )


def _by_claim(
    rows: Iterable[CitationRow], packet: PacketContent | None
) -> dict[str, list[CitationView]]:
    found: dict[str, list[CitationView]] = {}
    for row in rows:
        found.setdefault(row.claim, []).append(citation_view(row, packet))
    return found


def _searched(archive: Archive, run: str) -> Mapping[str, Any]:
    """What the stages of a run that ground noted beside their values: what they looked through."""
    told: dict[str, Any] = {"searched": {}, "scores": {}}
    for row in archive.ledger.iter_stage_rows(run):
        aside: Mapping[str, Any] = archive.value(archive.original(row).aside) or {}
        told["searched"] = aside.get("searched") or told["searched"]
        told["scores"].update(aside.get("scores", {}))
    return told


def _searched_for(claim: ClaimRow, told: Mapping[str, Any]) -> Searched | None:
    if not claim.flag or not told["searched"]:
        return None
    return Searched(elements=told["searched"], scores=told["scores"].get(claim.claim))
