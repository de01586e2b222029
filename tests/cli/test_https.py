"""HTTPS by a certificate of one's own: what is spoken, what is refused, and what is said of it."""

import ssl
from collections.abc import Callable
from http.client import BadStatusLine, HTTPConnection, HTTPSConnection
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from atelier.kernel.errors import SetupError
from atelier.observatory.doors.limits import Limits
from atelier.observatory.server import make_server

LOGIN = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}


def test_https_is_spoken_and_its_cookie_goes_nowhere_else(
    serve: Callable[..., Any], project: Path, papers: Path
) -> None:
    cert, key = papers / "cert.pem", papers / "key.pem"
    with serve("--tls-cert", str(cert), "--tls-key", str(key), cwd=project) as site:
        link = urlsplit(site.told["login"])
        assert (link.scheme, link.hostname) == ("https", "127.0.0.1")
        trusting = ssl.create_default_context(cafile=str(cert))
        browser = HTTPSConnection(link.netloc, context=trusting, timeout=30)
        browser.request("POST", "/login", body=link.fragment, headers=LOGIN)
        answer = browser.getresponse()
        answer.read()
        cookie, *attributes = answer.headers["set-cookie"].split("; ")
        assert cookie.startswith(f"__Host-atelier-{link.port}=")
        assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(attributes)
        assert "strict-transport-security" not in answer.headers
        browser.request("GET", "/", headers={"cookie": cookie})
        assert browser.getresponse().status == 200
        browser.close()
        plain = HTTPConnection(link.netloc, timeout=30)
        plain.request("GET", "/healthz")
        with pytest.raises((ConnectionError, BadStatusLine)):
            plain.getresponse()
        plain.close()


@pytest.mark.parametrize(
    ("cert", "key"),
    [
        ("cert.pem", "other.pem"),
        ("cert.pem", "locked.pem"),
        ("cert.pem", None),
        ("key.pem", "cert.pem"),
        ("cert.pem", "gone.pem"),
        (None, "key.pem"),
    ],
)
def test_a_pair_that_is_none_is_told_before_anything_is_served(
    papers: Path, cert: str | None, key: str | None
) -> None:
    app: Any = SimpleNamespace(limits=Limits())
    with pytest.raises(SetupError) as caught:
        make_server(app, cert=papers / cert if cert else None, key=papers / key if key else None)
    assert caught.value.code == "serve.tls"
    assert caught.value.facts["why"]
