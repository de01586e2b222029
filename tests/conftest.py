"""What tests of several rooms share (a history, a browser, papers), and which are traced."""

import asyncio
import fcntl
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path

import pytest
from click.testing import CliRunner
from coverage import Coverage
from playwright.sync_api import Browser, sync_playwright

from atelier import Harness
from atelier.kernel.clock import SystemClock
from atelier.testing import ScriptedModel

CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP *.test 127.0.0.1",
]
# The files that ask for a browser, and its loop while none of them is at work.
_BROWSING: set[Path] = set()
_LOOPS: list[asyncio.AbstractEventLoop] = []
# The gate asks these tests, with the doctests, to walk the branches of the rooms that it measures
# (`.ci/coverage_gate.py`). The others run untraced: a tracer doubles what they cost.
ROOMS = {"blobs", "cache", "kernel", "ledger", "orchestrate"}
TRACED = ROOMS | {"anomaly", "contract", "golden", "properties"}
_HERE = Path(__file__).parent
# Where a child process reads that it is to be traced, too.
_FOR_CHILDREN = "COVERAGE_PROCESS_CONFIG"


@pytest.fixture(scope="session")
def demo_project(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The folder of a small demonstration, the same one for every worker: read it, copy to write."""
    from atelier.cli.main import main

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if hasattr(request.config, "workerinput") else base
    folder, done = shared / "demonstration", shared / "demonstration.done"
    with _alone(shared / "demonstration.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            made = CliRunner().invoke(main, ["demo", str(folder), "--small"])
            assert made.exit_code == 0, made.stderr
            done.write_text(made.stdout, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def demo_told(demo_project: Path) -> str:
    """What the command said that made the demonstration."""
    return demo_project.with_suffix(".done").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def chromium() -> Generator[Browser]:
    """A browser, the same one for all tests of a worker; every name of `.test` is this machine."""
    if not CHROMIUM.exists() and "CI" not in os.environ:
        pytest.skip("there is no browser on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        loop = asyncio.get_running_loop()
        yield browser
        asyncio._set_running_loop(loop)
        browser.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Find the files that ask for a browser."""
    _BROWSING.update(item.path for item in items if "chromium" in getattr(item, "fixturenames", ()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let Playwright's loop run within these files alone: others have loops of their own to run."""
    if item.path not in _BROWSING:
        return (yield)
    asyncio._set_running_loop(_LOOPS.pop() if _LOOPS else None)
    told = yield
    running = asyncio._get_running_loop()
    if running is not None:
        _LOOPS.append(running)
        asyncio._set_running_loop(None)
    return told


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[str], Callable[..., Harness]]]:
    """Open projects in which a class of models is played by one model, or is bound to none."""
    with ExitStack() as open_ones:

        def opener(role: str, model: ScriptedModel | None = None, name: str = "one") -> Harness:
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            models = {role: model} if model else {}
            return open_ones.enter_context(Harness.open(folder, models=models))

        yield lambda role: partial(opener, role)


@pytest.hookimpl(wrapper=True, specname="pytest_runtest_protocol")
def pytest_trace_the_rooms(item: pytest.Item) -> Generator[None, object, object]:
    """Stop the tracer of a test that the gate does not ask, and of its children."""
    tracing = Coverage.current()
    traced = not item.path.is_relative_to(_HERE) or item.path.parent.name in TRACED
    if tracing is None or traced:
        return (yield)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(_FOR_CHILDREN, raising=False)
        tracing.stop()
        try:
            return (yield)
        finally:
            tracing.start()


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that this machine gave itself, its key, another's, and one with a passphrase."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    folder = tmp_path_factory.mktemp("papers")
    key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    whose = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "here")])
    now = SystemClock().now()
    certificate = (
        x509.CertificateBuilder(whose, whose, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    plain, locked = serialization.NoEncryption(), serialization.BestAvailableEncryption(b"secret")
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, plain))
    (folder / "other.pem").write_bytes(other.private_bytes(pem, form, plain))
    (folder / "locked.pem").write_bytes(key.private_bytes(pem, form, locked))
    return folder


@contextmanager
def _alone(path: Path) -> Generator[None]:
    """Hold a lock that processes share."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
