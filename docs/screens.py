"""Takes the pictures of Observatory that the pages show: `python docs/screens.py`.

Makes a demonstration in a temporary folder, serves it, and needs Debian's Chromium.
"""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).parent / "pictures"
CHROMIUM = Path("/usr/bin/chromium")
ATELIER = Path(sys.executable).with_name("atelier")


def main() -> None:
    """Take every picture anew."""
    with TemporaryDirectory() as folder:
        project = Path(folder) / "demo"
        subprocess.run([ATELIER, "demo", project], check=True)
        serving = subprocess.Popen(
            [ATELIER, "serve", "--project", project, "--port", "0", "--json"],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            link = json.loads(serving.stdout.readline() if serving.stdout else "{}")["login"]
            _take(link)
        finally:
            serving.terminate()
            serving.wait()


def _take(link: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1320, "height": 860}, color_scheme="light")
        page.goto(link)
        _reader(page)
        page.screenshot(path=PICTURES / "reader.png")
        browser.close()


def _reader(page: Page) -> None:
    """The newest synthesis beside its evidence, with its first contested sentence chosen."""
    page.click("main td a")
    page.click("text=Read beside the evidence")
    page.click(".hint .first a >> nth=0")
    page.wait_for_timeout(600)  # the evidence moves to its place


if __name__ == "__main__":
    main()
