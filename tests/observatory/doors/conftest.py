"""An Observatory over an empty ledger, in this process and on a real socket."""

import socket
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from atelier.kernel.clock import SystemClock
from atelier.ledger.memory import MemoryLedger
from atelier.observatory.app import all_routes
from atelier.observatory.doors.door import Door
from atelier.observatory.doors.guardian import Guardian
from atelier.observatory.doors.host import Host, Hosts
from atelier.observatory.doors.limits import Limits
from atelier.observatory.doors.route import Route
from atelier.observatory.doors.scope import Scope
from atelier.observatory.doors.session import Sessions
from atelier.observatory.doors.token import Tokens
from atelier.observatory.house import House
from atelier.observatory.index.index import Index
from atelier.observatory.pages.trouble import trouble
from atelier.observatory.server import make_server

SMALL = Limits(
    body=1000, header_seconds=0.5, body_seconds=0.5, answer_seconds=1.0, connections=20, streams=3
)


class MovingClock(SystemClock):
    """The machine's clock, which a test may put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return super().now().astimezone(UTC) + self.ahead


@dataclass(frozen=True, kw_only=True)
class Doors:
    """What a test needs of an open house."""

    app: Door
    guardian: Guardian
    sessions: Sessions
    tokens: Tokens
    clock: MovingClock
    port: int

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def secret(self, scope: Scope) -> str:
        return self.tokens.new(scope.word, scope, lasts=timedelta(days=1))[1]

    def bearer(self, scope: Scope) -> dict[str, str]:
        return {"authorization": f"Bearer {self.secret(scope)}"}

    def client(self) -> TestClient:
        return TestClient(self.app, base_url=self.base, follow_redirects=False)


def empty_house() -> House:
    ledger = MemoryLedger()
    index = Index.temporary(ledger, lambda _: None)
    return House(title="nothing yet", ledger=ledger, find=lambda _: None, index=index)


def open_doors(
    folder: Path,
    *,
    port: int = 8765,
    house: House | None = None,
    more: Sequence[Route] = (),
    limits: Limits = SMALL,
) -> Doors:
    clock = MovingClock()
    tokens = Tokens.of(folder / "state", clock)
    sessions = Sessions(clock, is_valid=tokens.is_valid)
    guardian = Guardian(tokens, sessions, port=port, is_secure=False)
    hosts = Hosts(frozenset({Host("127.0.0.1", port), Host("localhost", port)}))
    app = Door(
        (*all_routes(guardian), *more),
        house or empty_house(),
        hosts=hosts,
        guardian=guardian,
        limits=limits,
        telling=trouble,
    )
    return Doors(
        app=app, guardian=guardian, sessions=sessions, tokens=tokens, clock=clock, port=port
    )


@pytest.fixture(name="open_doors", scope="session")
def _open_doors() -> Callable[..., Doors]:
    """Make doors: over a house, with more routes, with limits."""
    return open_doors


@pytest.fixture(name="serving", scope="session")
def _serving() -> Callable[..., Any]:
    """Put doors on a socket of this machine."""
    return serving


@pytest.fixture
def house() -> Callable[..., House]:
    """Make an empty house, with a starter or without."""
    return lambda **given: replace(empty_house(), **given)


@pytest.fixture
def doors(tmp_path: Path) -> Doors:
    return open_doors(tmp_path)


@contextmanager
def serving(make: Callable[[int], Doors], **papers: Path) -> Generator[Doors]:
    """Doors on a socket of this machine, by a real server in a thread; with papers, over HTTPS."""
    listening = socket.create_server(("127.0.0.1", 0))
    doors = make(listening.getsockname()[1])
    server = make_server(doors.app, **papers)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield doors
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def served(tmp_path: Path) -> Generator[Doors]:
    with serving(lambda port: open_doors(tmp_path, port=port)) as doors:
        yield doors
