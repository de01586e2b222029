"""One thing at a time: a run, a row, an artefact, a packet, and what they rest on."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from starlette.responses import Response

from atelier.observatory.asked import ahead_of, get_run
from atelier.observatory.doors.answer import download, json
from atelier.observatory.doors.operation import Asked, Operation
from atelier.observatory.doors.refusal import not_found
from atelier.observatory.doors.route import Handler, Kind, Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.reading.artefact import ArtefactView, view_artefact
from atelier.observatory.reading.blast import Blast, blast_radius
from atelier.observatory.reading.compare import Comparison, compare_runs
from atelier.observatory.reading.lineage import lineage, lineage_json
from atelier.observatory.reading.packet import PacketView, view_packet
from atelier.observatory.reading.packet_diff import PacketDiffView, view_packet_diff
from atelier.observatory.reading.packet_record import PacketContent, find_packet
from atelier.observatory.reading.plain import to_json
from atelier.observatory.reading.provenance import History, history_of, in_toto, prov_json
from atelier.observatory.reading.review import ReviewView, find_reviews, view_review
from atelier.observatory.reading.row import RowView, view_row
from atelier.observatory.reading.run import RunView, view_run
from atelier.observatory.reading.why import WhyView, view_why
from atelier.observatory.saying import artefacts_saying


@dataclass(frozen=True, slots=True)
class Form:
    """A common form of a history: the ending of its file, and what it is to programs."""

    ending: str
    media_type: str


PROV = Form("prov.jsonld", "application/ld+json")
IN_TOTO = Form("intoto.json", "application/vnd.in-toto+json")


def _run(visit: Visit) -> Response:
    run = get_run(visit)
    return json(to_json(view_run(visit.house.archive, run, ahead_of(visit, run.start.run))))


def _row(visit: Visit) -> Response:
    found = visit.house.ledger.find_row(int(visit.parts["seq"]))
    if found is None:
        raise not_found("row")
    return json(to_json(view_row(visit.house.archive, found)))


def _artefacts(visit: Visit) -> Response:
    run = get_run(visit).start.run
    rows = visit.house.ledger.iter_artefacts(run=run)
    return json(to_json([view_artefact(visit.house.archive, row) for row in rows]))


def _artefact(visit: Visit) -> Response:
    found = next(visit.house.ledger.iter_artefacts(digest=visit.parts["digest"]), None)
    if found is None:
        raise not_found("artefact")
    return json(to_json(view_artefact(visit.house.archive, found)))


def _history(visit: Visit) -> History:
    """The history of an artefact: of its last emission, or of the one of the run that is named."""
    run = visit.query.get("run", "") or None
    rows = visit.house.ledger.iter_artefacts(digest=visit.parts["digest"], run=run)
    found = next(rows, None)
    if found is None:
        raise not_found("artefact")
    return history_of(visit.house.archive, found)


def _formed(value: Mapping[str, Any], visit: Visit, form: Form) -> Response:
    digest = visit.parts["digest"].removeprefix("sha256:")[:16]
    data = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return download(data, name=f"{digest}.{form.ending}", media_type=form.media_type)


def _prov(visit: Visit) -> Response:
    return _formed(prov_json(_history(visit)), visit, PROV)


def _in_toto(visit: Visit) -> Response:
    return _formed(in_toto(_history(visit)), visit, IN_TOTO)


def _reviews(visit: Visit) -> Response:
    archive = visit.house.archive
    rows = find_reviews(archive, get_run(visit).start.run)
    return json(to_json([view_review(archive, row) for row in rows]))


def _why(visit: Visit) -> Response:
    run, archive = get_run(visit), visit.house.archive
    if archive.find_stage_row(run.start.run, visit.parts["stage"]) is None:
        raise not_found("stage")
    return json(to_json(lineage_json(lineage(archive, run, visit.parts["stage"]))))


def _compare(visit: Visit) -> Response:
    later = visit.house.ledger.find_run(visit.parts["other"])
    if later is None:
        raise not_found("run")
    return json(to_json(compare_runs(visit.house.archive, get_run(visit), later)))


def _asked_why(visit: Visit) -> Response:
    saying = partial(artefacts_saying, visit.house.index)
    return json(to_json(view_why(visit.house.archive, visit.query.get("q", ""), saying)))


def _blast(visit: Visit) -> Response:
    run, archive, name = get_run(visit), visit.house.archive, visit.parts["slice"]
    packet = find_packet(archive, run.start.packet)
    if packet is None or name not in packet.slices:
        raise not_found("slice")
    return json(to_json(blast_radius(archive, run, name)))


def _packet(visit: Visit) -> Response:
    found = view_packet(visit.house.archive, visit.parts["packet"])
    if found is None:
        raise not_found("packet")
    return json(to_json(found))


def _packet_diff(visit: Visit) -> Response:
    earlier, later = _content(visit, "packet"), _content(visit, "other")
    return json(to_json(view_packet_diff(earlier, later)))


def _content(visit: Visit, part: str) -> PacketContent:
    found = find_packet(visit.house.archive, visit.parts[part])
    if found is None:
        raise not_found("packet")
    return found


def _blob(visit: Visit) -> Response:
    digest = visit.parts["digest"]
    data = visit.house.archive.read(digest)
    if data is None:
        raise not_found("content")
    return download(data, name=f"{digest.removeprefix('sha256:')[:16]}.bin")


def _reading(path: str, handler: Handler, *, operation: Operation) -> Route:
    return Route(
        path=f"/api/v1{path}",
        scope=Scope.READ,
        handler=handler,
        kind=Kind.DATA,
        operation=operation,
    )


_STEPS: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
_OBJECT: dict[str, Any] = {"type": "object"}
_OF_RUN = (Asked(name="run", doc="The run that emitted it; without one, the last that did."),)
_BYTES: dict[str, Any] = {"type": "string", "contentMediaType": "application/octet-stream"}

READING = (
    _reading(
        "/runs/{run:run}",
        _run,
        operation=Operation(name="run", doc="One run, with its graph.", answer=RunView),
    ),
    _reading(
        "/runs/{run:run}/artefacts",
        _artefacts,
        operation=Operation(
            name="run_artefacts",
            doc="The artefacts of a run, each line with what it rests on.",
            answer=list[ArtefactView],
        ),
    ),
    _reading(
        "/runs/{run:run}/reviews",
        _reviews,
        operation=Operation(
            name="run_reviews", doc="The reviews of a run.", answer=list[ReviewView]
        ),
    ),
    _reading(
        "/runs/{run:run}/why/{stage:name}",
        _why,
        operation=Operation(
            name="why", doc="What led to a stage's value, nearest first.", answer=_STEPS
        ),
    ),
    _reading(
        "/runs/{run:run}/compare/{other:run}",
        _compare,
        operation=Operation(name="compare", doc="Two runs, stage by stage.", answer=Comparison),
    ),
    _reading(
        "/why",
        _asked_why,
        operation=Operation(
            name="ask_why",
            doc="Why a sentence, a file, a run or a digest is what it is.",
            answer=WhyView,
            asked=(Asked(name="q", doc="The sentence, the text of a file, a run or a digest."),),
        ),
    ),
    _reading(
        "/runs/{run:run}/blast/{slice:name}",
        _blast,
        operation=Operation(
            name="blast", doc="What a change of a slice would run again.", answer=Blast
        ),
    ),
    _reading(
        "/rows/{seq:seq}",
        _row,
        operation=Operation(name="row", doc="One row, with its attempts.", answer=RowView),
    ),
    _reading(
        "/artefacts/{digest:digest}",
        _artefact,
        operation=Operation(
            name="artefact",
            doc="The last emission of an artefact, each line with what it rests on.",
            answer=ArtefactView,
        ),
    ),
    _reading(
        "/artefacts/{digest:digest}/prov",
        _prov,
        operation=Operation(
            name="artefact_prov",
            doc="The history of an artefact as PROV-O in JSON-LD, as a download.",
            answer=_OBJECT,
            media_type=PROV.media_type,
            asked=_OF_RUN,
        ),
    ),
    _reading(
        "/artefacts/{digest:digest}/in-toto",
        _in_toto,
        operation=Operation(
            name="artefact_in_toto",
            doc="The history of an artefact as an in-toto statement with SLSA provenance, unsigned, "
            "as a download.",
            answer=_OBJECT,
            media_type=IN_TOTO.media_type,
            asked=_OF_RUN,
        ),
    ),
    _reading(
        "/packets/{packet:digest}",
        _packet,
        operation=Operation(name="packet", doc="One packet.", answer=PacketView),
    ),
    _reading(
        "/packets/{packet:digest}/diff/{other:digest}",
        _packet_diff,
        operation=Operation(
            name="packet_diff", doc="What differs between two packets.", answer=PacketDiffView
        ),
    ),
    _reading(
        "/content/{digest:digest}",
        _blob,
        operation=Operation(
            name="content",
            doc="The bytes of a digest, verified, as a download.",
            answer=_BYTES,
            media_type="application/octet-stream",
        ),
    ),
)
