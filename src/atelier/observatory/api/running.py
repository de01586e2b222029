"""Starting, cancelling and following runs; the same for programs and for the pages' forms."""

from typing import Any, cast

from starlette.responses import Response

from atelier.observatory.asked import LARGEST, number_of
from atelier.observatory.doors.answer import json, see
from atelier.observatory.doors.operation import Asked, Operation
from atelier.observatory.doors.refusal import RefusalError, not_found
from atelier.observatory.doors.route import Kind, Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.doors.stream import EventStream, parse_last
from atelier.observatory.recorded_feed import RecordedFeed
from atelier.observatory.starting import Field, Offer, Starter

# A form's fields of this prefix are the workflow's parameters; an empty one is not given.
PREFIX = "p."


_PARAMETER = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "doc": {"type": "string"},
        "schema": {"type": "object"},
        "required": {"type": "boolean"},
        "default": {"type": ["string", "null"]},
        "values": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["name", "doc", "schema", "required", "default", "values"],
}
_OFFER = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "doc": {"type": "string"},
        "target": {"type": "string"},
        "packet": {"type": "string"},
        "stages": {"type": "array", "items": {"type": "string"}},
        "artefact": {"type": ["string", "null"]},
        "parameters": {"type": "array", "items": _PARAMETER},
    },
    "required": ["name", "doc", "target", "packet", "stages", "artefact", "parameters"],
}
_BODY = {
    "type": "object",
    "properties": {
        "parameters": {"type": "object"},
        "key": {"type": "string", "maxLength": 200, "pattern": "^[ -~]*$"},
    },
    "additionalProperties": False,
}


def offer_json(offer: Offer) -> dict[str, Any]:
    """A workflow that may be started, as JSON."""
    return {
        "name": offer.name,
        "doc": offer.doc,
        "target": offer.target,
        "packet": offer.packet,
        "stages": list(offer.stages),
        "artefact": offer.artefact or None,
        "parameters": [_field_json(field) for field in offer.fields],
    }


def _field_json(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "doc": field.doc,
        "schema": dict(field.schema),
        "required": field.is_required,
        "default": field.default or None,
        "values": list(field.values),
    }


def _workflows(visit: Visit) -> Response:
    starter = visit.house.starter
    offers = starter.offers() if starter is not None else ()
    return json({"workflows": [offer_json(offer) for offer in offers]})


def _workflow(visit: Visit) -> Response:
    return json(offer_json(get_offer(visit)))


def get_offer(visit: Visit) -> Offer:
    """The workflow that the path names.

    Raises:
        RefusalError: 404: it cannot be started here.
    """
    starter = visit.house.starter
    offer = starter.find_offer(visit.parts["workflow"]) if starter is not None else None
    if offer is None:
        raise not_found("workflow")
    return offer


def _start(visit: Visit) -> Response:
    starter = require_starter(visit)
    asked = visit.json
    parameters, key = asked.get("parameters", {}), asked.get("key", "")
    unknown = set(asked) - {"parameters", "key"}
    if not isinstance(parameters, dict) or not isinstance(key, str) or unknown:
        raise _bad_start()
    given = cast("dict[str, object]", parameters)
    run = starter.start(visit.parts["workflow"], given, key=_checked_key(key))
    path = f"/api/v1/runs/{run}"
    return json({"run": run, "events": f"{path}/events"}, status=201, headers={"Location": path})


def _start_form(visit: Visit) -> Response:
    starter = require_starter(visit)
    given = {
        name.removeprefix(PREFIX): value
        for name, value in visit.form.items()
        if name.startswith(PREFIX) and value
    }
    key = _checked_key(visit.form.get("key", ""))
    return see(f"/runs/{starter.start(visit.parts['workflow'], given, key=key)}")


def _cancel(visit: Visit) -> Response:
    _cancelled(visit)
    return json({"run": visit.parts["run"], "cancelling": True}, status=202)


def _cancel_form(visit: Visit) -> Response:
    _cancelled(visit)
    return see(f"/runs/{visit.parts['run']}")


