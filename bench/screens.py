"""Every page of Observatory as pictures, full and empty, light and dark, wide and phone; first paints.

Run it as `python bench/screens.py FOLDER [PROJECT]`. Without a project, `atelier demo --small` makes
one. It needs Chromium at /usr/bin/chromium.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from atelier.ledger.sqlite import SqliteLedger
from atelier.ledger.store import LedgerStore

ATELIER = Path(sys.executable).parent / "atelier"
WIDE, PHONE = ViewportSize(width=1360, height=900), ViewportSize(width=390, height=844)
FIRST_PAINT = """
() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null
"""


@contextmanager
def served(*words: str) -> Iterator[tuple[str, str]]:
    """The address of a server, and the way in."""
    command = [ATELIER, "serve", "--json", "--port", "0", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            yield told["url"].rstrip("/"), told["login"]
        finally:
            process.terminate()


def pages_of(ledger: LedgerStore) -> dict[str, str]:
    """A name and a path for each page of a ledger with runs."""
    runs = list(ledger.iter_runs(limit=200))
    newest = next(run for run in runs if run.served_from is None and run.status == "complete")
    run, packet = newest.start.run, newest.start.packet
    alike = [
        other.start
        for other in runs
        if other.start.parameters == newest.start.parameters and other.start.packet != packet
    ]
    failed = next((one.start.run for one in runs if one.status in {"failed", "partial"}), run)
    outputs = [row.output for row in ledger.iter_stage_rows(run) if row.output]
    claims = [claim for output in outputs for claim in ledger.iter_claims(output)]
    contested = next((one.claim for one in claims if one.flag), claims[0].claim)
    return {
        "runs": "/",
        "run": f"/runs/{run}",
        "run-failed": f"/runs/{failed}",
        "row": f"/runs/{run}/stages/synthesis",
        "reader": f"/runs/{run}/artefact",
        "reader-lit": f"/runs/{run}/artefact?claim={contested}",
        "claims": "/claims",
        "claim": f"/runs/{run}/claims/{contested}",
        "review": f"/runs/{run}/review",
        "packets": "/packets",
        "packet": f"/packets/{packet}?slice=journal",
        **({"packet-diff": f"/packets/{packet}/against/{alike[0].packet}"} if alike else {}),
        **({"compare": f"/compare?left={alike[0].run}&right={run}"} if alike else {}),
        "compare-choice": "/compare",
        "why": f"/why?q={run}",
        "search": "/search?q=chapter",
        "cost": "/cost",
        "stages": "/stages",
        "integrity": "/integrity?check=content",
        "workflows": "/workflows",
        "workflow": "/workflows/synthesize-session",
        "rows": "/tables/rows",
        "attempts": "/tables/attempts",
        "lost": "/nowhere",
        "sign-in": "/login",
    }


EMPTY = {
    name: f"/{name}".replace("/runs", "/")
    for name in (
        *("runs", "claims", "packets", "compare", "why", "search"),
        *("cost", "stages", "integrity", "workflows"),
    )
}


def pictured(
    browser: Browser, way: tuple[str, str], paths: dict[str, str], *, folder: Path
) -> None:
    """A picture of each page in each colour and size, and how long its first paint took."""
    base, login = way
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    page.goto(login)
    page.wait_for_url(f"{base}/")
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in paths.items():
        paint = _looked_at(page, f"{base}{path}", folder / name)
        print(f"{folder.name}/{name:<16} first paint {paint:>6.0f} ms")
    context.close()


def _looked_at(page: Page, url: str, picture: Path) -> float:
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    page.goto(url)
    paints: list[float] = []
    for _ in range(3):
        page.goto(url)
        page.wait_for_function(FIRST_PAINT)
        paints.append(page.evaluate(FIRST_PAINT))
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            kind = "wide" if size is WIDE else "phone"
            page.screenshot(path=f"{picture}-{kind}-{scheme}.png")
    return min(paints)


def main(target: Path, project: Path | None) -> None:
    """Make all pictures."""
    if project is None:
        project = Path(mkdtemp(prefix="atelier-screens-")) / "demo"
        subprocess.run([ATELIER, "demo", "--small", str(project)], check=True)  # noqa: S603
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        ledger = SqliteLedger.open(project / ".atelier" / "ledger.sqlite", read_only=True)
        paths = pages_of(ledger)
        ledger.close()
        with served("--project", str(project)) as way:
            pictured(browser, way, paths, folder=target / "full")
        bare = Path(mkdtemp(prefix="atelier-screens-")) / "ledger.sqlite"
        SqliteLedger.open(bare).close()
        with served("--ledger", str(bare)) as way:
            pictured(browser, way, EMPTY, folder=target / "empty")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
