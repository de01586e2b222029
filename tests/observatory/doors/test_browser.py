"""In a real browser: the link, rebinding, and pages of other origins."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser

from atelier.observatory.doors.scope import Scope

STATUS = "/api/v1/status"


@contextmanager
def other_origin(page: str) -> Generator[int]:
    """A page of somebody else, on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def signed_in(chromium: Browser, doors: Any) -> Generator[Any]:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{doors.base}/login#t={doors.sessions.new_link(Scope.ADMIN)}")
    page.wait_for_url(f"{doors.base}/")
    yield context
    context.close()


def test_the_link_signs_in_and_leaves_no_secret_behind(chromium: Browser, served: Any) -> None:
    context = chromium.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    link = served.sessions.new_link(Scope.READ)
    page.goto(f"{served.base}/login#t={link}")
    page.wait_for_url(f"{served.base}/")
    assert page.evaluate(f"fetch('{STATUS}').then(answer => answer.status)") == 200
    assert page.evaluate("document.cookie") == ""
    page.go_back()
    assert link not in page.url
    assert not any(link in url.partition("#")[0] for url in asked)
    again = context.new_page()
    again.goto(f"{served.base}/login#t={link}")
    again.get_by_text("used already").wait_for()
    lured = chromium.new_context()
    page = lured.new_page()
    page.goto(f"{served.base}/login#t={served.secret(Scope.READ)}")
    page.get_by_text("not taken from a link").wait_for()
    assert lured.cookies() == []
    lured.close()
    context.close()


def test_a_rebound_name_reads_and_writes_nothing(chromium: Browser, served: Any) -> None:
    with signed_in(chromium, served) as context:
        page = context.new_page()
        answer = page.goto(f"http://evil.test:{served.port}{STATUS}")
        assert answer.status == 421
        assert served.app.house.title not in page.content()
        for method in ("GET", "POST", "DELETE"):
            told = page.evaluate(
                f"fetch('{STATUS}', {{method: '{method}'}}).then(answer => answer.status)"
            )
            assert told == 421


@pytest.mark.parametrize("name", ["evil.test", "127.0.0.1", "localhost"])
def test_a_page_of_another_origin_changes_nothing(
    chromium: Browser, served: Any, name: str
) -> None:
    before = len(served.tokens.all())
    target = f"{served.base}/logout"
    with (
        signed_in(chromium, served) as context,
        other_origin(f"<form method=post action='{target}'><button>go</button></form>") as port,
    ):
        page = context.new_page()
        page.goto(f"http://{name}:{port}/")
        told = page.evaluate(
            """async ([status, logout]) => {
                const tries = [
                    () => fetch(status, {credentials: "include"}),
                    () => fetch(logout, {method: "POST", mode: "no-cors", credentials: "include"}),
                    () => fetch(logout, {method: "POST", credentials: "include",
                        headers: {"content-type": "text/plain"}, body: "{}"}),
                    () => fetch(logout, {method: "DELETE", credentials: "include"}),
                    () => new Promise((_, failed) => {
                        const image = new Image();
                        image.onerror = failed;
                        image.src = status;
                    }),
                    () => new Promise((_, failed) => {
                        const source = new EventSource(
                            status.replace("status", "runs/01m8h7j5nrghsq2am30zj40aba/events"),
                            {withCredentials: true});
                        source.onerror = () => { source.close(); failed(); };
                    }),
                ];
                const read = [];
                for (const one of tries) {
                    try { const answer = await one(); read.push(answer.type); }
                    catch { read.push("refused"); }
                }
                return read;
            }""",
            [f"{served.base}{STATUS}", target],
        )
        assert set(told) <= {"refused", "opaque"}
        page.get_by_role("button").click()
        page.wait_for_url(target)
        own = context.new_page()
        own.goto(f"{served.base}/login")
        still = own.evaluate(f"fetch('{STATUS}').then(answer => answer.status)")
    assert still == 200  # nobody was signed out
    assert len(served.tokens.all()) == before


def test_our_own_form_works_although_it_gives_no_origin(chromium: Browser, served: Any) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served.base}/login")
    page.get_by_label("Token").fill(served.secret(Scope.READ))
    page.get_by_role("button").click()
    page.wait_for_url(f"{served.base}/")
    context.close()


def test_nobody_frames_us(chromium: Browser, served: Any) -> None:
    with (
        signed_in(chromium, served) as context,
        other_origin(f"<iframe src='{served.base}/login'></iframe>") as port,
    ):
        page = context.new_page()
        page.goto(f"http://evil.test:{port}/")
        page.wait_for_timeout(500)
        assert "Sign in" not in "".join(frame.content() for frame in page.frames[1:])
