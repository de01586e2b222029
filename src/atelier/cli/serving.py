"""What `atelier serve` does once the parts that serve pages are there."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from socket import socket

import orjson

from atelier.cli import exits
from atelier.cli.console import safe, say
from atelier.cli.listening import address_of, listen
from atelier.cli.premises import Premises, opened_premises, stop_at_once
from atelier.cli.starter import HarnessStarter
from atelier.cli.streams import users_output
from atelier.kernel.clock import SystemClock
from atelier.observatory.app import make_app
from atelier.observatory.doors.door import Door
from atelier.observatory.doors.guardian import Guardian
from atelier.observatory.doors.scope import Scope, parse_scope
from atelier.observatory.doors.session import Sessions
from atelier.observatory.following import following
from atelier.observatory.pages.paper import prepare
from atelier.observatory.server import Server, make_server, take_short_turns


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


@dataclass(frozen=True, slots=True)
class Site:
    """Where browsers find it, and the link that lets one in."""

    url: str
    link: str


@dataclass(frozen=True, slots=True)
class Serving:
    """All that is open while pages are served."""

    app: Door
    server: Server
    listening: socket
    premises: Premises


def serve(wanted: Wanted) -> int:
    """Serve until a signal ends it."""
    address = address_of(wanted)
    with opened_premises(wanted) as premises, listen(address) as listening:
        port = listening.getsockname()[1]
        sessions = Sessions(SystemClock(), is_valid=premises.tokens.is_valid)
        guardian = Guardian(premises.tokens, sessions, port=port, is_secure=address.is_secure)
        app = make_app(premises.house, hosts=address.hosts(port), guardian=guardian)
        server = make_server(app, cert=wanted.tls_cert, key=wanted.tls_key)
        link = sessions.new_link(parse_scope(wanted.scope) or Scope.READ)
        site = Site(address.url(port), f"{address.url(port)}/login#t={link}")
        serving = Serving(app, server, listening, premises)
        take_short_turns()
        asyncio.run(_serve(serving, lambda: _tell(wanted, premises, site)))
        app.close()
    return exits.COMPLETE


def _tell(wanted: Wanted, premises: Premises, site: Site) -> None:
    starter = premises.starter
    workflows = [] if starter is None else list(starter.names)
    if wanted.as_json:
        told = {"url": f"{site.url}/", "login": site.link, "workflows": workflows}
        say(orjson.dumps(told).decode())  # one line: whoever reads it reads on
        return
    say(site.link)
    say(f"serving {safe(premises.house.title)}; the link works once. Ctrl-C stops.", err=True)
    what = f"starts: {', '.join(workflows)}" if workflows else f"reading only: {premises.idle}"
    say(what, err=True)


async def _serve(open_: Serving, tell: Callable[[], None]) -> None:
    premises, server = open_.premises, open_.server
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()

    def on_signal() -> None:
        if stopping.is_set():
            stop_at_once(premises)
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    with following(premises.house.index, is_busy=premises.is_busy):
        serving = asyncio.create_task(server.serve(sockets=[open_.listening]))
        tell()
        # Whoever opens the link needs a moment; what only their pages need is not made before it.
        preparing = asyncio.create_task(asyncio.to_thread(prepare))
        with users_output():
            # From here on, what stages print is no answer of ours.
            await stopping.wait()
            if premises.starter is not None:
                await asyncio.to_thread(_drain, premises.starter)
        await preparing
    open_.app.streams.close()
    server.should_exit = True
    await serving


def _drain(starter: HarnessStarter) -> None:
    """Let what runs come to its end; pages are still answered meanwhile."""
    starter.drain()
    if starter.running():
        say("stopping: what runs now comes to its end; once more to stop at once", err=True)
    starter.wait()
