"""A bound class end to end: a run, its receipts, its reuse, and a run that no provider answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from atelier import Ask, Harness, Packet, Workflow, stage
from atelier.models.receipt import parse_receipt
from atelier.testing.provider import Answer, ErrorStatus, Failure, FakeProvider

KEY = "sk-canary-0123456789abcdef"


class Evidence(Packet):
    day: str


class Draft(BaseModel):
    text: str


def install(folder: Path, url: str, model: str = "openai:gpt-5-mini") -> Harness:
    (folder / "prompt.md").write_text("Say something of {{day}}.")
    (folder / "atelier.toml").write_text(
        f'[models.writer]\nuse = "{model}"\nendpoint = "here"\n'
        f'[endpoints.here]\nurl = "{url}"\nkey = "ATELIER_TEST_KEY"\n'
    )
    return Harness.open(folder)


def workflow(folder: Path) -> Workflow[Any]:
    @stage(model="writer", prompt=str(folder / "prompt.md"))
    async def draft(ask: Ask[Draft], day: str) -> Draft:
        return await ask(day=day)

    return Workflow("w", packet=Evidence, stages=[draft])


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_TEST_KEY", KEY)


def test_a_run_asks_once_and_the_next_is_served_without_a_provider(tmp_path: Path) -> None:
    with FakeProvider(Answer({"text": "Rain."})) as provider:
        url = provider.url("openai")
        with install(tmp_path, url) as harness:
            run = harness.run_sync(workflow(tmp_path), Evidence(day="Monday"))
            (attempt,) = harness.ledger.iter_attempts(run.id)
            receipt = harness.ledger.find_blob(str(attempt.response))
        assert len(provider.requests) == 1
    assert run.status.value == "complete"
    assert attempt.outcome == "answered"
    assert attempt.model_served == "gpt-5-mini"
    assert receipt is not None
    told = json.loads(parse_receipt(receipt).body)["usage"]
    assert attempt.input_tokens == told["prompt_tokens"]
    with install(tmp_path, url) as harness:
        again = harness.run_sync(workflow(tmp_path), Evidence(day="Monday"))
    assert again.status.value == "complete"


def test_a_provider_that_refuses_the_key_fails_the_stage_and_says_what_to_do(
    tmp_path: Path,
) -> None:
    with (
        FakeProvider(ErrorStatus(Failure.BAD_KEY)) as provider,
        install(tmp_path, provider.url("openai")) as harness,
    ):
        run = harness.run_sync(workflow(tmp_path), Evidence(day="Monday"))
        assert len(provider.requests) == 1
        (attempt,) = harness.ledger.iter_attempts(run.id)
    assert run.status.value == "failed"
    error = json.dumps(attempt.error)
    assert "models.auth" in error
    assert "ATELIER_TEST_KEY" in error
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert KEY.encode() not in everything
