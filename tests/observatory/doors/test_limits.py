"""Nobody takes more than a share: slow heads, large bodies, many connections, late answers."""

import socket
from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from starlette.responses import Response

from atelier.observatory.accepting import Bounded
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope


def late(_: Visit) -> Response:
    sleep(1.5)
    return Response("late")


@pytest.fixture
def slow(tmp_path: Path, open_doors: Callable[..., Any], serving: Any) -> Generator[Any]:
    route = Route(path="/late", scope=Scope.READ, handler=late)
    with serving(lambda port: open_doors(tmp_path, port=port, more=[route])) as doors:
        yield doors


def connected(doors: Any) -> socket.socket:
    return socket.create_connection(("127.0.0.1", doors.port), timeout=10)


def read_all(connection: socket.socket) -> str:
    data = b""
    while True:
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            break
        if not piece:
            break
        data += piece
    return data.decode("latin-1")


def head(doors: Any, *lines: str, first: str = "GET /healthz HTTP/1.1") -> bytes:
    return "\r\n".join([first, f"Host: 127.0.0.1:{doors.port}", *lines, "", ""]).encode()


def bearer(doors: Any, scope: Scope = Scope.RUN) -> str:
    return f"Authorization: Bearer {doors.secret(scope)}"


def test_a_head_that_does_not_arrive_is_not_waited_for(served: Any) -> None:
    with connected(served) as connection:
        connection.sendall(b"GET /healthz HT")
        began = monotonic()
        assert read_all(connection).startswith("HTTP/1.1 408 ")
        assert monotonic() - began < 8


def test_nobody_is_waited_for_who_does_not_agree_on_a_cipher(
    tmp_path: Path, open_doors: Callable[..., Any], serving: Any, papers: Path
) -> None:
    pair = {"cert": papers / "cert.pem", "key": papers / "key.pem"}
    with (
        serving(lambda port: open_doors(tmp_path, port=port), **pair) as doors,
        connected(doors) as connection,
    ):
        assert read_all(connection) == ""


