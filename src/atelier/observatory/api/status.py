"""What is served, and what the asker may do here."""

from starlette.responses import Response

from atelier.observatory.doors.answer import json
from atelier.observatory.doors.route import Kind, Route, Visit
from atelier.observatory.doors.scope import GRANTED, Scope


def _status(visit: Visit) -> Response:
    starter = visit.house.starter
    return json(
        {
            "title": visit.house.title,
            "viewer": visit.viewer.name,
            "scopes": [scope.word for scope in GRANTED if visit.viewer.may(scope)],
            "starts_runs": starter is not None,
            "running": list(starter.running()) if starter is not None else [],
        }
    )


STATUS = (Route(path="/api/v1/status", scope=Scope.READ, handler=_status, kind=Kind.DATA),)
