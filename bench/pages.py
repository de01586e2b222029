"""Observatory's pages: how long each takes from the request to the first paint, in a ledger of many rows.

    python bench/pages.py [--rows 100000] [--keep FOLDER] [--times 15] [--json]

The coaching example runs twice, the second time over edited evidence. Around it the ledger is filled,
through the store: runs of three made-up workflows, and runs of the example that reuse the first one's
values. `atelier serve` serves that project; each page is asked for over HTTP, one request after another,
and then opened in Chromium, where there is one. Processor time is the server's, all its threads together:
on a machine that does something else as well, it is what to compare. The first answer is not counted.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from reading import ATELIER, make_project
from reading import fill as fill_reusing

from atelier.ledger.sqlite import SqliteLedger
from observatory import Maker, fill

CHROMIUM = Path("/usr/bin/chromium")
# Of the rows, those of runs that reuse what one stage run made.
REUSING = 0.2
# First paint, in milliseconds.
GOALS = {"Runs": 200, "Run": 150, "Row": 150, "Artefact": 150, "Search": 100}
_PAINTED = """() => new Promise(resolve => new PerformanceObserver((list) => {
    const found = list.getEntriesByName('first-contentful-paint')
    if (found.length) resolve(found[0].startTime)
}).observe({ type: 'paint', buffered: true }))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How long a page took over HTTP, in milliseconds, and how large it is."""

    median: float
    p95: float
    processor: float
    kilobytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A served project: where it is, what lets in, and how much its server has worked."""

    host: str
    token: str
    link: str
    worked: Callable[[], float]

    def get(self, path: str) -> bytes:
        """The page at a path."""
        connection = HTTPConnection(self.host, timeout=30)
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "text/html"}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200:
            raise AssertionError(f"{path}: {answer.status}")
        return body


def prepare(root: Path, rows: int) -> None:
    """The project, with so many rows in its ledger."""
    make_project(root)
    ledger = SqliteLedger.open(root / ".atelier/ledger.sqlite")
    fill_reusing(ledger, int(rows * REUSING))
    maker = Maker()
    maker.seq = last_row(ledger)
    fill(ledger, rows, maker)
    ledger.close()


def last_row(ledger: SqliteLedger) -> int:
    newest = next(ledger.iter_runs(limit=1))
    return max(row.seq for row in ledger.iter_stage_rows(newest.start.run))


def paths_of(root: Path) -> Mapping[str, str]:
    """The pages by name: of the example's second run, of what others reuse, and of all there is."""
    ledger = SqliteLedger.open(root / ".atelier/ledger.sqlite", read_only=True)
    emitted = next(iter(ledger.iter_artefacts()))
    first = min(ledger.iter_artefacts(), key=lambda one: one.seq)
    run = emitted.run
    heavy = max(ledger.iter_stage_rows(run), key=lambda row: row.requests)
    reused = next(iter(ledger.iter_stage_rows(first.run)))
    newest = next(ledger.iter_runs(limit=1)).start.run
    record = ledger.find_run(run)
    assert record is not None
    packet = record.start.packet
    ledger.close()
    return {
        "Runs": "/",
        "Runs: failed, dearest": "/?status=failed&order=-incurred_usd",
        "Runs: parameters have": "/?parameters.has=week%3D7",
        "Run": f"/runs/{run}",
        "Run: newest, made up": f"/runs/{newest}",
        "Row": f"/runs/{run}/stages/{heavy.stage}",
        "Row: reused by thousands": f"/rows/{reused.seq}",
        "Artefact": f"/runs/{run}/artefact",
        "Packet": f"/packets/{packet}",
        "Search": "/search?q=casing+section",
        "Search: common word": "/search?q=ban",
        "Cost": "/cost",
        "Stages": "/stages",
        "Claims": "/claims",
        "Rows": "/tables/rows",
        "Why": "/why",
    }


