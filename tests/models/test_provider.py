"""What leaves for a provider, what is made of what comes back, and what never does either."""

import asyncio
import gc
import json
import logging
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import TypeAdapter

from atelier.kernel.errors import ExhaustedError, IntegrityError
from atelier.models import Message, Request, Usage
from atelier.models.endpoint import Endpoint
from atelier.models.fault import Fault, ModelError
from atelier.models.provider import Patience, ProviderClient
from atelier.models.receipt import Receipt, parse_receipt
from atelier.testing.provider import Answer, FakeProvider, Hang, RawAnswer, Text, closed_port

Exchange = Callable[..., Any]
DIALECTS = ("openai", "openai-responses", "anthropic", "google")
ROOTS: dict[str, Any] = {
    "openai": "openai",
    "openai-responses": "openai",
    "anthropic": "anthropic",
    "google": "google",
}
KEY = "sk-canary-0123456789abcdef"
VARIABLE = "ATELIER_TEST_KEY"
# What a library might take out of the environment and send along.
AMBIENT = {
    "OPENAI_API_KEY": "sk-ambient-openai-000",
    "OPENAI_BASE_URL": "http://127.0.0.1:9/",
    "OPENAI_ORG_ID": "org-ambient",
    "OPENAI_PROJECT_ID": "proj-ambient",
    "ANTHROPIC_API_KEY": "sk-ambient-anthropic",
    "ANTHROPIC_AUTH_TOKEN": "token-ambient",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9/",
    "GOOGLE_API_KEY": "ambient-google",
}


def asking(dialect: str, text: str = "Say something.", schema: Any = None, **more: Any) -> Request:
    model = {"anthropic": "claude-haiku-4-5", "google": "gemini-2.5-flash"}
    binding = {
        "provider": dialect.partition("-")[0],
        "model": model.get(dialect, "gpt-5-mini"),
        "endpoint": "here",
        "sampling": {"max_tokens": 500},
        **more,
    }
    return Request(binding, (Message("user", text),), schema or {}, system="Be terse.")


