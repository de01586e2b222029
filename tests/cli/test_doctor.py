"""`doctor` and the models that answered: through the real client library and the fake provider."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from atelier.testing.provider import Behaviour, FakeProvider, Reset, Served, Text

Ask = Callable[..., Any]

FLOW = """
from pydantic import BaseModel

from atelier import Ask, Packet, Workflow, stage


class Nothing(Packet):
    name: str


class Draft(BaseModel):
    text: str


@stage(model="writer", prompt="prompt.md")
async def draft(ask: Ask[Draft], name: str) -> Draft:
    return await ask(name=name)


flow = Workflow("asking", packet=Nothing, stages=[draft])
"""
ANSWER = '{"text": "fine"}'


@pytest.fixture
def script() -> list[Behaviour]:
    """What the provider does, in order; the last of it for ever."""
    return [Text(ANSWER)]


@pytest.fixture
def provider(script: list[Behaviour], monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    monkeypatch.setenv("DESK_KEY", "sk-desk-1234567890")
    with FakeProvider(lambda _: script.pop(0) if len(script) > 1 else script[0]) as served:
        yield served


def flow_of(project: Path) -> Path:
    """A module name of its own: a process loads one module of a name."""
    return project / f"flow_{project.name}.py"


@pytest.fixture
def project(tmp_path: Path, provider: FakeProvider) -> Path:
    flow_of(tmp_path).write_text(FLOW)
    (tmp_path / "prompt.md").write_text("How is {{name}}?")
    (tmp_path / "atelier.toml").write_text(
        '[models.writer]\nuse = "openai:gpt-5-mini"\nendpoint = "desk"\n'
        f'[endpoints.desk]\nurl = "{provider.url("openai")}"\nkey = "DESK_KEY"\n'
    )
    return tmp_path


def checks(ask: Ask, project: Path, code: int) -> dict[str, dict[str, Any]]:
    done = ask("doctor", "--project", str(project), "--json")
    assert done.code == code
    return {check["what"]: check for check in done.json["checks"]}


def test_a_sound_install_has_nothing_to_look_at(project: Path, ask: Ask) -> None:
    found = checks(ask, project, 0)
    assert all(check["ok"] for check in found.values())
    assert found["model writer"]["found"] == "openai:gpt-5-mini"


def test_a_key_that_is_not_set_is_named_and_nothing_is_sent(
    project: Path, ask: Ask, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DESK_KEY")
    check = checks(ask, project, 1)["model writer"]
    assert check["next_step"] == "Set the environment variable DESK_KEY."
    assert provider.requests == ()


@pytest.mark.slow
def test_what_answered_is_told_and_pinned_and_a_moved_alias_is_a_drift(
    project: Path, ask: Ask, provider: FakeProvider, script: list[Behaviour]
) -> None:
    script[:] = [Text(ANSWER) | Served("gpt-5-mini-2026-01-01")]
    ask("run", str(flow_of(project)), "name=maya")
    listed = ask("models", "--project", str(project), "--lock", "--json").json["models"]
    assert 'snapshot = "gpt-5-mini-2026-01-01"' in (project / "atelier.lock").read_text()
    assert listed[0]["use"] == "openai:gpt-5-mini-2026-01-01"
    script[:] = [Text(ANSWER) | Served("gpt-5-mini-2026-02-02")]
    said = ask("run", str(flow_of(project)), "name=ines").err
    assert "gpt-5-mini-2026-02-02 answered for gpt-5-mini-2026-01-01" in said
    drift = checks(ask, project, 1)["drift"]
    assert drift["found"] == "gpt-5-mini-2026-02-02 answers for gpt-5-mini-2026-01-01"
    assert "`atelier models --lock`" in drift["next_step"]
    assert provider.requests[-1].model == "gpt-5-mini-2026-01-01", "the snapshot is asked for"
    ask("models", "--project", str(project), "--lock")
    assert 'snapshot = "gpt-5-mini-2026-02-02"' in (project / "atelier.lock").read_text()
    assert "drift" not in checks(ask, project, 0)


@pytest.mark.slow
def test_a_request_that_may_have_been_billed_is_told_with_its_bound(
    project: Path, ask: Ask, script: list[Behaviour]
) -> None:
    script[:] = [Text(ANSWER) | Reset(after=1), Text(ANSWER)]
    assert ask("run", str(flow_of(project)), "name=maya").code == 0
    spend = checks(ask, project, 1)["spend"]
    assert spend["found"].startswith("1 in doubt, at most $0.0")
    assert "Compare with the provider's bill" in spend["next_step"]
