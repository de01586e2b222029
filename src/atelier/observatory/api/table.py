"""The API's part of the table of routes, and its own description among it."""

from functools import cache
from typing import Any

from starlette.responses import Response

from atelier.observatory.api.keeping import KEEPING
from atelier.observatory.api.openapi import describe
from atelier.observatory.api.reading import READING
from atelier.observatory.api.running import RUNNING
from atelier.observatory.api.status import STATUS
from atelier.observatory.api.tables import TABLED
from atelier.observatory.doors.answer import json
from atelier.observatory.doors.operation import Operation
from atelier.observatory.doors.route import Kind, Route, Visit
from atelier.observatory.doors.scope import Scope


@cache
def description() -> dict[str, Any]:
    """The API's description."""
    return describe(API)


def _openapi(_: Visit) -> Response:
    return json(description())


_FREE: dict[str, Any] = {"type": "object"}

API: tuple[Route, ...] = (
    *STATUS,
    *READING,
    *TABLED,
    *RUNNING,
    *KEEPING,
    Route(
        path="/api/v1/openapi.json",
        scope=Scope.READ,
        handler=_openapi,
        kind=Kind.DATA,
        operation=Operation(name="openapi", doc="This description.", answer=_FREE),
    ),
)
