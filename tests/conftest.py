"""What tests of several rooms share: a history, harnesses, papers."""

import fcntl
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path

import pytest
from click.testing import CliRunner

from atelier import Harness
from atelier.kernel.clock import SystemClock
from atelier.testing import ScriptedModel

# A browser, and the tracer of the gate.
pytest_plugins = ("tests.browsing", "tests.tracing")


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
