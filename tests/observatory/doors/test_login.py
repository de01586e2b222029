"""A browser signs in once by its link, and out again."""

from datetime import timedelta
from typing import Any

from atelier.observatory.doors.scope import Scope

OWN = {"sec-fetch-site": "same-origin"}


def sign_in(doors: Any, secret: str, **headers: str) -> Any:
    return doors.client().post("/login", data={"t": secret}, headers={**OWN, **headers})


def with_cookie(answer: Any) -> dict[str, str]:
    return {"cookie": answer.headers["set-cookie"].partition(";")[0]}


def status(doors: Any, headers: dict[str, str]) -> int:
    return doors.client().get("/api/v1/status", headers=headers).status_code


def test_a_link_works_once(doors: Any) -> None:
    link = doors.sessions.new_link(Scope.RUN)
    first, second = sign_in(doors, link), sign_in(doors, link)
    assert (first.status_code, second.status_code) == (200, 401)
    assert status(doors, with_cookie(first)) == 200
    assert "set-cookie" not in second.headers


def test_the_cookie_is_for_no_script_and_no_other_site(doors: Any) -> None:
    told = sign_in(doors, doors.sessions.new_link(Scope.RUN)).headers["set-cookie"].lower()
    assert "httponly" in told
    assert "samesite=strict" in told
    assert "path=/" in told
    assert "domain" not in told


def test_a_link_grows_old(doors: Any) -> None:
    link = doors.sessions.new_link(Scope.RUN)
    doors.clock.ahead = timedelta(minutes=15)
    assert sign_in(doors, link).status_code == 401


def test_a_session_ends_after_half_a_day(doors: Any) -> None:
    headers = with_cookie(sign_in(doors, doors.sessions.new_link(Scope.READ)))
    doors.clock.ahead = timedelta(hours=12)
    assert status(doors, headers) == 401


def test_a_session_begun_with_a_token_ends_when_the_token_is_revoked(doors: Any) -> None:
    token, secret = doors.tokens.new("x", Scope.READ, lasts=timedelta(days=1))
    headers = with_cookie(sign_in(doors, secret))
    assert status(doors, headers) == 200
    doors.tokens.revoke(token.id)
    assert status(doors, headers) == 401


def test_signing_out_ends_the_session_and_not_only_the_cookie(doors: Any) -> None:
    headers = with_cookie(sign_in(doors, doors.sessions.new_link(Scope.READ)))
    assert doors.client().post("/logout", headers={**headers, **OWN}).status_code == 303
    assert status(doors, headers) == 401


def test_nobody_is_signed_in_by_a_page_of_another_origin(doors: Any) -> None:
    link = doors.sessions.new_link(Scope.RUN)
    answer = sign_in(doors, link, **{"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert sign_in(doors, link).status_code == 200


def test_without_javascript_a_form_leads_to_the_first_page(doors: Any) -> None:
    answer = sign_in(doors, doors.secret(Scope.READ), accept="text/html")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_browser_that_is_not_known_sees_the_page_to_sign_in(doors: Any) -> None:
    answer = doors.client().get("/runs", headers={"accept": "text/html"})
    assert (answer.status_code, 'action="/login"' in answer.text) == (401, True)


def test_a_cookie_of_another_server_is_none_of_ours(doors: Any) -> None:
    cookie = doors.sessions.begin("browser", Scope.READ)
    assert status(doors, {"cookie": f"atelier-1={cookie}"}) == 401
    assert status(doors, {"cookie": f"other=1; {doors.guardian.cookie}={cookie}"}) == 200
