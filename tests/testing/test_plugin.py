"""The pytest plugin, as a project's own suite meets it: in a pytest of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FLOW = """
import pytest
from pydantic import BaseModel

from atelier import Ask, Packet, Workflow, stage
from atelier.models.provider import open_client
from atelier.models import parse_binding


class Draft(BaseModel):
    text: str
    count: int


class Evidence(Packet):
    student: str


def flow(folder):
    (folder / "prompt.md").write_text("How is {{student}}?")

    @stage(model="writer", prompt=str(folder / "prompt.md"))
    async def draft(ask: Ask[Draft], student: str) -> Draft:
        return await ask(student=student)

    return Workflow("w", packet=Evidence, stages=[draft])
"""
RECORDED = (
    FLOW
    + """

@pytest.fixture
def atelier_models(recorded_model):
    endpoint = {"url": "URL"}
    return {"writer": recorded_model("openai:gpt-5-mini", endpoint=endpoint)}


def test_it(atelier_harness, tmp_path):
    run = atelier_harness.run_sync(flow(tmp_path), Evidence(student="maya"))
    assert run.stages[0].error is None, run.stages[0].error
"""
)
LIVE = (
    FLOW
    + """

@pytest.fixture
def atelier_project(tmp_path):
    (tmp_path / "atelier.toml").write_text(
        "[models.writer]\\nuse = 'openai:gpt-5-mini'\\nendpoint = 'far'\\n"
        "[endpoints.far]\\nurl = 'http://models.invalid/v1'\\n"
    )
    return tmp_path


def code(harness, folder):
    run = harness.run_sync(flow(folder), Evidence(student="maya"))
    return run.stages[0].error["code"]


def test_refused(atelier_harness, tmp_path):
    assert code(atelier_harness, tmp_path) == "models.live_call"


@pytest.mark.live_models
def test_allowed(monkeypatch, atelier_harness, tmp_path):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # where nobody is: it would be sent
    monkeypatch.setattr("atelier.orchestrate.question.random", lambda: 0.0)
    assert code(atelier_harness, tmp_path) == "models.connection"


@pytest.mark.fake_provider("Quiet.")
def test_marked(fake_provider):
    assert fake_provider.url("openai").startswith("http://127.0.0.1:")
"""
)


def run_pytest(folder: Path, *arguments: str, **variables: str) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers"]
    environment = {
        name: value for name, value in os.environ.items() if "PYTEST" not in name
    } | variables
    done = subprocess.run(
        [*command, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stdout + done.stderr


@pytest.mark.slow
def test_live_calls_are_refused_unless_the_test_is_marked(tmp_path: Path) -> None:
    (tmp_path / "test_live.py").write_text(LIVE)
    assert "3 passed" in run_pytest(tmp_path)


@pytest.mark.slow
def test_what_was_recorded_is_answered_without_a_provider(tmp_path: Path) -> None:
    from atelier.testing.provider import FakeProvider

    path = tmp_path / "test_recorded.py"
    with FakeProvider() as provider:
        path.write_text(RECORDED.replace("URL", provider.url("openai")))
        told = run_pytest(tmp_path)
        assert "testing.not_recorded" in told
        assert "pytest --atelier-record" in told
        assert provider.requests == ()
        assert "1 passed" in run_pytest(tmp_path, "--atelier-record")
        assert len(provider.requests) == 1
    assert [each.name for each in (tmp_path / "receipts").iterdir()] == [
        "test_recorded.test_it.jsonl"
    ]
    assert "1 passed" in run_pytest(tmp_path), "the provider is gone"


@pytest.mark.slow
def test_a_run_of_pytest_that_asks_for_nothing_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_plain.py").write_text(
        "import sys\n\n"
        "def test_it():\n"
        "    assert 'atelier.testing.plugin' in sys.modules\n"
        "    heavy = {'pydantic', 'apsw', 'httpx2', 'pydantic_ai', 'openai', 'atelier.harness'}\n"
        "    assert heavy & sys.modules.keys() == set()\n"
    )
    alone = run_pytest(tmp_path, "-p", "atelier.testing.plugin", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert "1 passed" in alone


def test_the_plugin_is_there_in_some_milliseconds() -> None:
    code = "import pytest, atelier.testing.plugin"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, check=True
    )
    lines = [line for line in done.stderr.splitlines() if "atelier" in line]
    spent = sum(int(re.split(r"[:|]", line)[1]) for line in lines)
    assert spent < 50_000, "\n".join(lines)  # microseconds of its own modules; about 3,000 measured
