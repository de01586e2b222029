"""A browser for files on disk, and ledgers of which runs are exported."""

import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from atelier.blobs.files import FileBlobs
from atelier.ledger.sqlite import SqliteLedger
from atelier.observatory.reading.archive import Archive

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(1, str(Path(__file__).parents[1] / "pages"))

from telltale import telltale_ledger
from visiting import CHROMIUM


@pytest.fixture(scope="module")
def chromium() -> Generator[Browser]:
    if not CHROMIUM.exists() and "CI" not in os.environ:
        pytest.skip("there is no browser on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()


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
