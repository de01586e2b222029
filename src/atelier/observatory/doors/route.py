"""A route: what is asked by which path, who may ask, and who answers. No route is without a scope."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, cast
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response

from atelier.observatory.doors.operation import Operation
from atelier.observatory.doors.path import require_strict
from atelier.observatory.doors.refusal import RefusalError
from atelier.observatory.doors.scope import Scope
from atelier.observatory.doors.session import Viewer
from atelier.observatory.doors.stream import Streams
from atelier.observatory.doors.token import Tokens
from atelier.observatory.house import House

# What may be asked by nobody in particular: the door itself, and what its page is made of.
PUBLIC_PATHS = frozenset({"/healthz", "/login", "/login/{file:asset}"})
SIGN_OUT = "/logout"
_KNOWN = frozenset({"GET", "POST", "DELETE", "PUT", "PATCH"})
_FIELDS = 200


class Kind(Enum):
    """How failures are told, and whether the answer ends by itself."""

    PAGE = "page"
    DATA = "data"
    STREAM = "stream"


@dataclass(frozen=True)
class Visit:
    """One request, let in: what was asked, who asks, and the house that answers."""

    request: Request
    viewer: Viewer
    house: House
    streams: Streams = field(repr=False)
    tokens: Tokens = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def parts(self) -> Mapping[str, str]:
        """The parts of the path that vary; each has the form that its route states."""
        return self.request.path_params

    @property
    def query(self) -> Mapping[str, str]:
        """What stands behind the question mark; of a name given twice, the last value."""
        return self.request.query_params

    @cached_property
    def form(self) -> dict[str, str]:
        """The fields of a form that was sent.

        Raises:
            RefusalError: the body is no such form.
        """
        require_type(self.request, "application/x-www-form-urlencoded")
        try:
            pairs = parse_qsl(
                self.body.decode("ascii"),
                keep_blank_values=True,
                strict_parsing=bool(self.body),
                errors="strict",
                max_num_fields=_FIELDS,
            )
        except ValueError as error:
            raise _malformed("a form") from error
        return dict(pairs)

    @cached_property
    def json(self) -> dict[str, Any]:
        """The JSON object that was sent.

        Raises:
            RefusalError: the body is none.
        """
        require_type(self.request, "application/json")
        try:
            found: Any = orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise _malformed("JSON") from error
        if not isinstance(found, dict):
            raise _malformed("a JSON object")
        return cast("dict[str, Any]", found)


Handler = Callable[[Visit], Response] | Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One line of the table.

    A plain function answers in a thread, as reading the ledger takes; a coroutine on the loop.
    """

    path: str
    scope: Scope
    handler: Handler
    methods: tuple[str, ...] = ("GET",)
    kind: Kind = Kind.PAGE
    operation: Operation | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.scope is Scope.PUBLIC and self.path not in PUBLIC_PATHS:
            message = f"only the door itself is public, not {self.path}"
            raise ValueError(message)
        if not self.methods or not _KNOWN.issuperset(self.methods):
            message = f"{self.path} has methods that are not known: {self.methods}"
            raise ValueError(message)
        changes = self.methods != ("GET",) and self.path != SIGN_OUT
        if self.scope is Scope.READ and changes:
            message = f"who may only read changes nothing, but {self.path} takes {self.methods}"
            raise ValueError(message)
        require_strict(self.path)


def require_type(request: Request, wanted: str) -> None:
    """Refuse a body of another type than the handler reads.

    Raises:
        RefusalError: 415.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != wanted:
        raise RefusalError(
            "door.type",
            "The body is of a type that is not read here.",
            status=415,
            facts={"content-type": given or "(none)", "read": wanted},
            next_step=f"Send it as {wanted}.",
        )


def _malformed(what: str) -> RefusalError:
    return RefusalError(
        "door.body",
        f"The body is not {what}.",
        status=400,
        next_step="Send what /api/v1/openapi.json describes.",
    )
