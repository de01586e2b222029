"""Every route times everyone who may ask, from the application itself."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.responses import Response

from atelier.observatory.app import all_routes
from atelier.observatory.doors.route import PUBLIC_PATHS, Route, Visit
from atelier.observatory.doors.scope import Scope

SAMPLES = {
    "run": "01m8h7j5nrghsq2am30zj40aba",
    "digest": "sha256:" + "0" * 64,
    "seq": "1",
    "claim": "0123abcd",
    "token": "0123abcd",
    "name": "draft",
    "asset": "login.css",
}


def nothing(_: Visit) -> Response:
    return Response()


ASKERS = ("none", "bad", "expired", "revoked", "cookie", "read", "run", "admin")


def filled(path: str) -> str:
    return re.sub(r"\{[a-z_]+:([a-z]+)\}", lambda found: SAMPLES[found[1]], path)


def shown(doors: Any, asker: str) -> dict[str, str]:
    match asker:
        case "none":
            return {}
        case "bad":
            return {"authorization": "Bearer atelier_" + "A" * 43}
        case "cookie":
            return {"cookie": f"{doors.guardian.cookie}=forged"}
        case "expired":
            secret = doors.tokens.new("old", Scope.ADMIN, lasts=timedelta(seconds=-1))[1]
            return {"authorization": f"Bearer {secret}"}
        case "revoked":
            token, secret = doors.tokens.new("gone", Scope.ADMIN, lasts=timedelta(days=1))
            doors.tokens.revoke(token.id)
            return {"authorization": f"Bearer {secret}"}
        case scope:
            return doors.bearer(Scope[scope.upper()])


def expected(route: Route, asker: str) -> str:
    if route.scope is Scope.PUBLIC:
        return "open"
    if asker not in {"read", "run", "admin"}:
        return "401"
    return "open" if Scope[asker.upper()].allows(route.scope) else "403"


def table(doors: Any) -> Iterator[tuple[str, str]]:
    client = doors.client()
    for route in doors.app.routes:
        for method in route.methods:
            for asker in ASKERS:
                own = {} if asker != "none" else {"sec-fetch-site": "same-origin"}
                answer = client.request(
                    method, filled(route.path), headers={**shown(doors, asker), **own}
                )
                code = str(answer.status_code)
                # What a public POST says to someone whose secret is wrong is its own answer.
                refused = code in {"401", "403"} and route.scope is not Scope.PUBLIC
                got = code if refused else "open"
                yield (
                    f"{method} {route.path} by {asker}: {got}",
                    (f"{method} {route.path} by {asker}: {expected(route, asker)}"),
                )


def test_every_route_lets_in_just_who_has_its_scope(doors: Any) -> None:
    lines = list(table(doors))
    assert len(lines) > len(ASKERS) * 5
    assert [got for got, _ in lines] == [wanted for _, wanted in lines]


def test_a_route_without_a_scope_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="scope"):
        Route(path="/x", handler=nothing)  # pyright: ignore[reportCallIssue]


def test_only_the_door_itself_is_public(doors: Any) -> None:
    with pytest.raises(ValueError, match="only the door itself is public"):
        Route(path="/runs", scope=Scope.PUBLIC, handler=nothing)
    public = {route.path for route in all_routes(doors.guardian) if route.scope is Scope.PUBLIC}
    assert public == PUBLIC_PATHS


def test_who_may_only_read_changes_nothing() -> None:
    with pytest.raises(ValueError, match="who may only read changes nothing"):
        Route(path="/x", scope=Scope.READ, methods=("POST",), handler=nothing)


@pytest.mark.parametrize("path", ["/{x}", "/files/{x:path}", "/{x:str}", "/{x:int}", "runs"])
def test_a_part_of_a_path_without_a_strict_form_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="without a strict form"):
        Route(path=path, scope=Scope.READ, handler=nothing)
