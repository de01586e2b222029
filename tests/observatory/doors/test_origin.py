"""What a page of another origin may not do, and what our own pages and programs may."""

from typing import Any

import pytest

from atelier.observatory.doors.origin import check_change, check_reading
from atelier.observatory.doors.refusal import RefusalError
from atelier.observatory.doors.scope import Scope

OWN = frozenset({"http://127.0.0.1:8765"})
BEARER = {"authorization": "Bearer x"}
ALLOWED = [
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "same-origin", "origin": "null"},
    {"sec-fetch-site": "none"},
    {"origin": "http://127.0.0.1:8765"},
    BEARER,
]
REFUSED = [
    {},
    {"cookie": "a=b"},
    {**BEARER, "cookie": "a=b"},
    {"authorization": "Basic x"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", **BEARER},
    {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:9999", **BEARER},
    {"origin": "null"},
    {"origin": "http://evil.test", "host": "evil.test"},
    {"origin": "http://127.0.0.1:8765.evil.test"},
    {"origin": "https://127.0.0.1:8765"},
    {"origin": "http://127.0.0.1"},
    {"origin": "null", **BEARER},
]


@pytest.mark.parametrize("headers", ALLOWED)
def test_our_own_pages_and_programs_with_a_token_may_change(headers: dict[str, str]) -> None:
    check_change(headers, origins=OWN)


@pytest.mark.parametrize("headers", REFUSED)
def test_pages_of_others_may_not(headers: dict[str, str]) -> None:
    with pytest.raises(RefusalError) as caught:
        check_change(headers, origins=OWN)
    assert (caught.value.status, caught.value.code) == (403, "door.origin")


def test_who_may_only_read_is_told_so_inside_the_frame(doors: Any) -> None:
    headers = {**doors.bearer(Scope.READ), "accept": "text/html"}
    answer = doors.client().post("/workflows/x/start", headers=headers)
    assert answer.status_code == 403
    assert "This token or session may not do that." in answer.text
    assert "<nav" in answer.text
    assert 'href="/workflows/x"' in answer.text


def test_who_is_not_signed_in_sees_nothing_of_the_frame(doors: Any) -> None:
    for path in ("/", "/nothing", "/tables/rows"):
        answer = doors.client().get(path, headers={"accept": "text/html"})
        assert answer.status_code == 401
        assert "<nav" not in answer.text


def test_a_link_to_us_may_be_followed_but_nothing_embedded() -> None:
    check_reading(
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    )
    for dest in ("image", "script", "iframe", "empty"):
        with pytest.raises(RefusalError):
            check_reading(
                {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": dest}
            )


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "PATCH", "DELETE", "PROPFIND", "ANYTHING", "OPTIONS"]
)
def test_no_verb_is_forgotten(doors: Any, method: str) -> None:
    cookie = doors.sessions.begin("browser", Scope.ADMIN)
    headers = {"cookie": f"{doors.guardian.cookie}={cookie}", "origin": "http://evil.test"}
    client = doors.client()
    for path in ("/api/v1/status", "/healthz", "/login", "/nowhere", "/api/v1/workflows/x/runs"):
        answer = client.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "door.origin")
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "ANYTHING"])
def test_an_unknown_verb_with_every_right_is_still_none(doors: Any, method: str) -> None:
    answer = doors.client().request(method, "/api/v1/status", headers=doors.bearer(Scope.ADMIN))
    assert answer.status_code == 405


def test_x_http_method_override_is_not_heard(doors: Any) -> None:
    headers = {**doors.bearer(Scope.ADMIN), "x-http-method-override": "POST"}
    assert doors.client().get("/api/v1/workflows/x/runs", headers=headers).status_code == 405
