"""A place of the evidence that was found: the way to it, and its words lit where they stand."""

from collections.abc import Mapping
from functools import partial
from urllib.parse import urlencode

from starlette.responses import Response

from atelier.kernel.digest import is_digest
from atelier.observatory.doors.answer import see
from atelier.observatory.doors.refusal import not_found
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.index.search import Hit
from atelier.observatory.index.words import LONGEST, find_spans
from atelier.observatory.pages.filters import step
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.beside import SliceView
from atelier.observatory.reading.found import Found, Place, find_in_packet, find_reading_run
from atelier.observatory.reading.packet_record import find_packet

_DIGITS = 9


def way_to(hit: Hit, asked: str) -> str:
    """The address that leads to evidence, whichever page shows it best, with what is lit there."""
    place = Place(
        slice=hit.slice, element=hit.element, pointer=hit.pointer, start=hit.start, end=hit.end
    )
    return f"/packets/{step(hit.packet)}/found?{_asked(place, asked)}"


def place_of(query: Mapping[str, str]) -> Place | None:
    """The place that an address names; None where it names none."""
    name, element = query.get("in", ""), query.get("at", "")
    start, end = query.get("from", ""), query.get("to", "")
    if not name or not is_digest(element):
        return None
    return Place(
        slice=name,
        element=element,
        pointer=query.get("pointer", ""),
        start=int(start) if _is_number(start) else 0,
        end=int(end) if _is_number(end) else 0,
    )


def found_in(archive: Archive, digest: str, query: Mapping[str, str]) -> Found | None:
    """What an address wants lit, as a packet has it."""
    place = place_of(query)
    packet = find_packet(archive, digest) if place else None
    looked_for = partial(find_spans, query.get("words", ""))
    return find_in_packet(packet, place, looked_for) if packet and place else None


def is_shown(found: Found, evidence: tuple[SliceView, ...]) -> bool:
    """Whether the reader shows the element: of a very large slice it leaves some out."""
    return any(
        element.position == found.position
        for part in evidence
        if part.name == found.place.slice
        for element in part.elements
    )


def _asked(place: Place, words: str) -> str:
    asked = {"in": place.slice, "at": place.element, "pointer": place.pointer}
    span = {"from": place.start, "to": place.end}
    return urlencode({**asked, **span, "words": words[:LONGEST]})


def _is_number(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) <= _DIGITS


def _found(visit: Visit) -> Response:
    archive, digest = visit.house.archive, visit.parts["packet"]
    if archive.ledger.find_packet(digest) is None:
        raise not_found("packet")
    place = place_of(visit.query)
    if place is None:
        return see(f"/packets/{step(digest)}")
    asked = _asked(place, visit.query.get("words", ""))
    run = find_reading_run(archive, place)
    if run is not None and found_in(archive, run.start.packet, visit.query):
        return see(f"/runs/{step(run.start.run)}/artefact?{asked}#found")
    return see(f"/packets/{step(digest)}?{asked}#found")


FOUND = (Route(path="/packets/{packet:digest}/found", scope=Scope.READ, handler=_found),)