def test_whoever_asks_amiss_writes_nothing_where_the_server_was_started(
    served: Any, caplog: pytest.LogCaptureFixture
) -> None:
    upgrade = ("Connection: Upgrade, close", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
    with connected(served) as connection:
        connection.sendall(head(served, *upgrade))
        assert read_all(connection).startswith("HTTP/1.1 200 ")
    with connected(served) as connection:
        connection.sendall(b"\x16\x03\x01\r\n\r\n")
        assert read_all(connection).startswith("HTTP/1.1 400 ")
    assert caplog.records == []


def test_a_head_that_trickles_in_is_not_waited_for(served: Any) -> None:
    with connected(served) as connection:
        answer, began = "", monotonic()
        for letter in head(served) * 10:
            try:
                connection.sendall(bytes([letter]))
            except OSError:
                break
            sleep(0.05)
            if monotonic() - began > 2:
                break
        answer = read_all(connection)
    assert answer.startswith("HTTP/1.1 408 ")


def test_a_second_request_has_its_own_time(served: Any) -> None:
    with connected(served) as connection:
        connection.sendall(head(served))
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.sendall(b"GET /healthz")
        assert "HTTP/1.1 408 " in read_all(connection)


def test_a_head_of_any_size_is_not_read(served: Any) -> None:
    for lines in (
        ["X-Long: " + "a" * 40_000],
        [f"X-{number}: {'a' * 99}" for number in range(400)],
    ):
        with connected(served) as connection:
            connection.sendall(head(served, *lines, "Connection: close"))
            assert read_all(connection).split()[1] in {"400", "431"}


def test_a_long_address_is_refused(served: Any) -> None:
    with connected(served) as connection:
        first = f"GET /healthz?{'a' * 9000} HTTP/1.1"
        connection.sendall(head(served, "Connection: close", first=first))
        assert read_all(connection).startswith("HTTP/1.1 414 ")


@pytest.mark.parametrize(
    "stated", ["Content-Length: 1000000000", "Content-Length: 1001", "Transfer-Encoding: chunked"]
)
def test_a_large_body_is_refused_without_being_read(served: Any, stated: str) -> None:
    first = "POST /api/v1/workflows/x/runs HTTP/1.1"
    with connected(served) as connection:
        connection.sendall(head(served, bearer(served), stated, first=first))
        if "chunked" in stated:
            connection.sendall(b"1000\r\n" + b"a" * 4096 + b"\r\n")
        answer = read_all(connection)
    assert answer.startswith("HTTP/1.1 413 ")
    assert "connection: close" in answer.lower()


def test_a_body_that_does_not_arrive_is_not_waited_for(served: Any) -> None:
    first = "POST /api/v1/workflows/x/runs HTTP/1.1"
    with connected(served) as connection:
        connection.sendall(head(served, bearer(served), "Content-Length: 10", first=first) + b"12")
        assert read_all(connection).startswith("HTTP/1.1 408 ")


def test_who_is_not_let_in_sends_no_body(served: Any) -> None:
    first = "POST /api/v1/workflows/x/runs HTTP/1.1"
    with connected(served) as connection:
        connection.sendall(head(served, "Content-Length: 1000000000", first=first))
        answer = read_all(connection)
    assert answer.startswith("HTTP/1.1 401 ")
    assert "connection: close" in answer.lower()


def test_many_connections_leave_the_server_standing(served: Any) -> None:
    held = [connected(served) for _ in range(20)]
    sleep(0.2)
    with connected(served) as connection:
        assert read_all(connection).startswith("HTTP/1.1 503 ")
    sleep(1.5)  # who sends nothing is sent away
    with connected(served) as connection:
        connection.sendall(head(served, "Connection: close"))
        assert read_all(connection).startswith("HTTP/1.1 200 ")
    for connection in held:
        connection.close()


def test_a_late_answer_is_not_waited_for_and_others_are_given(slow: Any) -> None:
    with connected(slow) as waiting, connected(slow) as connection:
        first = "GET /late HTTP/1.1"
        page = "Accept: text/html"
        waiting.sendall(head(slow, bearer(slow), page, "Connection: close", first=first))
        connection.sendall(head(slow, "Connection: close"))
        assert read_all(connection).startswith("HTTP/1.1 200 ")
        told = read_all(waiting)
    assert told.startswith("HTTP/1.1 503 ")
    assert "The answer took too long." in told
    assert "<nav" in told


def test_a_deep_json_is_an_answer_and_no_crash(doors: Any) -> None:
    headers = {**doors.bearer(Scope.RUN), "content-type": "application/json"}
    body = "[" * 490 + "]" * 490
    answer = doors.client().post("/api/v1/workflows/x/runs", content=body, headers=headers)
    assert answer.status_code in {400, 404, 409}


def test_as_many_followers_as_there_may_be(doors: Any) -> None:
    client, headers = doors.client(), doors.bearer(Scope.READ)
    path = "/api/v1/runs/01m8h7j5nrghsq2am30zj40aba/events"
    with ExitStack() as following:
        for _ in range(3):
            following.enter_context(doors.app.streams.counted())
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "door.streams")
    assert client.get(path, headers=headers).status_code == 404


def test_connections_that_say_nothing_are_counted_from_the_first() -> None:
    """Also those that never agree on a cipher, of which a server hears nothing."""
    with ExitStack() as opened:
        listening = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
        bounded = opened.enter_context(Bounded(listening, 2))

        def come() -> socket.socket:
            opened.enter_context(socket.create_connection(listening.getsockname()))
            return opened.enter_context(bounded.accept()[0])

        first = come()
        come()
        with pytest.raises(ConnectionAbortedError):
            come()
        first.close()
        assert come().fileno() >= 0, "there is room again"
