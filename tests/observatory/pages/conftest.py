"""Observatories over a full ledger, an empty one and one of hostile text, and who reads them."""

import shutil
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from atelier.blobs.files import FileBlobs
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.sqlite import SqliteLedger
from atelier.observatory.reading.archive import Archive

sys.path.insert(0, str(Path(__file__).parent))

from hostile import PAYLOADS, hostile_ledger
from visiting import (
    COACHING,
    WIDE,
    Served,
    Visitor,
    Workshop,
    indexed,
    run_atelier,
    serving,
    visiting,
    visiting_plainly,
    working,
)

# What Maya says in the story, in place of what she says in the example.
TOLD = {
    "I moved the casing section": "I moved 🏛️ the casing section 前面",
    "Ha. Yeah. Probably. Um.": "Ha. 👩‍🚀🎉 Yeah. 多分. Um.",
    "my name down for the writing group": "my name down for the 写作 🖋️ writing group",
    "Twelve on the twelfth. I should": "Twelve on the twelfth. 🧑🏽‍🔬 宝くじ! I should",
}


def _tell(root: Path) -> None:
    """Put joined emoji and words of other scripts into what Maya says."""
    transcript = root / "evidence/students/maya/s12.vtt"
    said = transcript.read_text(encoding="utf-8")
    for plain, told in TOLD.items():
        assert plain in said
        said = said.replace(plain, told)
    transcript.write_text(said, encoding="utf-8")


@pytest.fixture(scope="session")
def project(coached: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The coaching example after three runs: a first one, one served, one over other words."""
    root = tmp_path_factory.mktemp("told") / "project"
    shutil.copytree(coached, root)
    _tell(root)
    run_atelier("run", ".", cwd=root)
    return root


@pytest.fixture(scope="session")
def full(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    home = project / ".atelier"
    ledger = SqliteLedger.open(home / "ledger.sqlite", read_only=True)
    archive = Archive(ledger, ledger.find_blob, FileBlobs(home / "blobs").find)
    with (
        indexed("coaching", ledger, archive.read) as house,
        serving(house, tmp_path_factory.mktemp("full")) as served,
    ):
        yield served
    ledger.close()


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    with (
        indexed("nothing yet", MemoryLedger(), lambda _: None) as house,
        serving(house, tmp_path_factory.mktemp("empty")) as served,
    ):
        yield served


@pytest.fixture(scope="module")
def signed_in(chromium: Browser, full: Served) -> Generator[Visitor]:
    with visiting(chromium, full) as visitor:
        yield visitor


@pytest.fixture(scope="module")
def stranger(chromium: Browser, empty: Served) -> Generator[Visitor]:
    with visiting(chromium, empty) as visitor:
        yield visitor


@pytest.fixture
def visitor(signed_in: Visitor) -> Generator[Visitor]:
    """Somebody who reads a full ledger, and to whom nothing wrong happens."""
    yield from _unharmed(signed_in)


@pytest.fixture
def plain_visitor(chromium: Browser, signed_in: Visitor) -> Generator[Visitor]:
    """Somebody who reads a full ledger in a browser that runs no script."""
    with visiting_plainly(chromium, signed_in) as visitor:
        yield visitor
        assert visitor.wrong == []


@pytest.fixture
def newcomer(stranger: Visitor) -> Generator[Visitor]:
    """Somebody whose ledger is empty."""
    yield from _unharmed(stranger)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Generator[Workshop]:
    """The told example, served by the command."""
    root = tmp_path_factory.mktemp("story") / "project"
    shutil.copytree(COACHING, root, ignore=shutil.ignore_patterns(".atelier", "artefacts"))
    _tell(root)
    with working(root) as workshop:
        yield workshop


@pytest.fixture(scope="module")
def facilitator(chromium: Browser, workshop: Workshop) -> Generator[Visitor]:
    """Somebody who starts a workflow and reads what came of it; nothing wrong may happen."""
    with visiting(chromium, workshop) as visitor:
        yield visitor
        assert visitor.wrong == []


@pytest.fixture
def plain_facilitator(chromium: Browser, facilitator: Visitor) -> Generator[Visitor]:
    """The same, in a browser that runs no script."""
    with visiting_plainly(chromium, facilitator) as visitor:
        yield visitor


@pytest.fixture(scope="session")
def stuffed(tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    ledger = hostile_ledger()
    archive = Archive(ledger, ledger.find_blob)
    with (
        indexed(PAYLOADS[0], ledger, archive.read) as house,
        serving(house, tmp_path_factory.mktemp("stuffed")) as served,
    ):
        yield served


@pytest.fixture(scope="module")
def signed_in_victim(chromium: Browser, stuffed: Served) -> Generator[Visitor]:
    with visiting(chromium, stuffed) as visitor:
        yield visitor


@pytest.fixture
def victim(signed_in_victim: Visitor) -> Generator[Visitor]:
    """Somebody who reads a ledger of hostile text."""
    yield from _unharmed(signed_in_victim)


def _unharmed(visitor: Visitor) -> Generator[Visitor]:
    visitor.wrong.clear()
    visitor.page.set_viewport_size(WIDE)  # pyright: ignore[reportArgumentType]
    visitor.page.emulate_media(color_scheme="light")
    yield visitor
    assert visitor.wrong == []
