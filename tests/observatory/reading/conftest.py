"""A ledger to read: the coaching example run three times, once over edited evidence."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from atelier.blobs.files import FileBlobs
from atelier.ledger.rows import RunRecord
from atelier.ledger.sqlite import SqliteLedger
from atelier.observatory.reading.archive import Archive

ATELIER = Path(sys.executable).parent / "atelier"
COACHING = Path(__file__).parents[3] / "examples" / "coaching"
# What Maya says in her ninety-fourth turn, and what she says there after an edit.
SAID, EDITED = "I moved the casing section", "I moved the whole casing section"


@dataclass(frozen=True)
class Made:
    """A project after a first run, one served from it, and one over edited evidence."""

    root: Path
    first: RunRecord
    served: RunRecord
    edited: RunRecord


def run_atelier(*words: str, cwd: Path) -> None:
    kept = {key: value for key, value in os.environ.items() if key != "ATELIER_HOME"}
    subprocess.run([ATELIER, *words], cwd=cwd, env=kept, check=True, capture_output=True)


def open_archive(root: Path) -> Archive:
    home = root / ".atelier"
    ledger = SqliteLedger.open(home / "ledger.sqlite", read_only=True)
    return Archive(ledger, ledger.find_blob, FileBlobs(home / "blobs").find)


@pytest.fixture(scope="session")
def made(coached: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    root = tmp_path_factory.mktemp("coaching") / "project"
    shutil.copytree(coached, root)
    transcript = root / "evidence/students/maya/s12.vtt"
    transcript.write_text(transcript.read_text().replace(SAID, EDITED))
    run_atelier("run", ".", cwd=root)
    archive = open_archive(root)
    edited, served, first = archive.ledger.iter_runs(limit=3)
    archive.ledger.close()
    return Made(root, first, served, edited)


@pytest.fixture
def archive(made: Made) -> Generator[Archive]:
    """What the project recorded; no test writes there."""
    opened = open_archive(made.root)
    yield opened
    opened.ledger.close()


@pytest.fixture
def without(archive: Archive) -> Callable[..., Archive]:
    """The same ledger, where the content of some digests is gone."""

    def made(*digests: str) -> Archive:
        return Archive(archive.ledger, lambda digest: _unless(digest, digests, archive))

    return made


def _unless(digest: str, gone: tuple[str, ...], archive: Archive) -> bytes | None:
    return None if digest in gone else archive.read(digest)


@pytest.fixture
def settled() -> Callable[[str], str]:
    """Take away what changes from run to run."""
    return settle


def settle(text: str) -> str:
    text = re.sub(r"\b0[0-9a-hjkmnp-tv-z]{25}\b", "RUN", text)
    text = re.sub(r"sha256:[0-9a-f]{64}", "DIGEST", text)
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "MOMENT", text)
