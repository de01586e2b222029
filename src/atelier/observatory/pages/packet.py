"""The page of a packet: its slices, who read them, what a change would cost, and two side by side."""

from starlette.responses import Response

from atelier.observatory.doors.refusal import not_found
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.pages.answer import paged
from atelier.observatory.pages.found import found_in
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.blast import Blast, blast_radius
from atelier.observatory.reading.packet import PacketView, view_packet
from atelier.observatory.reading.packet_diff import view_packet_diff
from atelier.observatory.reading.packet_record import find_packet


def _packet(visit: Visit) -> Response:
    archive = visit.house.archive.remembering()
    view = view_packet(archive, visit.parts["packet"])
    if view is None:
        raise not_found("packet")
    return paged(
        visit,
        "packet.html",
        place="packets",
        view=view,
        blast=_blast(archive, view, visit),
        found=found_in(archive, view.packet, visit.query),
    )


def _blast(archive: Archive, view: PacketView, visit: Visit) -> Blast | None:
    """What a change of the slice that the address names would run again, in the newest run."""
    name, position = visit.query.get("slice", ""), visit.query.get("element", "")
    known = {part.name: part.count for part in view.slices}
    if name not in known or not view.runs:
        return None
    run = archive.ledger.find_run(view.runs[0].run)
    if run is None:
        return None
    is_one = position.isdecimal() and len(position) < 10 and int(position) < known[name]
    return blast_radius(archive, run, name, position=int(position) if is_one else None)


def _against(visit: Visit) -> Response:
    archive = visit.house.archive
    later = find_packet(archive, visit.parts["packet"])
    earlier = find_packet(archive, visit.parts["other"])
    if later is None or earlier is None:
        raise not_found("packet")
    diff = view_packet_diff(earlier, later)
    return paged(visit, "packet_diff.html", place="packets", diff=diff)


PACKET = (
    Route(path="/packets/{packet:digest}", scope=Scope.READ, handler=_packet),
    Route(
        path="/packets/{packet:digest}/against/{other:digest}",
        scope=Scope.READ,
        handler=_against,
    ),
)
