"""What tests of several rooms share: a project with a history, made once a session."""

import fcntl
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def demo_project(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The folder of a small demonstration, the same one for every worker: read it, copy to write."""
    from atelier.demo.make import make

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if hasattr(request.config, "workerinput") else base
    folder, done = shared / "demonstration", shared / "demonstration.done"
    with _alone(shared / "demonstration.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder, size="small")
            done.touch()
    return folder


@contextmanager
def _alone(path: Path) -> Generator[None]:
    """Hold a lock that processes share."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
