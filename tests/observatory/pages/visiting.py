"""A real browser, and Observatories over a full ledger, an empty one, and one of hostile text."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from playwright.sync_api import Browser, BrowserContext, Page

from atelier.kernel.clock import SystemClock
from atelier.ledger.store import LedgerStore
from atelier.observatory.app import make_app
from atelier.observatory.doors.guardian import Guardian
from atelier.observatory.doors.host import Host, Hosts
from atelier.observatory.doors.scope import Scope
from atelier.observatory.doors.session import Sessions
from atelier.observatory.doors.token import Tokens
from atelier.observatory.house import House
from atelier.observatory.index.index import Index
from atelier.observatory.server import make_server

ATELIER = Path(sys.executable).parent / "atelier"
COACHING = Path(__file__).parents[3] / "examples" / "coaching"
WIDE, PHONE = {"width": 1360, "height": 900}, {"width": 390, "height": 844}
AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Served:
    """An Observatory on a socket of this machine, and how a browser gets in."""

    base: str
    house: House
    sessions: Sessions

    def login(self, scope: Scope = Scope.RUN) -> str:
        return f"{self.base}/login#t={self.sessions.new_link(scope)}"


@dataclass(frozen=True)
class Workshop:
    """A project that is served by the command itself: its address, the way in, its ledger."""

    base: str
    entrance: str
    ledger: Path

    def login(self, scope: Scope = Scope.RUN) -> str:
        """The way in, once."""
        return self.entrance


@dataclass
class Visitor:
    """A page in a browser that writes down all that may not happen."""

    page: Page
    base: str
    wrong: list[str] = field(default_factory=list[str])

    def open(self, path: str) -> Page:
        self.page.goto(self.base + path, wait_until="load")
        return self.page

    def audited(self, path: str, *, only_inert: bool = False) -> str:
        """What is wrong with a page: wide and on a phone, in light and in dark; nothing, if all is well.

        With `only_inert`, whether it acts or leads away, and no more.
        """
        found: list[str] = []
        self.open(path)
        if only_inert:
            return "\n".join([*self.page.evaluate(f"({AUDIT})(true)"), *self.wrong])
        for size in (WIDE, PHONE):
            self.page.set_viewport_size(size)  # pyright: ignore[reportArgumentType]
            for scheme in ("light", "dark"):
                self.page.emulate_media(color_scheme=scheme)
                told: list[str] = self.page.evaluate(f"({AUDIT})(false)")
                found += [f"{size['width']} {scheme}: {one}" for one in told]
        return "\n".join([*found, *self.wrong])


@contextmanager
def serving(house: House, folder: Path) -> Generator[Served]:
    """A house behind the real doors and server."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    tokens = Tokens.of(folder / "state", SystemClock())
    sessions = Sessions(SystemClock(), is_valid=tokens.is_valid)
    guardian = Guardian(tokens, sessions, port=port, is_secure=False)
    hosts = Hosts(frozenset({Host("127.0.0.1", port)}))
    server = make_server(make_app(house, hosts=hosts, guardian=guardian))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{port}", house, sessions)
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def run_atelier(*words: str, cwd: Path) -> None:
    kept = {key: value for key, value in os.environ.items() if key != "ATELIER_HOME"}
    subprocess.run([ATELIER, *words], cwd=cwd, env=kept, check=True, capture_output=True)


@contextmanager
def indexed(
    title: str, ledger: LedgerStore, find: Callable[[str], bytes | None]
) -> Generator[House]:
    """A house whose index has read all that its ledger holds."""
    index = Index.temporary(ledger, find)
    index.catch_up()
    yield House(title=title, ledger=ledger, find=find, index=index)
    index.close()


@contextmanager
def visiting(browser: Browser, served: Served | Workshop) -> Generator[Visitor]:
    """A signed-in visitor."""
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce")  # pyright: ignore[reportArgumentType]
    page = context.new_page()
    page.goto(served.login())
    page.wait_for_url(f"{served.base}/")
    yield from _visit(context, page, served.base)


@contextmanager
def visiting_plainly(browser: Browser, other: Visitor) -> Generator[Visitor]:
    """A visitor whose browser runs no script, let in by the cookie of one who had them."""
    kept = other.page.context.storage_state()
    context = browser.new_context(java_script_enabled=False, storage_state=kept)
    yield from _visit(context, context.new_page(), other.base)


def _visit(context: BrowserContext, page: Page, base: str) -> Generator[Visitor]:
    visitor = Visitor(page, base)
    _watch(context, visitor)
    yield visitor
    context.close()


@contextmanager
def working(project: Path) -> Generator[Workshop]:
    """A project served by the command, which may start its workflow."""
    kept = {key: value for key, value in os.environ.items() if key != "ATELIER_HOME"}
    with subprocess.Popen(
        [ATELIER, "serve", "--json", "--port", "0"],
        cwd=project,
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            told = orjson.loads(process.stdout.readline())
            ledger = project / ".atelier" / "ledger.sqlite"
            yield Workshop(told["url"].rstrip("/"), told["login"], ledger)
        finally:
            process.terminate()


def _watch(context: BrowserContext, visitor: Visitor) -> None:
    page, wrong = visitor.page, visitor.wrong
    page.on("console", lambda said: wrong.append(f"console {said.type}: {said.text}"))
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
    context.on(
        "request",
        lambda asked: (
            None if asked.url.startswith(visitor.base) else wrong.append(f"left: {asked.url}")
        ),
    )
