"""Which names this server answers to, byte by byte on a real socket."""

import socket
from typing import Any

import pytest

from atelier.observatory.doors.host import Host, parse_host

# What follows `GET /healthz HTTP/1.1`, with PORT for the server's own.
ANSWERED = [
    "Host: 127.0.0.1:PORT",
    "Host: localhost:PORT",
    "host: LOCALHOST:PORT",
    "HOST:127.0.0.1:PORT",
    "Host: 127.0.0.1:PORT\r\nX-Forwarded-Host: evil.test",
]
REFUSED = [
    "Host: evil.test",
    "Host: evil.test:PORT",
    "Host: 127.0.0.1",
    "Host: 127.0.0.1:80",
    "Host: 127.0.0.1:0PORT0",
    "Host: 127.0.0.1:PORT:PORT",
    "Host: 127.0.0.1:PORT@evil.test",
    "Host: evil.test#127.0.0.1:PORT",
    "Host: 127.0.0.1.evil.test:PORT",
    "Host: localhost.:PORT",
    "Host: localhost.evil.test:PORT",
    "Host: 127.1:PORT",
    "Host: 2130706433:PORT",
    "Host: 0x7f.0.0.1:PORT",
    "Host: 127.0.0.1%00:PORT",
    "Host: [::1]:PORT",
    "Host: [::1]",
    "Host: [::ffff:127.0.0.1]:PORT",
    "Host: ::1",
    "Host: 127.0.0.1:PORT, evil.test",
    "Host: localh\u00f6st:PORT",
    "Host:",
    "Host: evil.test\r\nX-Forwarded-Host: 127.0.0.1:PORT",
    "Host: evil.test\r\nForwarded: host=127.0.0.1:PORT",
]
MALFORMED = [
    "Host: 127.0.0.1:PORT\r\nHost: evil.test",
    "Host: evil.test\r\nHost: 127.0.0.1:PORT",
    "X-None: 1",
]


def answer_to(port: int, request: str) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request.encode("latin-1"))
        data = b""
        while piece := connection.recv(65536):
            data += piece
    return data.decode("latin-1")


def get(served: Any, head: str, target: str = "/healthz", version: str = "1.1") -> str:
    told = head.replace("PORT", str(served.port))
    return answer_to(
        served.port, f"GET {target} HTTP/{version}\r\n{told}\r\nConnection: close\r\n\r\n"
    )


@pytest.mark.parametrize("head", ANSWERED)
def test_our_own_names_are_answered(served: Any, head: str) -> None:
    assert get(served, head).startswith("HTTP/1.1 200 ")


@pytest.mark.parametrize("head", REFUSED)
def test_any_other_name_is_misdirected(served: Any, head: str) -> None:
    answer = get(served, head)
    assert answer.startswith("HTTP/1.1 421 ")
    assert "atelier serve --host" in answer


@pytest.mark.parametrize("head", MALFORMED)
def test_no_host_and_two_hosts_are_refused(served: Any, head: str) -> None:
    assert get(served, head).startswith("HTTP/1.1 400 ")


def test_an_old_request_without_a_host_is_refused(served: Any) -> None:
    assert get(served, "X-None: 1", version="1.0").startswith("HTTP/1.1 421 ")


@pytest.mark.parametrize("target", ["http://evil.test/healthz", "//evil.test/healthz", "*"])
def test_a_target_that_is_no_path_of_ours_is_not_served(served: Any, target: str) -> None:
    status = get(served, "Host: 127.0.0.1:PORT", target=target).split()[1]
    assert status in {"400", "401", "404"}


def test_the_name_is_checked_before_the_token_is(served: Any) -> None:
    answer = get(served, "Host: evil.test\r\nAuthorization: Bearer x", target="/api/v1/status")
    assert answer.startswith("HTTP/1.1 421 ")


def test_a_port_is_part_of_the_name() -> None:
    assert parse_host("[::1]", scheme="https") == Host("[::1]", 443)
    assert parse_host("a:0", scheme="http") is None
    assert parse_host("a:65536", scheme="http") is None
    assert parse_host("\u212a:1", scheme="http") is None  # lower() would make a k of it