async def _events(visit: Visit) -> Response:
    house, run = visit.house, visit.parts["run"]
    visit.streams.require_room()
    if house.ledger.find_run(run) is None and (
        house.starter is None or house.starter.find_feed(run) is None
    ):
        raise not_found("run")
    feed = house.starter.find_feed(run) if house.starter is not None else None
    last = visit.request.headers.get("last-event-id")
    return EventStream(
        feed or RecordedFeed(house.ledger, run),
        after=number_of(visit, "after") if last is None else parse_last(last),
        viewer=visit.viewer,
        streams=visit.streams,
    )


def require_starter(visit: Visit) -> Starter:
    """What starts runs here.

    Raises:
        RefusalError: 409: this server only reads.
    """
    if visit.house.starter is None:
        raise RefusalError(
            "serve.reading_only",
            "This server shows a ledger and starts nothing.",
            status=409,
            next_step="Serve a workflow of the project: atelier serve TARGET",
        )
    return visit.house.starter


def _cancelled(visit: Visit) -> None:
    if not require_starter(visit).cancel(visit.parts["run"]):
        raise RefusalError(
            "serve.not_running",
            "This server has no such run under way.",
            status=409,
            facts={"run": visit.parts["run"]},
            next_step="A run of another process is stopped there.",
        )


def _checked_key(key: str) -> str:
    if len(key) > 200 or not key.isprintable():
        raise _bad_start()
    return key


def _bad_start() -> RefusalError:
    return RefusalError(
        "door.body",
        "This does not say what to start.",
        status=400,
        facts={"wanted": '{"parameters": {NAME: VALUE}, "key": TEXT}'},
        next_step="Give parameters by name; a key is a short text of your own, and may be left out.",
    )


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


_TEXT = {"type": "string"}

RUNNING = (
    Route(
        path="/api/v1/workflows",
        scope=Scope.READ,
        handler=_workflows,
        kind=Kind.DATA,
        operation=Operation(
            name="workflows",
            doc="The workflows that may be started, with values that are really there.",
            answer=_object(workflows={"type": "array", "items": _OFFER}),
        ),
    ),
    Route(
        path="/api/v1/workflows/{workflow:name}",
        scope=Scope.READ,
        handler=_workflow,
        kind=Kind.DATA,
        operation=Operation(name="workflow", doc="One of them.", answer=_OFFER),
    ),
    Route(
        path="/api/v1/workflows/{workflow:name}/runs",
        scope=Scope.RUN,
        methods=("POST",),
        handler=_start,
        kind=Kind.DATA,
        operation=Operation(
            name="start",
            doc="Start a run; the same key again gives the same run.",
            answer=_object(run=_TEXT, events=_TEXT),
            status=201,
            body=_BODY,
        ),
    ),
    Route(
        path="/api/v1/runs/{run:run}/cancel",
        scope=Scope.RUN,
        methods=("POST",),
        handler=_cancel,
        kind=Kind.DATA,
        operation=Operation(
            name="cancel",
            doc="Start no further stage of a run; the second time, stop it at once.",
            answer=_object(run=_TEXT, cancelling={"type": "boolean"}),
            status=202,
        ),
    ),
    Route(
        path="/api/v1/runs/{run:run}/events",
        scope=Scope.READ,
        handler=_events,
        kind=Kind.STREAM,
        operation=Operation(
            name="events",
            doc="What happens in a run, as server-sent events, from its beginning.",
            answer=_TEXT,
            media_type="text/event-stream",
            asked=(
                Asked(
                    name="after",
                    doc="The number of the last event that you have.",
                    schema={"type": "integer", "minimum": 0, "maximum": LARGEST},
                ),
            ),
        ),
    ),
)

# What the forms of pages are sent to.
FORMS = (
    Route(
        path="/workflows/{workflow:name}/start",
        scope=Scope.RUN,
        methods=("POST",),
        handler=_start_form,
    ),
    Route(path="/runs/{run:run}/cancel", scope=Scope.RUN, methods=("POST",), handler=_cancel_form),
)