def client(dialect: Any, url: str, **more: Any) -> ProviderClient:
    there = Endpoint(name="here", url=url, key=VARIABLE, dialect=dialect)
    return ProviderClient(endpoint=there, model_class="writer", **more)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, KEY)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_only_our_own_credential_leaves_and_only_where_it_belongs(
    dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in AMBIENT.items():
        monkeypatch.setenv(name, value)
    with FakeProvider("Hello.") as provider:
        asyncio.run(client(dialect, provider.url(ROOTS[dialect])).send(asking(dialect)))
        seen = provider.requests[0]
    sent = json.dumps([dict(seen.headers), str(seen)])
    assert [value for value in AMBIENT.values() if value in sent] == []
    assert {name.lower() for name in seen.headers} <= {
        "accept",
        "accept-encoding",
        "anthropic-beta",
        "anthropic-version",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "user-agent",
        "x-api-key",
        "x-goog-api-key",
    }


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("stream", [False, True])
def test_equal_requests_are_equal_bytes_and_a_receipt_always_reads_the_same(
    dialect: str, *, stream: bool
) -> None:
    async def twice(url: str) -> Any:
        there = client(dialect, url, stream=stream)
        receipts = [await there.send(asking(dialect)) for _ in range(2)]
        read = [await there.read(asking(dialect), receipts[0]) for _ in range(2)]
        return receipts, read

    with FakeProvider("Hello.") as provider:
        receipts, read = asyncio.run(twice(provider.url(ROOTS[dialect])))
        bodies = {seen.digest for seen in provider.requests}
    assert len(bodies) == 1
    assert read[0] == read[1]
    assert read[0].text == "Hello."
    assert parse_receipt(receipts[0]).as_bytes() == receipts[0]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_said_reaches_the_model_and_comes_back_letter_by_letter(
    dialect: str, exchange: Exchange
) -> None:
    strange = "<|im_start|>system\n</evidence 00>\u200b [INST] <tool> é 🌍 \\n {{x}}"
    got = exchange(dialect, lambda asked: Text(asked.prompt), request=asking(dialect, strange))
    assert got.response.text == f"Be terse.\n\n{strange}"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("structured", ["native", "tool", "prompted"])
def test_an_answer_in_a_form_is_its_json_by_every_mechanism(
    dialect: str, structured: str, exchange: Exchange
) -> None:
    schema = TypeAdapter(list[tuple[int, str]]).json_schema()
    request = asking(dialect, schema=schema, structured=structured)
    got = exchange(dialect, Answer({"answer": [[1, "a"]]}), request=request)
    assert json.loads(got.response.text) == [[1, "a"]]


def test_a_fence_is_taken_off_only_where_words_asked_for_the_form(exchange: Exchange) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    fenced = RawAnswer('```json\n{"a": 1}\n```')
    prompted = asking("openai", schema=schema, structured="prompted")
    assert exchange("openai", fenced, request=prompted).response.text == '{"a": 1}'
    native = asking("openai", schema=schema)
    assert exchange("openai", fenced, request=native).response.text.startswith("```")


@pytest.mark.parametrize("dialect", ["openai", "openai-responses"])
def test_where_words_ask_for_the_form_nothing_else_does(dialect: str) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    request = asking(dialect, schema=schema, structured="prompted")
    with FakeProvider(Answer({"a": 1})) as provider:
        asyncio.run(client(dialect, provider.url(ROOTS[dialect])).send(request))
        body = dict(provider.requests[0].body)
    assert "integer" in json.dumps(body)
    assert not body.keys() & {"response_format", "text", "tools"}, "some servers know none of it"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_output_limit_is_always_sent(dialect: str) -> None:
    with FakeProvider("Hello.") as provider:
        asyncio.run(client(dialect, provider.url(ROOTS[dialect])).send(asking(dialect)))
        body = json.dumps(dict(provider.requests[0].body))
    assert "500" in body


def test_a_server_that_speaks_like_openai_is_told_the_limit_by_its_older_name() -> None:
    with FakeProvider("Hello.") as provider:
        there = client("openai", provider.url("openai"))
        asyncio.run(there.send(asking("openai", provider="acme", model="large")))
        assert provider.requests[0].body["max_tokens"] == 500


def test_a_setting_that_a_library_leaves_out_is_a_fact_of_the_answer(exchange: Exchange) -> None:
    sampling = {"max_tokens": 500, "temperature": 0, "seed": 7}
    got = exchange("openai", "Hello.", request=asking("openai", sampling=sampling))
    assert got.response.facts["dropped"] == ["temperature"]
    other = asking("openai", sampling=sampling, model="gpt-4o")
    assert "dropped" not in exchange("openai", "Hello.", request=other).response.facts


@pytest.mark.parametrize("dialect", DIALECTS)
def test_usage_is_told_in_inclusive_totals(dialect: str, exchange: Exchange) -> None:
    usage = exchange(dialect, "Hello.").response.usage
    assert isinstance(usage, Usage)
    assert usage.input_tokens
    assert usage.output_tokens
    assert usage.cached_tokens == 0


def test_nothing_is_sent_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    with FakeProvider("Hello.") as provider:
        with pytest.raises(ExhaustedError) as raised:
            asyncio.run(client("openai", provider.url("openai")).send(asking("openai")))
        assert provider.requests == ()
    assert raised.value.code == "models.no_key"
    assert VARIABLE in raised.value.next_step


@pytest.mark.parametrize("odd", ["sk-canary\n0123456789", "sk-canary-é123456789"])
def test_a_key_that_no_header_takes_is_not_repeated(
    odd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, odd)
    with pytest.raises(ExhaustedError) as raised:
        asyncio.run(client("openai", "http://127.0.0.1:9").send(asking("openai")))
    assert "canary" not in f"{raised.value} {raised.value.__cause__!r}"


def test_an_address_where_nobody_listens_leaves_no_doubt() -> None:
    with pytest.raises(ModelError) as raised:
        asyncio.run(client("openai", closed_port() + "/v1").send(asking("openai")))
    assert raised.value.fault is Fault.CONNECTION
    assert not raised.value.in_doubt


def test_a_cancelled_request_ends_at_once_and_leaves_nothing_open() -> None:
    async def cancelled(url: str) -> None:
        task = asyncio.create_task(client("openai", url).send(asking("openai")))
        await asyncio.to_thread(provider.wait_requests, 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with FakeProvider(Hang()) as provider:
        asyncio.run(cancelled(provider.url("openai")))
        gc.collect()  # an open connection would warn, and a warning is an error here


def test_the_key_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    from atelier.testing.provider import EchoedKey

    with FakeProvider(EchoedKey()) as provider:
        there = client("openai", provider.url("openai"))
        receipt = asyncio.run(there.send(asking("openai")))
    with pytest.raises(ExhaustedError):
        asyncio.run(there.read(asking("openai"), receipt))
    assert "127.0.0.1" in caplog.text
    assert KEY not in caplog.text
    assert KEY not in repr(there)


def test_reading_takes_no_key_and_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeProvider("Hello.") as provider:
        receipt = asyncio.run(client("google", provider.url("google")).send(asking("google")))
    monkeypatch.delenv(VARIABLE)
    elsewhere = client("google", "http://127.0.0.1:9")
    assert asyncio.run(elsewhere.read(asking("google"), receipt)).text == "Hello."


def test_what_is_no_receipt_is_not_read() -> None:
    with pytest.raises(IntegrityError):
        asyncio.run(client("openai", "http://127.0.0.1:9").read(asking("openai"), b"{}"))


def test_an_error_inside_a_good_answer_is_an_error() -> None:
    body = b'{"error": {"code": 429, "message": "slow down", "metadata": {}}}'
    receipt = Receipt(200, {"retry-after": "3"}, body).as_bytes()
    with pytest.raises(ModelError) as raised:
        asyncio.run(client("openai", "http://127.0.0.1:9").read(asking("openai"), receipt))
    assert raised.value.fault is Fault.RATE_LIMIT
    assert raised.value.retry_after == 3


def test_a_deadline_in_all_holds_for_an_answer_that_never_comes() -> None:
    with FakeProvider(Hang()) as provider:
        there = client("openai", provider.url("openai"), patience=Patience(total=0.3, idle=9))
        with pytest.raises(ModelError) as raised:
            asyncio.run(there.send(asking("openai")))
    assert raised.value.fault is Fault.TIMEOUT
    assert raised.value.in_doubt


def test_no_library_of_a_provider_is_loaded_before_a_call() -> None:
    code = (
        "import sys, atelier, atelier.models.provider, atelier.harness, atelier.cli.main\n"
        "from atelier.models.provider import ProviderClient\n"
        "names = ('pydantic_ai', 'openai', 'anthropic', 'google.genai', 'httpx2', 'genai_prices')\n"
        "print([name for name in names if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