@contextmanager
def served(root: Path) -> Generator[Site]:
    """A server over the project, as a person starts it, whose index has caught up."""
    made = subprocess.run(  # noqa: S603 - the command of this install
        [ATELIER, "token", "new", "bench", "--project", str(root), "--json"],
        check=True,
        capture_output=True,
    )
    with subprocess.Popen(  # noqa: S603 - the command of this install
        [ATELIER, "serve", "--project", str(root), "--port", "0", "--json"],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            assert server.stdout is not None
            told = json.loads(server.stdout.readline())
            site = Site(
                host=urlsplit(told["url"]).netloc,
                token=json.loads(made.stdout)["token"],
                link=told["login"],
                worked=lambda: worked(server.pid),
            )
            wait_caught_up(site)
            yield site
        finally:
            server.terminate()


def worked(process: int) -> float:
    """The processor time of a process so far, in milliseconds; NaN where nothing tells it."""
    tasks = list(Path(f"/proc/{process}/task").glob("*/schedstat"))
    spent = [int(task.read_text().split()[0]) / 1e6 for task in tasks]
    return sum(spent) if spent else float("nan")


def wait_caught_up(site: Site) -> None:
    """Wait until the index has read the whole ledger."""
    while True:
        status = json.loads(site.get("/api/v1/status"))
        if status["records"] and not status["behind"]:
            return
        time.sleep(1)


def answered(site: Site, path: str, times: int) -> Answered:
    """A page asked for again and again."""
    size = len(site.get(path))
    seconds: list[float] = []
    processor: list[float] = []
    for _ in range(times):
        before, began = site.worked(), time.perf_counter()
        site.get(path)
        seconds.append((time.perf_counter() - began) * 1000)
        processor.append(site.worked() - before)
    return Answered(
        median=statistics.median(seconds),
        p95=sorted(seconds)[int(len(seconds) * 0.95)],
        processor=statistics.median(processor),
        kilobytes=size // 1000,
    )


def painted(site: Site, paths: Mapping[str, str], times: int) -> dict[str, float]:
    """The median milliseconds from opening each page to its first paint."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where it is there

    found: dict[str, float] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        visitor = browser.new_page()
        visitor.goto(site.link)
        visitor.wait_for_url(f"http://{site.host}/")
        for name, path in paths.items():
            taken: list[float] = []
            for _ in range(times + 1):
                visitor.goto(f"http://{site.host}{path}")
                taken.append(visitor.evaluate(_PAINTED))
            found[name] = statistics.median(taken[1:])
        browser.close()
    return found


def measure(root: Path, times: int) -> dict[str, dict[str, float]]:
    """Every page, over HTTP and in a browser."""
    paths = paths_of(root)
    with served(root) as site:
        found = {name: asdict(answered(site, path, times)) for name, path in paths.items()}
        if CHROMIUM.exists():
            for name, paint in painted(site, paths, times).items():
                found[name]["first paint"] = paint
    return found


def print_found(found: Mapping[str, Mapping[str, float]]) -> None:
    """A line for each page, with its goal beside it."""
    print(f"{'milliseconds':26}{'median':>9}{'p95':>9}{'processor':>11}{'paint':>8}{'kB':>6}")
    for name, one in found.items():
        paint = f"{one['first paint']:8.0f}" if "first paint" in one else f"{'':8}"
        goal = f"  goal under {GOALS[name]}" if name in GOALS else ""
        print(
            f"{name:26}{one['median']:9.1f}{one['p95']:9.1f}{one['processor']:11.1f}{paint}"
            f"{one['kilobytes']:6}{goal}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = asked.keep or Path(folder) / "project"
        if not (root / ".atelier/ledger.sqlite").exists():
            shutil.rmtree(root, ignore_errors=True)
            prepare(root, asked.rows)
        found = measure(root, asked.times)
    if asked.json:
        print(json.dumps(found))
    else:
        print_found(found)


if __name__ == "__main__":
    main()
