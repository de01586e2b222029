"""The real client libraries, pointed at the fake provider: what they send, and what they make of it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from ssl import create_default_context
from typing import Any

import httpx2
import pytest
from anthropic import AsyncAnthropic
from openai import APIStatusError, AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput, PromptedOutput, ToolOutput
from pydantic_ai.direct import model_request, model_request_stream
from pydantic_ai.exceptions import (
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelNotFoundError,
    ModelOverloadedError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
    UnexpectedModelBehavior,
)
from pydantic_ai.messages import ModelRequest, ModelResponse
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider

from atelier.testing.provider import (
    Behaviour,
    ContentFilter,
    EchoedKey,
    EmptyAnswer,
    Eof,
    ErrorStatus,
    Failure,
    FakeProvider,
    GatewayPage,
    Hang,
    LengthLimit,
    ObedientModel,
    RateLimit,
    Redirect,
    Refusal,
    Reset,
    Served,
    StreamFault,
    StreamFlaw,
    Text,
    Tokens,
    Usage,
    UsageTold,
    closed_port,
)

pytestmark = pytest.mark.slow
both = pytest.mark.parametrize("manner", ["plain", "stream"])
TLS = create_default_context()  # made once: it takes longer than a request
SETTINGS: Any = {"max_tokens": 500}
SENTENCE = "A sentence of some length, so that a stream of it has pieces enough to be cut."


class Person(BaseModel):
    """A person."""

    name: str
    age: int | None
    nicknames: list[str]


@dataclass
class Clients:
    """The models of each dialect, asking one address, with one attempt each."""

    provider: FakeProvider
    retries: int = 0
    seconds: float = 6.0
    address: str = ""

    @asynccontextmanager
    async def model(self, dialect: str) -> AsyncGenerator[Model]:
        """A model, and its HTTP client, which is closed again."""
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(
                httpx2.AsyncClient(timeout=self.seconds, verify=TLS)
            )
            yield self._models()[dialect](http)

    def _models(self) -> dict[str, Callable[[httpx2.AsyncClient], Model]]:
        address = self.address or self.provider.url()
        return {
            "openai-chat": lambda http: OpenAIChatModel("gpt-5-mini", provider=self._openai(http)),
            "openai-responses": lambda http: OpenAIResponsesModel(
                "gpt-5-mini", provider=self._openai(http)
            ),
            "anthropic": lambda http: AnthropicModel(
                "claude-haiku-4-5",
                provider=AnthropicProvider(
                    anthropic_client=AsyncAnthropic(
                        base_url=address,
                        api_key="sk-canary",
                        max_retries=self.retries,
                        http_client=http,
                    )
                ),
            ),
            "google": lambda http: GoogleModel(
                "gemini-3-flash-preview",
                provider=GoogleProvider(api_key="sk-canary", base_url=address, http_client=http),
            ),
        }

    def _openai(self, http: httpx2.AsyncClient) -> OpenAIProvider:
        return OpenAIProvider(
            openai_client=AsyncOpenAI(
                base_url=f"{self.address}/v1" if self.address else self.provider.url("openai"),
                api_key="sk-canary",
                max_retries=self.retries,
                http_client=http,
            )
        )


def ask(clients: Clients, dialect: str, manner: str = "plain") -> ModelResponse:
    """The response to one question, asked directly, without an agent."""

    async def once() -> ModelResponse:
        async with clients.model(dialect) as model:
            messages = [ModelRequest.user_text_prompt("Hello.")]
            if manner == "plain":
                return await model_request(model, messages, model_settings=SETTINGS)
            async with model_request_stream(model, messages, model_settings=SETTINGS) as stream:
                async for _ in stream:
                    pass
                return stream.get()

    return asyncio.run(once())


def asked(script: Any, dialect: str, manner: str = "plain") -> ModelResponse:
    with FakeProvider(script) as provider:
        return ask(Clients(provider), dialect, manner)


FORMS = {
    "tool": ToolOutput(Person),
    "native": NativeOutput(Person),
    "prompted": PromptedOutput(Person),
}


@both
@pytest.mark.parametrize("form", FORMS)
def test_every_way_to_ask_for_a_form_is_obeyed(dialect: str, manner: str, form: str) -> None:
    async def once(clients: Clients) -> Person:
        async with clients.model(dialect) as model:
            agent = Agent(model, output_type=FORMS[form], model_settings=SETTINGS)
            if manner == "plain":
                return (await agent.run("Who?")).output
            async with agent.run_stream("Who?") as stream:
                return await stream.get_output()

    with FakeProvider() as provider:
        person = asyncio.run(once(Clients(provider)))
    assert (person.age, len(person.nicknames)) == (1, 1)
    (seen,) = provider.requests
    assert (seen.dialect, seen.stream) == (dialect, manner == "stream")


@both
def test_text_usage_and_model_come_through(dialect: str, manner: str) -> None:
    spent = Tokens(input=100, output=7, cached=40, reasoning=2)
    with FakeProvider(Text(SENTENCE) | Usage(spent) | Served("m-2027")) as provider:
        response = ask(Clients(provider), dialect, manner)
    assert response.text == SENTENCE
    assert (response.model_name, response.finish_reason) == ("m-2027", "stop")
    usage = response.usage
    assert (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens) == (100, 7, 40)
    assert provider.bill().tokens == spent


HEADERS = {
    "openai-chat": "authorization",
    "openai-responses": "authorization",
    "anthropic": "authorization",
    "google": "x-goog-api-key",
}


def test_the_credential_comes_in_the_header_of_the_dialect(dialect: str) -> None:
    with FakeProvider() as provider:
        ask(Clients(provider), dialect)
    assert provider.requests[0].headers[HEADERS[dialect]] == "***"
    assert "canary" not in repr(provider.requests)


KINDS: dict[Failure, type[Exception]] = {
    Failure.BAD_REQUEST: ModelRequestRejectedError,
    Failure.BAD_KEY: ModelAuthenticationError,
    Failure.QUOTA: ModelQuotaExceededError,
    Failure.PAYMENT: ModelQuotaExceededError,
    Failure.FORBIDDEN: ModelAuthenticationError,
    Failure.NO_MODEL: ModelNotFoundError,
    Failure.UNPROCESSABLE: ModelRequestRejectedError,
    Failure.CONTEXT_WINDOW: ModelContextWindowExceededError,
    Failure.RATE_LIMIT: ModelRateLimitError,
    Failure.SERVER: ModelServerError,
    Failure.BAD_GATEWAY: ModelServerError,
    Failure.UNAVAILABLE: ModelUnavailableError,
    Failure.GATEWAY_TIMEOUT: ModelServerError,
    Failure.OVERLOADED: ModelOverloadedError,
}


@both
@pytest.mark.parametrize("failure", KINDS)
def test_an_error_is_understood_for_what_it_is(dialect: str, manner: str, failure: Failure) -> None:
    with pytest.raises(KINDS[failure]):
        asked(ErrorStatus(failure), dialect, manner)


@pytest.mark.parametrize(
    "failure", [Failure.RATE_LIMIT, Failure.SERVER, Failure.OVERLOADED, Failure.QUOTA]
)
def test_an_error_within_a_stream_is_understood_for_what_it_is(
    dialect: str, failure: Failure
) -> None:
    fault = Text(SENTENCE) | StreamFault(StreamFlaw.ERROR_EVENT, failure)
    with pytest.raises(KINDS[failure]) as caught:
        asked(fault, dialect, "stream")
    assert getattr(caught.value, "in_stream", None) is True


WAITS: dict[str, tuple[RateLimit, float | None]] = {
    "seconds": (RateLimit("2"), 2.0),
    "milliseconds": (RateLimit(retry_after_ms="1500"), 1.5),
    "zero": (RateLimit("0"), 0.0),
    "negative": (RateLimit("-5"), None),
    "words": (RateLimit("soon"), None),
    "NaN": (RateLimit("NaN"), None),
    "an hour": (RateLimit("3600"), 3600.0),
}


@pytest.mark.parametrize("wait", WAITS)
def test_the_wait_of_a_rate_limit_is_read(dialect: str, wait: str) -> None:
    behaviour, seconds = WAITS[wait]
    with pytest.raises(ModelRateLimitError) as caught:
        asked(behaviour, dialect)
    assert caught.value.retry_after == seconds


@both
@pytest.mark.parametrize("cut", [Reset(), Eof(), Reset(after=1), Eof(after=1)], ids=repr)
def test_a_cut_is_a_connection_that_broke_while_reading(
    dialect: str, manner: str, cut: Behaviour
) -> None:
    with FakeProvider(Text(SENTENCE) | cut) as provider:
        with pytest.raises(ModelConnectionError) as caught:
            ask(Clients(provider), dialect, manner)
        assert caught.value.phase == "read"
    assert provider.bill().requests == 1


def test_silence_is_a_timeout(dialect: str) -> None:
    with FakeProvider(Hang()) as provider, pytest.raises(ModelTimeoutError):
        ask(Clients(provider, seconds=0.2), dialect)


def test_a_refused_connection_was_not_sent(dialect: str) -> None:
    with FakeProvider() as provider:
        with pytest.raises(ModelConnectionError) as caught:
            ask(Clients(provider, address=closed_port()), dialect)
        assert caught.value.phase == "connect"
    assert provider.requests == ()


@both
def test_an_answer_that_did_not_end_well_says_so(dialect: str, manner: str) -> None:
    with FakeProvider([LengthLimit(), ContentFilter("So"), Refusal("No.")]) as provider:
        clients = Clients(provider)
        reasons = [ask(clients, dialect, manner).finish_reason for _ in range(3)]
    assert reasons == ["length", "content_filter", "content_filter"]


def test_nothing_said_is_a_response_without_text(dialect: str) -> None:
    assert not asked(EmptyAnswer(), dialect).text


def test_a_page_with_status_200_is_no_answer(dialect: str) -> None:
    if dialect == "google":
        # This one takes an unknown text for a failure to decode, which is a failure all the same.
        with pytest.raises(Exception, match=r"(?i)json"):
            asked(GatewayPage(200), dialect)
        return
    with pytest.raises(Exception, match=r"expected JSON data|Expected a JSON response"):
        asked(GatewayPage(200), dialect)
    with pytest.raises(UnexpectedModelBehavior):
        asked(GatewayPage(200), dialect, "stream")


def test_a_client_that_retries_by_itself_spends_behind_the_caller_s_back() -> None:
    script = [ObedientModel() | Reset(), ObedientModel() | Reset(), ObedientModel()]
    with FakeProvider(script) as provider:
        response = ask(Clients(provider, retries=2), "openai-chat")
    assert response.text
    assert len(provider.requests) == provider.bill().requests == 3
    assert provider.bill().tokens.output == 3 * (response.usage.output_tokens or 0)


def test_usage_that_is_missing_is_told_as_zero_or_breaks_the_library(dialect: str) -> None:
    if dialect == "anthropic":
        with pytest.raises(AttributeError, match="output_tokens_details"):
            asked(UsageTold({}), dialect)
        return
    response = asked(UsageTold({}), dialect)
    assert (response.usage.input_tokens, response.usage.output_tokens) == (0, 0)
    assert response.usage.unmeasured_requests == 1, "what tells it from a usage of zero"


def test_a_stream_of_chat_without_a_reason_to_end_passes_for_a_whole_one() -> None:
    cut = Text(SENTENCE) | StreamFault(StreamFlaw.NO_FINISH)
    response = asked(cut, "openai-chat", "stream")
    assert response.finish_reason == "stop"
    others = [asked(cut, dialect, "stream") for dialect in ("openai-responses", "anthropic")]
    assert [one.finish_reason for one in others] == [None, None]


@pytest.mark.parametrize("own", [False, True], ids=["the library's", "one's own"])
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the library closes its client in its time
def test_a_redirect_to_another_host_is_followed_by_the_library_s_http_client(own: bool) -> None:  # noqa: FBT001
    async def once(address: str) -> None:
        http = httpx2.AsyncClient() if own else None
        client = AsyncOpenAI(base_url=address, api_key="a", max_retries=0, http_client=http)
        async with client:
            await client.chat.completions.create(model="m", messages=[])

    with (
        FakeProvider(ObedientModel()) as other,
        FakeProvider(Redirect(f"{other.url()}/v1/elsewhere")) as provider,
    ):
        with pytest.raises(APIStatusError) as caught:
            asyncio.run(once(provider.url("openai")))
        assert len(other.requests) == (0 if own else 1)
    assert caught.value.status_code == (307 if own else 404)


def test_a_key_in_an_error_reaches_the_message_of_the_exception(dialect: str) -> None:
    with pytest.raises(ModelAuthenticationError, match="sk-canary"):
        asked(EchoedKey(), dialect)


def test_anthropic_streams_where_no_limit_of_tokens_is_set() -> None:
    async def once(clients: Clients) -> ModelResponse:
        async with clients.model("anthropic") as model:
            return await model_request(model, [ModelRequest.user_text_prompt("Hello.")])

    with FakeProvider("Yes.") as provider:
        response = asyncio.run(once(Clients(provider)))
    assert response.text == "Yes."
    assert provider.requests[0].stream


def test_a_hundred_at_once_are_each_answered_their_own() -> None:
    async def everything(clients: Clients) -> list[ModelResponse]:
        async with clients.model("openai-chat") as model:
            waiting: list[Awaitable[ModelResponse]] = [
                model_request(model, [ModelRequest.user_text_prompt(f"Say {number}.")])
                for number in range(100)
            ]
            return await asyncio.gather(*waiting)

    with FakeProvider(lambda request: request.prompt.removeprefix("Say ")) as provider:
        said = asyncio.run(everything(Clients(provider, seconds=30)))
    assert [one.text for one in said] == [f"{number}." for number in range(100)]
    assert provider.bill().requests == 100
