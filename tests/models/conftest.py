"""A client against the fake provider, in every dialect and both manners."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest

from atelier.models import Message, Request, Response
from atelier.models.endpoint import Endpoint
from atelier.models.fault import ModelError
from atelier.models.provider import Patience, ProviderClient
from atelier.testing.provider import FakeProvider

KEY = "sk-canary-0123456789abcdef"
VARIABLE = "ATELIER_TEST_KEY"
# The dialect, and what the fake provider calls the client that speaks it.
DIALECTS: dict[Any, Any] = {
    "openai": "openai",
    "openai-responses": "openai",
    "anthropic": "anthropic",
    "google": "google",
}
MODELS = {
    "openai": "gpt-5-mini",
    "openai-responses": "gpt-5-mini",
    "anthropic": "claude-haiku-4-5",
    "google": "gemini-2.5-flash",
}
SCHEMA = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["text", "count"],
    "additionalProperties": False,
}


@pytest.fixture(scope="session", autouse=True)
def libraries() -> None:
    """Load the libraries before any deadline begins: on a busy machine that takes seconds."""
    for name in ("openai", "anthropic", "google"):
        import_module(f"pydantic_ai.models.{name}")
        import_module(f"pydantic_ai.providers.{name}")


def asking(dialect: str, schema: Any = SCHEMA, **binding: Any) -> Request:
    return Request(
        {
            "provider": dialect.partition("-")[0],
            "model": MODELS[dialect],
            "endpoint": "here",
            "sampling": {"max_tokens": 500},
            **binding,
        },
        (Message("user", "Say something of a harbour."),),
        schema,
        system="Be terse.",
    )


@dataclass(frozen=True)
class Outcome:
    """What came of one exchange: a receipt and a response, or an error and where it was raised."""

    receipt: bytes = b""
    response: Response | None = None
    error: ModelError | None = None
    requests: int = 0

    @property
    def fault(self) -> str:
        return self.error.fault.value if self.error else ""


# A busy machine takes its time: whoever waits for a deadline sets one.
PATIENT = Patience(total=60.0, idle=30.0)


def client_of(dialect: Any, url: str, *, stream: bool = False, patience: Any = None) -> Any:
    return ProviderClient(
        endpoint=Endpoint(name="here", url=url, key=VARIABLE, dialect=dialect),
        model_class="writer",
        patience=patience or PATIENT,
        stream=stream,
    )


Exchange = Callable[..., Outcome]


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Exchange:
    """One request to a fake provider that follows a script, sent and read."""
    monkeypatch.setenv(VARIABLE, KEY)

    def exchanged(
        dialect: Any,
        script: Any = None,
        *,
        stream: bool = False,
        request: Any = None,
        patience: Patience = PATIENT,
    ) -> Outcome:
        request = request or asking(dialect)
        with FakeProvider(script) as provider:
            url = provider.url(DIALECTS[dialect])
            client = client_of(dialect, url, stream=stream, patience=patience)
            receipt = b""
            try:
                receipt = asyncio.run(client.send(request))
            except ModelError as error:
                return Outcome(error=error, requests=len(provider.requests))
            sent = len(provider.requests)
        # The provider is gone: reading needs nothing but the receipt.
        try:
            return Outcome(receipt, asyncio.run(client.read(request, receipt)), requests=sent)
        except ModelError as error:
            return Outcome(receipt, error=error, requests=sent)

    return exchanged
