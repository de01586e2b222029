"""The browser that tests share, and its loop beside theirs."""

import asyncio
import os
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

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
