"""What a file of a run holds: the values behind its pages, of one run and no other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from atelier.kernel.errors import SetupError
from atelier.ledger.rows import RunRecord
from atelier.ledger.standing import standing_of
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.artefact import ArtefactView, view_artefact
from atelier.observatory.reading.claims import Claims, view_claim
from atelier.observatory.reading.packet_record import PacketContent, find_packet
from atelier.observatory.reading.review import ReviewView, find_reviews, view_review
from atelier.observatory.reading.row import RowView, view_row
from atelier.observatory.reading.run import RunView, view_run

# The cells of (slice, position): the stages whose citations point there.
CitedIn = dict[tuple[str, int], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceDigest:
    """A slice of the packet by name: what stands in its place stays checkable."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The values behind every page of a file; `asked` is the run that was named."""

    asked: str
    run: RunView
    slices: tuple[SliceDigest, ...]
    artefacts: tuple[ArtefactView, ...]
    claims: Claims
    reviews: tuple[ReviewView, ...]
    rows: tuple[RowView, ...]


def source_of(archive: Archive, run: RunRecord) -> RunRecord:
    """The run whose stages a file shows: of a served run, the one that it was served from.

    Raises:
        SetupError: it is still under way.
    """
    source = archive.ledger.find_run(run.served_from) if run.served_from else run
    source = source or run
    if standing_of(source) == "running":
        raise SetupError(
            "export.running",
            "The run is still under way.",
            facts={"run": source.start.run},
            next_step="Export it when it has ended: `atelier show` says how it stands.",
        )
    return source


def contents_of(archive: Archive, run: RunRecord, asked: str) -> Contents:
    """The values of a run that has ended, for which another one may have been named."""
    archive = archive.remembering()
    view = view_run(archive, run)
    packet = find_packet(archive, run.start.packet)
    artefacts = tuple(
        view_artefact(archive, row) for row in archive.ledger.iter_artefacts(run=view.run)
    )
    rows = (view_row(archive, row) for row in archive.ledger.iter_stage_rows(view.run))
    return Contents(
        asked=asked,
        # Another run is another file: what was compared with this one is not in it.
        run=replace(view, compared_run=None),
        slices=tuple(
            SliceDigest(name=item.name, digest=item.digest)
            for item in (packet.slices.values() if packet else ())
        ),
        artefacts=artefacts,
        claims=Claims((), ()) if artefacts else _claims(archive, view, packet),
        reviews=tuple(view_review(archive, row) for row in find_reviews(archive, view.run)),
        rows=tuple(replace(row, reused_by=(), reuses=0) for row in rows),
    )


def _claims(archive: Archive, run: RunView, packet: PacketContent | None) -> Claims:
    """The claims of a run that printed nothing; of several stages with one, the last counts."""
    found = {
        row.claim: view_claim(archive, run.run, row, packet=packet)
        for node in run.graph.nodes
        if node.output
        for row in archive.ledger.iter_claims(node.output)
    }
    return Claims(
        tuple(claim for each in found.values() for claim in each.claims),
        tuple(citation for each in found.values() for citation in each.citations),
    )


def texts_within(value: Any) -> Iterator[str]:
    """Every text that a JSON value holds.

    Example:
        >>> list(texts_within({"a": ["b", 1, {"c": "d"}]}))
        ['b', 'd']
    """
    match value:
        case str():
            yield value
        case dict():
            for item in cast("dict[str, Any]", value).values():
                yield from texts_within(item)
        case list():
            for item in cast("list[Any]", value):
                yield from texts_within(item)
        case _:
            return
