"""A review as its page shows it: the one question, what it turns on, and what the draft leaves out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pydantic import ValidationError

from atelier.isilon.origin import Origin
from atelier.kernel.canonical import read
from atelier.ledger.rows import Row
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.beside import SliceView, evidence_beside
from atelier.observatory.reading.claims import CitationView, ClaimView, citation_view, claims_handed
from atelier.observatory.reading.graph import Made, made_of
from atelier.observatory.reading.packet_record import PacketContent, SliceRecord, find_packet
from atelier.observatory.reading.text import Text, bounded, words
from atelier.soqratic.finding import Review
from atelier.soqratic.reviewed import is_said

_FORM = frozenset(Review.model_fields)
# Canonical JSON has its names in order.
_BEGINS = f'{{"{min(_FORM)}":'.encode()
# Of an element that must be addressed.
_LONGEST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionView:
    """The next question, with the findings that it turns on and its evidence, by id."""

    text: str
    turns_on: tuple[str, ...]
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """One finding: what it is about, who found it, and where that stands, by id."""

    id: str
    kind: str
    statement: str
    found_by: str
    claims: tuple[str, ...]
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeclinedView:
    """A finding that did not pass, and the check that it failed."""

    statement: str
    check: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationView:
    """An element that must be addressed, and by which citations of the draft it is."""

    slice: str
    position: int
    element: str
    origin: Origin
    text: Text
    is_addressed: bool
    citations: tuple[str, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageView:
    """How much of a slice the draft cites; `counts` has the citations of each element, in order."""

    slice: str
    elements: int
    cited: int
    obligations: int
    addressed: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """One review of one draft; `missing` says what of it is gone, as sentences."""

    seq: int
    run: str
    workflow: str
    stage: str
    outcome: str
    made: Made | None
    packet: str
    question: QuestionView | None
    findings: tuple[FindingView, ...]
    declined: tuple[DeclinedView, ...]
    obligations: tuple[ObligationView, ...]
    coverage: tuple[CoverageView, ...]
    claims: tuple[ClaimView, ...]
    citations: tuple[CitationView, ...]
    evidence: tuple[SliceView, ...]
    reviewed: Mapping[str, Any] | None
    missing: tuple[str, ...]


def find_reviews(archive: Archive, run: str) -> list[Row]:
    """The rows of a run whose values are reviews, in the order in which they ended."""
    return [row for row in archive.ledger.iter_stage_rows(run) if gives_review(archive, row)]


def view_review(archive: Archive, row: Row) -> ReviewView:
    """The value behind the page of a review: of the row of a stage that gave one."""
    archive = archive.remembering()
    run = archive.ledger.find_run(row.run)
    if run is None:  # the ledger's own rule: a row is of a run
        raise AssertionError(row.run)
    source = archive.original(row)
    packet = find_packet(archive, run.start.packet)
    draft = claims_handed(archive, row, packet)
    review = _review(archive, row)
    own = [citation_view(one, packet) for one in archive.ledger.iter_citations(row.output or "")]
    said = [one for one in draft.citations if is_said(one.role, one.found_by)]
    aside: Mapping[str, Any] = archive.value(source.aside) or {}
    citations = (*own, *draft.citations)
    slices = tuple(packet.slices.values()) if packet else ()
    findings = tuple(_findings(review, own)) if review else ()
    return ReviewView(
        seq=row.seq,
        run=row.run,
        workflow=run.start.workflow,
        stage=row.stage,
        outcome=row.outcome.value,
        made=made_of(row, source),
        packet=run.start.packet,
        question=_question(review, own) if review else None,
        findings=findings,
        declined=tuple(DeclinedView(one.statement, one.check) for one in review.declined)
        if review
        else (),
        obligations=tuple(one for item in slices for one in _obligations(item, said)),
        coverage=tuple(_coverage(item, said) for item in slices),
        claims=draft.claims,
        citations=citations,
        evidence=evidence_beside(packet, own) if packet else (),
        reviewed=aside.get("reviewed"),
        missing=tuple(_missing(review, packet)),
    )


def gives_review(archive: Archive, row: Row) -> bool:
    """Whether a row's value is a review; a value that cannot be one is not parsed."""
    data = archive.read(row.output) if row.output else None
    return data is not None and data.startswith(_BEGINS) and _is_review(read(data))


def _is_review(value: Any) -> bool:
    return isinstance(value, dict) and frozenset(cast("dict[str, Any]", value)) == _FORM


def _review(archive: Archive, row: Row) -> Review | None:
    value = archive.value(row.output)
    try:
        return None if value is None else Review.model_validate(value)
    except ValidationError:  # it was of a form that this version does not have
        return None


def _findings(review: Review, own: Sequence[CitationView]) -> Iterator[FindingView]:
    """The findings, each with its own of the review's citations: they are recorded in this order."""
    at = 0
    for finding in review.findings:
        cited = own[at : at + len(finding.evidence)]
        at += len(finding.evidence)
        yield FindingView(
            id=finding.id,
            kind=finding.kind.value,
            statement=finding.statement,
            found_by=finding.kind.found_by,
            claims=finding.claims,
            citations=tuple(one.id for one in cited),
        )


def _question(review: Review, own: Sequence[CitationView]) -> QuestionView | None:
    if review.question is None:
        return None
    before = sum(len(finding.evidence) for finding in review.findings)
    return QuestionView(
        text=review.question.text,
        turns_on=review.question.turns_on,
        citations=tuple(one.id for one in own[before:]),
    )


def _obligations(item: SliceRecord, said: Sequence[CitationView]) -> Iterator[ObligationView]:
    for position, (element, digest) in enumerate(zip(item.elements, item.digests, strict=True)):
        if digest in item.obliged:
            # As the review counts: equal elements are addressed together.
            cited = [one for one in said if (one.slice, one.element) == (item.name, digest)]
            yield ObligationView(
                slice=item.name,
                position=position,
                element=digest,
                origin=item.origin(position),
                text=bounded(words(element), _LONGEST),
                is_addressed=bool(cited),
                citations=tuple(one.id for one in cited),
                claims=tuple(dict.fromkeys(one.claim for one in cited if one.claim)),
            )


def _coverage(item: SliceRecord, said: Sequence[CitationView]) -> CoverageView:
    cited = Counter(one.element for one in said if one.slice == item.name)
    counts = tuple(cited[digest] for digest in item.digests)
    obliged = [digest for digest in item.digests if digest in item.obliged]
    return CoverageView(
        slice=item.name,
        elements=len(counts),
        cited=sum(count > 0 for count in counts),
        obligations=len(obliged),
        addressed=sum(cited[digest] > 0 for digest in obliged),
        counts=counts,
    )


def _missing(review: Review | None, packet: PacketContent | None) -> Iterator[str]:
    if review is None:
        yield "The review itself is gone from the store, or of a form that is not known here."
    if packet is None:
        yield "The ledger has no record of the packet."
    else:
        yield from packet.missing
