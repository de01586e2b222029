"""What `atelier serve` does once the parts that serve pages are there."""

import asyncio
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket

import orjson

from atelier.cli import exits
from atelier.cli.archive import opened
from atelier.cli.console import safe, say
from atelier.cli.listening import address_of, listen
from atelier.cli.place import get_place
from atelier.kernel.clock import SystemClock
from atelier.observatory.app import make_app
from atelier.observatory.doors.guardian import Guardian
from atelier.observatory.doors.scope import parse_scope
from atelier.observatory.doors.session import Sessions
from atelier.observatory.doors.token import Tokens
from atelier.observatory.house import House
from atelier.observatory.index.index import FILE, Index
from atelier.observatory.server import Server, make_server


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The command line of `atelier serve`."""

    targets: tuple[str, ...]
    ledger: Path | None
    port: int | None
    bind: str
    hosts: tuple[str, ...]
    tls_cert: Path | None
    tls_key: Path | None
    i_terminate_tls: bool
    scope: str
    models: tuple[str, ...]
    as_json: bool
    project: Path | None

    @property
    def speaks_tls(self) -> bool:
        """Whether this server speaks HTTPS itself."""
        return self.tls_cert is not None

    @property
    def is_secure(self) -> bool:
        """Whether browsers speak HTTPS, to this server or to a proxy before it."""
        return self.speaks_tls or self.i_terminate_tls


def serve(wanted: Wanted) -> int:
    """Serve until a signal ends it."""
    address = address_of(wanted)
    with _house(wanted) as (house, tokens), listen(address) as listening:
        sessions = Sessions(SystemClock(), is_valid=tokens.is_valid)
        port = listening.getsockname()[1]
        guardian = Guardian(tokens, sessions, port=port, is_secure=address.is_secure)
        app = make_app(house, hosts=address.hosts(port), guardian=guardian)
        server = make_server(app, cert=wanted.tls_cert, key=wanted.tls_key)
        scope = parse_scope(wanted.scope)
        assert scope is not None  # noqa: S101 - the option's choices are the scopes
        link = f"{address.url(port)}/login#t={sessions.new_link(scope)}"
        asyncio.run(_serve(server, listening, lambda: _tell(wanted, house, link)))
    return exits.COMPLETE


def _tell(wanted: Wanted, house: House, link: str) -> None:
    if wanted.as_json:
        told = {"url": link.partition("/login#")[0] + "/", "login": link}
        say(orjson.dumps(told).decode())  # one line: whoever reads it reads on
        return
    say(link)
    say(f"serving {safe(house.title)}; the link works once. Ctrl-C stops.", err=True)


async def _serve(server: Server, listening: socket, tell: Callable[[], None]) -> None:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    tell()
    await stopped.wait()
    server.should_exit = True
    await serving


@contextmanager
def _house(wanted: Wanted) -> Generator[tuple[House, Tokens]]:
    place = get_place(wanted.project)
    with opened(place) as archive:
        index = Index.open(place.home / FILE, archive.ledger, archive.read)
        index.catch_up()
        house = House(title=place.root.name, ledger=archive.ledger, find=archive.read, index=index)
        yield house, Tokens.of(place.home, SystemClock())
        index.close()
