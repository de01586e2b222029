"""Ledgers of which runs are exported."""

import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from atelier.blobs.files import FileBlobs
from atelier.ledger.sqlite import SqliteLedger
from atelier.observatory.reading.archive import Archive

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(1, str(Path(__file__).parents[1] / "pages"))

from telltale import telltale_ledger


@pytest.fixture(scope="session")
def coaching(coached: Path) -> Generator[Archive]:
    """The coaching example after a run, and one that was served from it."""
    home = coached / ".atelier"
    ledger = SqliteLedger.open(home / "ledger.sqlite", read_only=True)
    yield Archive(ledger, ledger.find_blob, FileBlobs(home / "blobs").find)
    ledger.close()


@pytest.fixture(scope="session")
def telltale() -> Archive:
    ledger = telltale_ledger()
    return Archive(ledger, ledger.find_blob)
