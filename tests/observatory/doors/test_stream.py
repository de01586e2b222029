"""Streams of events: resumed by number, ended by revocation, by the server, by the run's end."""

import asyncio
import socket
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from starlette.testclient import TestClient

from atelier.observatory.doors.scope import Scope
from atelier.observatory.doors.stream import pieces
from atelier.observatory.feed import RunFeed
from atelier.observatory.starting import Ahead, Feed, Offer

RUN = "01m8h7j5nrghsq2am30zj40aba"


class OneRun:
    """A starter that has one run under way."""

    def __init__(self) -> None:
        self.feed = RunFeed()

    def offers(self) -> Sequence[Offer]:
        return ()

    def find_offer(self, workflow: str) -> Offer | None:
        return None

    def start(self, workflow: str, parameters: Mapping[str, object], *, key: str) -> str:
        raise AssertionError(workflow)

    def cancel(self, run: str) -> bool:
        return False

    def running(self) -> Sequence[str]:
        return [RUN]

    def find_ahead(self, run: str) -> Ahead | None:
        return None

    def find_feed(self, run: str) -> Feed | None:
        return self.feed if run == RUN else None


@pytest.fixture
def starter() -> OneRun:
    return OneRun()


@pytest.fixture
def followed(
    tmp_path: Path, open_doors: Callable[..., Any], serving: Any, house: Any, starter: OneRun
) -> Generator[Any]:
    full = house(starter=starter)
    with serving(lambda port: open_doors(tmp_path, port=port, house=full)) as doors:
        yield doors
        doors.app.streams.close()


def follow(doors: Any, secret: str, **headers: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", doors.port), timeout=15)
    lines = [
        f"GET /api/v1/runs/{RUN}/events HTTP/1.1",
        f"Host: 127.0.0.1:{doors.port}",
        f"Authorization: Bearer {secret}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection


def until(connection: socket.socket, wanted: str) -> str:
    data = ""
    while wanted not in data:
        piece = connection.recv(65536)
        if not piece:
            break
        data += piece.decode()
    return data


def test_events_come_as_they_happen_and_end_with_the_run(followed: Any, starter: OneRun) -> None:
    with follow(followed, followed.secret(Scope.READ)) as connection:
        starter.feed.add("began", {"run": RUN})
        assert "id: 1\nevent: began" in until(connection, "began")
        starter.feed.add("ended", {"run": RUN}, last=True)
        assert "event: over" in until(connection, "over")


def test_a_reader_that_comes_back_goes_on_where_it_was(followed: Any, starter: OneRun) -> None:
    for number in range(5):
        starter.feed.add("warned", {"text": str(number)})
    starter.feed.add("ended", {}, last=True)
    secret = followed.secret(Scope.READ)
    with follow(followed, secret, **{"Last-Event-ID": "4"}) as connection:
        told = until(connection, "event: over")
    assert "id: 4\n" not in told
    assert "id: 5\n" in told


def test_a_revoked_token_follows_no_longer(followed: Any) -> None:
    token, secret = followed.tokens.new("x", Scope.READ, lasts=timedelta(days=1))
    with follow(followed, secret) as connection:
        until(connection, "retry")
        began = monotonic()
        followed.tokens.revoke(token.id)
        assert until(connection, "0\r\n\r\n").endswith("0\r\n\r\n")
        assert monotonic() - began < 5


def test_a_stream_ends_with_the_server(followed: Any) -> None:
    with follow(followed, followed.secret(Scope.READ)) as connection:
        until(connection, "retry")
        followed.app.streams.close()
        assert until(connection, "0\r\n\r\n").endswith("0\r\n\r\n")


def test_a_follower_that_reads_nothing_holds_up_nobody(followed: Any, starter: OneRun) -> None:
    secret = followed.secret(Scope.READ)
    with follow(followed, secret), follow(followed, secret) as reading:
        began = monotonic()
        for number in range(200):
            starter.feed.add("warned", {"text": f"{number} " + "x" * 50_000})
        assert monotonic() - began < 5
        assert "id: 200\n" in until(reading, "id: 200\n")


def test_followers_that_leave_are_not_counted(followed: Any) -> None:
    secret = followed.secret(Scope.READ)
    for _ in range(5):
        with follow(followed, secret) as connection:
            until(connection, "retry")
        sleep(1.5)
    with follow(followed, secret) as connection:
        assert until(connection, "retry").startswith("HTTP/1.1 200 ")


def test_a_silent_run_is_heard_to_be_alive() -> None:
    times = iter(range(0, 1000, 10))

    async def main() -> list[bytes]:
        feed, going = RunFeed(), iter([True, True, True, False])
        stream = pieces(
            feed, after=0, goes_on=lambda: next(going), seconds=lambda: float(next(times))
        )
        return [piece async for piece in stream]

    assert b": still here\n\n" in asyncio.run(main())


def test_what_a_run_says_cannot_begin_another_event() -> None:
    feed = RunFeed()
    feed.add("warned", {"text": "a\n\nid: 99\nevent: ended\r\ndata: {}\u2028"}, last=True)

    async def main() -> bytes:
        return b"".join([piece async for piece in pieces(feed, after=0, goes_on=lambda: True)])

    told = asyncio.run(main())
    assert told.count(b"\nid: ") + told.count(b"\nevent: ended") == 1


def test_no_stream_begins_once_the_server_ends(doors: Any) -> None:
    doors.app.streams.close()
    client: TestClient = doors.client()
    answer = client.get(f"/api/v1/runs/{RUN}/events", headers=doors.bearer(Scope.READ))
    assert answer.status_code == 429
