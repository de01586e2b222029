"""Signing in: a one-time link or a token is exchanged for a cookie that no script can read."""

from starlette.responses import Response

from atelier.observatory.doors.answer import json, see
from atelier.observatory.doors.guardian import Guardian
from atelier.observatory.doors.refusal import RefusalError
from atelier.observatory.doors.route import SIGN_OUT, Kind, Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.doors.session import LASTS
from atelier.observatory.doors.static import asset_response, read_assets, serve_assets


def login_routes(guardian: Guardian) -> tuple[Route, ...]:
    """The door's own routes: its page, what that is made of, signing in and out."""
    assets = read_assets("atelier.observatory.doors", "login")

    def page(_: Visit) -> Response:
        return asset_response(assets["login.html"])

    def sign_in(visit: Visit) -> Response:
        cookie = guardian.sign_in(visit.form.get("t", ""))
        if cookie is None:
            raise RefusalError(
                "door.login",
                "This link or token lets nobody in: it was used, has expired, or never was one.",
                status=401,
                next_step="Start `atelier serve` again, or make a token: atelier token new NAME",
            )
        wants_page = "text/html" in visit.request.headers.get("accept", "")
        answer = see("/") if wants_page else json({"signed_in": True})
        answer.set_cookie(
            guardian.cookie,
            cookie,
            max_age=int(LASTS.total_seconds()),
            path="/",
            secure=guardian.is_secure,
            httponly=True,
            samesite="strict",
        )
        return answer

    def sign_out(visit: Visit) -> Response:
        guardian.sign_out(visit.request.cookies.get(guardian.cookie, ""))
        answer = see("/login")
        answer.delete_cookie(
            guardian.cookie,
            path="/",
            secure=guardian.is_secure,
            httponly=True,
            samesite="strict",
        )
        return answer

    return (
        Route(path="/login", scope=Scope.PUBLIC, handler=page),
        Route(path="/login/{file:asset}", scope=Scope.PUBLIC, handler=serve_assets(assets)),
        Route(path="/login", scope=Scope.PUBLIC, methods=("POST",), handler=sign_in),
        Route(path=SIGN_OUT, scope=Scope.READ, methods=("POST",), handler=sign_out),
        Route(path="/healthz", scope=Scope.PUBLIC, handler=_healthy, kind=Kind.DATA),
    )


async def _healthy(_: Visit) -> Response:
    """Whether the server answers at all; it says nothing else to whoever asks."""
    return json({"ok": True})
