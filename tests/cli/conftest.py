"""Small projects on disk, the real commands over them, and outputs without what changes each time."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from select import select
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result

from atelier.cli.main import main

ATELIER = Path(sys.executable).parent / "atelier"

FLOW = """
from typing import Annotated

from pydantic import BaseModel

from atelier import Artefact, Packet, Passage, Workflow, stage, terra
from atelier.isilon import JsonLines
from helpers import tell


class Entry(BaseModel):
    day: str
    text: str


class Week(Packet):
    name: str
    entries: Annotated[list[Entry], JsonLines("entries/{name}.jsonl")]


class Page(BaseModel):
    passages: list[Passage]


@stage
def draft(entries: list[Entry]) -> terra.Prose:
    return terra.Prose(text=tell([entry.text for entry in entries]))


@stage
def page(grounded: terra.Grounded) -> Page:
    return Page(
        passages=[
            Passage(text=item.claim.text, claims=(item.claim.id,)) for item in grounded.claims
        ]
    )


week = Workflow(
    "week",
    packet=Week,
    stages=[draft, terra.ground(draft), page],
    artefact=Artefact(page, "pages/{name}.md"),
)
"""
HELPERS = """
BOAST = "Everybody cheered in Lisbon."


def tell(texts: list[str]) -> str:
    ran = next(text for text in texts if text.startswith("Ran"))
    return f"{ran}\\n\\n{BOAST}"
"""
ENTRIES = [
    {"day": "2026-03-01", "text": "Rested on Sunday."},
    {"day": "2026-03-02", "text": "Ran 7 km along the river on Monday."},
    {"day": "2026-03-03", "text": "Did not sleep well on Tuesday."},
]


@dataclass(frozen=True)
class Done:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def write_project(root: Path, *, flow: str = "flow", helpers: str = "helpers") -> Path:
    """A project whose workflow has three stages over a journal."""
    (root / "entries").mkdir(parents=True)
    (root / "atelier.toml").write_text('[run.defaults]\nname = "maya"\nunused = 1\n')
    (root / f"{flow}.py").write_text(FLOW.replace("from helpers", f"from {helpers}"))
    (root / f"{helpers}.py").write_text(HELPERS)
    lines = "".join(json.dumps(entry) + "\n" for entry in ENTRIES)
    (root / "entries/maya.jsonl").write_text(lines)
    return root


def clean_environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key != "ATELIER_HOME"}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "100"}


def run_command(*words: str, cwd: Path, **variables: str) -> Done:
    done = subprocess.run(
        [ATELIER, *words],
        cwd=cwd,
        env={**clean_environment(), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Site:
    """A running `atelier serve`."""

    process: "subprocess.Popen[str]"
    told: dict[str, Any]
    token: str

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        connection = HTTPConnection(urlsplit(self.told["url"]).netloc, timeout=30)
        sent = {"authorization": f"Bearer {self.token}", **headers}
        if body is not None:
            sent |= {"content-type": "application/json"}
        data = None if body is None else json.dumps(body)
        connection.request(method, path, body=data, headers=sent)
        answer = connection.getresponse()
        found = Answer(answer.status, answer.read())
        connection.close()
        return found

    def events(self, run: str) -> list[tuple[str, Any]]:
        text = self.ask("GET", f"/api/v1/runs/{run}/events").body.decode()
        lines = [line.partition(": ") for line in text.splitlines()]
        kinds = [value for name, _, value in lines if name == "event"]
        data = [json.loads(value) for name, _, value in lines if name == "data"]
        return list(zip(kinds, data, strict=True))


@contextmanager
def serving(*words: str, cwd: Path) -> Generator[Site]:
    """`atelier serve` in a process of its own, on a free port."""
    token = subprocess.run(
        [ATELIER, "token", "new", "test", "--scope", "run"],
        cwd=cwd,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    process = subprocess.Popen(
        [ATELIER, "serve", *words, "--json", "--port", "0"],
        cwd=cwd,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        assert select([process.stdout], [], [], 60)[0], "nothing was told"
        line = process.stdout.readline()
        if not line:
            pytest.fail(process.stderr.read())
        yield Site(process, json.loads(line), token)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def serve() -> Callable[..., Any]:
    return serving


@pytest.fixture(scope="session")
def executable() -> Path:
    return ATELIER


@pytest.fixture
def environment() -> dict[str, str]:
    return clean_environment()


@pytest.fixture(scope="session")
def atelier() -> Callable[..., Done]:
    """Run the installed command in a process of its own."""
    return run_command


@pytest.fixture(scope="session")
def settled() -> Callable[[str], str]:
    """Take away what changes from run to run."""
    return settle


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project")


@pytest.fixture(scope="session")
def _standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(
        tmp_path_factory.mktemp("standing") / "project", flow="week_flow", helpers="week_helpers"
    )


@pytest.fixture
def standing(_standing: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that no test changes: its `week_flow.py` can be loaded in this process."""
    monkeypatch.delenv("ATELIER_HOME", raising=False)
    monkeypatch.chdir(_standing)
    return _standing


@dataclass(frozen=True)
class Made:
    """A project after three runs: the first, a served one, and one after an edit."""

    root: Path
    first: Any
    served: Any
    edited: Any


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    root = write_project(tmp_path_factory.mktemp("made") / "project")
    first = run_command("run", ".", "--json", cwd=root).json
    served = run_command("run", ".", "--json", cwd=root).json
    entries = root / "entries/maya.jsonl"
    entries.write_text(entries.read_text().replace("the river", "the canal"))
    helpers = root / "helpers.py"
    helpers.write_text(helpers.read_text().replace('with("Ran")', 'with("Ran 7")'))
    edited = run_command("run", ".", "--json", cwd=root).json
    for source in (entries, helpers, root / "flow.py"):
        source.unlink()  # the ledger alone must answer
    return Made(root, first, served, edited)


@pytest.fixture
def made(_made: Made, monkeypatch: pytest.MonkeyPatch) -> Made:
    monkeypatch.delenv("ATELIER_HOME", raising=False)
    monkeypatch.chdir(_made.root)
    return _made


@pytest.fixture
def ask() -> Callable[..., Done]:
    """Run a reading command in this process."""

    def invoke(*words: str) -> Done:
        found: Result = CliRunner().invoke(main, list(words), prog_name="atelier")
        return Done(found.exit_code, found.stdout, found.stderr)

    return invoke


def settle(text: str) -> str:
    """A text without run ids, digests, moments, durations and the widths that follow from them."""
    runs: dict[str, str] = {}

    def run(match: re.Match[str]) -> str:
        return runs.setdefault(match[0], f"RUN{len(runs) + 1}")

    text = re.sub(r"\b0[0-9a-hjkmnp-tv-z]{25}\b", run, text)
    text = re.sub(r"sha256:[0-9a-f]{12,64}", "DIGEST", text)
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+Z)?", "MOMENT", text)
    text = re.sub(r"\b\d+(\.\d+)? (ms|s)\b", "TIME", text)
    text = re.sub(r"(?<=\S) {2,}(?=\S)", "  ", text)
    return "\n".join(line.rstrip() for line in text.splitlines())
