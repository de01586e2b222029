"""The door: every request passes the same checks in the same order before anything answers it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from inspect import iscoroutinefunction
from typing import cast

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.routing import Route as Path
from starlette.types import Message, Receive, Scope, Send

from atelier.kernel.errors import AtelierError
from atelier.observatory.doors.answer import failure_json, failure_page
from atelier.observatory.doors.guardian import Guardian, require, unknown
from atelier.observatory.doors.headers import guard
from atelier.observatory.doors.host import Hosts
from atelier.observatory.doors.limits import Limits, after_body, read_body
from atelier.observatory.doors.origin import check_change, check_reading
from atelier.observatory.doors.refusal import RefusalError, not_found
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope as Level
from atelier.observatory.doors.session import NOBODY, Viewer
from atelier.observatory.doors.static import asset_response, read_assets
from atelier.observatory.doors.stream import Streams
from atelier.observatory.house import House

# A failure as a page for somebody who is signed in.
Telling = Callable[[Visit, AtelierError], Response]

# The error of whoever has to show a token.
_NOT_KNOWN = "door.token"
_SAFE = frozenset({"GET", "HEAD"})
_THREADS = 16
_LOGIN = read_assets("atelier.observatory.doors", "login")["login.html"]


@dataclass(frozen=True, slots=True)
class _Found:
    route: Route
    parts: Mapping[str, str]


class Door:
    """The ASGI application: host, token, origin, scope, limits, and then the route's handler."""

    def __init__(
        self,
        routes: Sequence[Route],
        house: House,
        *,
        hosts: Hosts,
        guardian: Guardian,
        limits: Limits | None = None,
        telling: Telling | None = None,
    ) -> None:
        self.routes = tuple(routes)
        self._telling = telling
        self.hosts = hosts
        self.guardian = guardian
        self.limits = limits or Limits()
        self.house = house
        self.streams = Streams(self.limits.streams)
        # A thread that is late is left behind, and counts until it has ended.
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="atelier-page")
        self._paths = [
            (Path(route.path, _unused, methods=list(route.methods)), route) for route in routes
        ]

    def close(self) -> None:
        """Wait for the threads that still answer."""
        self._threads.shutdown()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        try:
            answer = await self._answer(scope, receive, headers)
        except AtelierError as error:
            answer = _told(error) if _wants_page(scope, headers) else failure_json(error)
        if _has_body(headers) and "atelier.read" not in scope:
            answer.headers["Connection"] = "close"  # nobody waits for what is not read
        await answer(scope, after_body(receive), _guarded(send))

    async def _answer(self, scope: Scope, receive: Receive, headers: Headers) -> Response:
        self._require_own(scope)
        viewer, bad = self._viewer(headers)
        found, allowed = self._find(scope)
        is_public = found is not None and found.route.scope is Level.PUBLIC
        if not is_public:
            if bad is not None:
                raise bad
            if viewer is NOBODY:
                raise unknown()
        if found is not None:
            scope["path_params"] = dict(found.parts)
        request = Request(scope, receive)
        tokens = self.guardian.tokens
        visit = Visit(request, viewer, self.house, streams=self.streams, tokens=tokens)
        try:
            self._check_origin(visit)
            if found is None:
                raise _wrong_method(allowed) if allowed else not_found()
            return await self._admitted(found.route, visit)
        except AtelierError as error:
            if self._telling is None or not _wants_telling(visit, error):
                raise
            return self._telling(visit, error)

    def _check_origin(self, visit: Visit) -> None:
        headers = visit.request.headers
        if visit.request.method not in _SAFE:
            check_change(headers, origins=self.hosts.origins)
        elif visit.viewer.by_cookie:
            check_reading(headers)

    async def _admitted(self, route: Route, visit: Visit) -> Response:
        require(visit.viewer, route.scope)
        if visit.request.method in _SAFE:
            return await self._handled(route, visit)
        body = await read_body(visit.request.receive, visit.request.headers, self.limits)
        visit.request.scope["atelier.read"] = True
        return await self._handled(route, replace(visit, body=body))

    def _require_own(self, scope: Scope) -> None:
        """Refuse what is not addressed to this server, or not as a browser addresses it."""
        self.hosts.check(scope["headers"])
        if not scope["raw_path"].startswith(b"/"):
            raise RefusalError(
                "door.target",
                "A request names a path of this server.",
                status=400,
                next_step="Ask without a proxy, or let the proxy send the path alone.",
            )
        if len(scope["raw_path"]) + len(scope["query_string"]) > self.limits.query:
            raise RefusalError(
                "door.long", "The address is too long.", status=414, next_step="Ask for less."
            )
        if (
            sum(len(name) + len(value) for name, value in scope["headers"])
            > self.limits.header_bytes
        ):
            raise RefusalError(
                "door.head",
                "The request's head is too large.",
                status=431,
                next_step="Send fewer headers, or delete old cookies of this address.",
            )

    def _viewer(self, headers: Headers) -> tuple[Viewer, AtelierError | None]:
        """Who asks; what is wrong with a token is told only where one is needed."""
        try:
            return self.guardian.viewer(headers), None
        except RefusalError as error:
            return NOBODY, error

    def _find(self, scope: Scope) -> tuple[_Found | None, frozenset[str]]:
        """The route of a request; else the methods that its path takes."""
        if not scope["path"].isprintable():  # a pattern's end also matches before a line's end
            return None, frozenset()
        allowed: set[str] = set()
        for path, route in self._paths:
            match, child = path.matches(scope)
            if match is Match.FULL:
                return _Found(route, child["path_params"]), frozenset()
            if match is Match.PARTIAL:
                allowed |= path.methods or set()
        return None, frozenset(allowed)

    async def _handled(self, route: Route, visit: Visit) -> Response:
        handler = route.handler
        try:
            async with asyncio.timeout(self.limits.answer_seconds):
                if iscoroutinefunction(handler):
                    return cast("Response", await handler(visit))
                loop = asyncio.get_running_loop()
                return cast("Response", await loop.run_in_executor(self._threads, handler, visit))
        except TimeoutError as error:
            raise RefusalError(
                "door.busy",
                "The answer took too long.",
                status=503,
                facts={"limit": f"{self.limits.answer_seconds:g} s"},
                next_step="Ask for less, or again later.",
            ) from error


def _wants_telling(visit: Visit, error: AtelierError) -> bool:
    """Whether a failure is told inside the frame: to a browser that is signed in, and stays so."""
    request = visit.request
    is_page = _wants_page(request.scope, request.headers)
    return is_page and visit.viewer.may(Level.READ) and error.code != _NOT_KNOWN


def _told(error: AtelierError) -> Response:
    """A failure as a page: where a token is needed, the page that asks for one."""
    if error.code != _NOT_KNOWN:
        return failure_page(error)
    answer = asset_response(_LOGIN)
    answer.status_code = 401
    return answer


def _guarded(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            guard(MutableHeaders(scope=message))
        await send(message)

    return with_headers


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _wants_page(scope: Scope, headers: Mapping[str, str]) -> bool:
    path: str = scope["path"]
    return "text/html" in headers.get("accept", "") and not path.startswith("/api/")


def _wrong_method(allowed: frozenset[str]) -> RefusalError:
    return RefusalError(
        "door.method",
        "This path does not take that method.",
        status=405,
        facts={"takes": ", ".join(sorted(allowed))},
        next_step="Use one of these methods.",
    )


async def _unused(_: Request) -> Response:
    """Starlette wants an endpoint; the door calls the route's own handler."""
    raise not_found()
