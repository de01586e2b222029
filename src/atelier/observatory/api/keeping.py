"""For whoever keeps the server: which tokens there are, and taking one away."""

from dataclasses import dataclass

from starlette.responses import Response

from atelier.observatory.doors.answer import json
from atelier.observatory.doors.operation import Operation
from atelier.observatory.doors.refusal import not_found
from atelier.observatory.doors.route import Kind, Route, Visit
from atelier.observatory.doors.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenView:
    """A token as lists show it: everything but the token."""

    id: str
    name: str
    scope: str
    created_at: str
    expires_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenList:
    """The tokens of the project, the oldest first."""

    tokens: tuple[TokenView, ...]


def _tokens(visit: Visit) -> Response:
    return json({"tokens": [token.as_json() for token in visit.tokens.all()]})


def _revoke(visit: Visit) -> Response:
    known = {token.id for token in visit.tokens.all()}
    if visit.parts["token"] not in known:  # where there are none, there is no file to hold either
        raise not_found("token")
    gone = visit.tokens.revoke(visit.parts["token"])
    if gone is None:
        raise not_found("token")
    return json(gone.as_json())


KEEPING = (
    Route(
        path="/api/v1/tokens",
        scope=Scope.ADMIN,
        handler=_tokens,
        kind=Kind.DATA,
        operation=Operation(name="list_tokens", doc="The tokens of the project.", answer=TokenList),
    ),
    Route(
        path="/api/v1/tokens/{token:token}",
        scope=Scope.ADMIN,
        methods=("DELETE",),
        handler=_revoke,
        kind=Kind.DATA,
        operation=Operation(
            name="revoke_token", doc="Take a token away, from now on.", answer=TokenView
        ),
    ),
)
