"""What every answer carries, a refusal too."""

import logging
import re
from http.client import HTTPConnection
from typing import Any

import pytest

from atelier.observatory.doors.headers import CSP
from atelier.observatory.doors.scope import Scope


def test_every_answer_of_every_route_is_guarded(doors: Any) -> None:
    client, headers = doors.client(), doors.bearer(Scope.ADMIN)
    for route in doors.app.routes:
        path = re.sub(r"\{[^}]*\}", "x", route.path)
        for sent in ({}, headers):
            told = client.get(path, headers=sent).headers
            assert told["content-security-policy"] == CSP
            assert told["x-content-type-options"] == "nosniff"
            assert told["referrer-policy"] == "no-referrer"
            assert told["cross-origin-resource-policy"] == "same-origin"
            assert told["cross-origin-opener-policy"] == "same-origin"
            assert "access-control-allow-origin" not in told
            assert "server" not in told


def test_the_policy_is_as_strict_as_it_is_written() -> None:
    rules = [rule.strip().partition(" ") for rule in CSP.split(";")]
    assert {name: value for name, _, value in rules} == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }


def test_data_is_kept_by_no_browser(doors: Any) -> None:
    told = doors.client().get("/api/v1/status", headers=doors.bearer(Scope.READ)).headers
    assert told["cache-control"] == "no-store"


def test_a_page_waits_for_one_sheet_that_a_browser_keeps(doors: Any) -> None:
    client, headers = doors.client(), doors.bearer(Scope.READ)
    (path,) = re.findall(r'rel="stylesheet" href="([^"]+)"', client.get("/", headers=headers).text)
    answer = client.get(path, headers=headers)
    assert "immutable" in answer.headers["cache-control"]
    assert all(part in answer.text for part in ("--", "@media print", ".pic"))
    assert client.get("/sheet/another.css", headers=headers).status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/tables/runs/csv", "/api/v1/tables/runs/json"])
def test_what_is_downloaded_is_inert(doors: Any, path: str) -> None:
    told = doors.client().get(path, headers=doors.bearer(Scope.READ)).headers
    assert told["content-disposition"].startswith('attachment; filename="runs.')
    assert "sandbox" in told["content-security-policy"]


def test_no_log_has_a_secret(served: Any, caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    caplog.set_level(logging.DEBUG)
    secret = served.secret(Scope.READ)
    link = served.sessions.new_link(Scope.READ)
    for path in ("/api/v1/status", f"/nowhere?t={secret}", "/login"):
        connection = HTTPConnection("127.0.0.1", served.port, timeout=10)
        connection.request("GET", path, headers={"authorization": f"Bearer {secret}"})
        connection.getresponse().read()
        connection.request(
            "POST",
            "/login",
            body=f"t={link}",
            headers={
                "content-type": "application/x-www-form-urlencoded",
                "sec-fetch-site": "same-origin",
            },
        )
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        assert secret not in body
    said = caplog.text + "".join(capfd.readouterr())
    assert secret not in said
    assert link not in said
