"""The adapter to the providers' client libraries, through pydantic-ai: one call, two transports.

No other file imports them, and this one is imported when a call is really made. What a library
would do by itself is off or undone here: it retries nothing, follows nothing, knows no credential
(its request is sent with the headers that stand in `_SENT`), and never reads what came before the
receipt is made.
"""

import warnings
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import httpx2
from pydantic_ai.messages import (
    InstructionPart,
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

from atelier.models.client import Request
from atelier.models.endpoint import Dialect
from atelier.models.events import is_stream
from atelier.models.shape import unfenced, unwrap, wrap

Transport = Callable[[httpx2.Request], Awaitable[httpx2.Response]]
# The libraries' own ones hold what they find in the environment, and what machine this is.
_SENT = frozenset({"accept", "anthropic-beta", "anthropic-version", "content-type"})
_NO_KEY = "no-key-here"
_ANSWER = "answer"
# One library takes no timeout for a default of its own, and warns of a short one.
_FOR_EVER = 86_400.0


@dataclass(frozen=True, slots=True)
class Call:
    """One request as a library is to make it."""

    dialect: Dialect
    url: str
    request: Request
    stream: bool

    @property
    def provider(self) -> str:
        """The provider's name."""
        return str(self.request.binding.get("provider", ""))


class NotReadError(Exception):
    """A library could not make its request, or could not read the answer; says why."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a library read, and by which mechanism the answer was asked for."""

    response: ModelResponse
    mechanism: str


async def make(call: Call, transport: Transport) -> Heard:
    """The answer, as a library reads it from what the transport gives it.

    Raises:
        NotReadError: the library raised something; so it does where the transport raises.
    """
    # What a library leaves out of a request is in the facts of its answer, where it is kept.
    warnings.filterwarnings("ignore", category=Warning, module=r"pydantic_ai\.")
    try:
        async with _http(transport) as http:
            model = _model(call, http)
            mechanism = _mechanism(call.request, model)
            parameters = _parameters(call.request, mechanism)
            settings = _settings(call.request)
            messages = _messages(call.request)
            if not call.stream:
                return Heard(await model.request(messages, settings, parameters), mechanism)
            async with model.request_stream(messages, settings, parameters) as stream:
                async for _ in stream:
                    pass
                return Heard(stream.get(), mechanism)
    except Exception as error:  # a library's own failure on a strange answer is of any type
        message = f"{type(error).__name__}: {error}"
        raise NotReadError(message) from error


def outgoing(request: httpx2.Request, headers: Mapping[str, str]) -> httpx2.Request:
    """The request as it is sent: the library's address and body, and the headers that are ours."""
    kept = {name: value for name, value in request.headers.items() if name in _SENT}
    return httpx2.Request(
        request.method,
        request.url,
        headers={
            **kept,
            "accept-encoding": "identity",
            "user-agent": "atelier",
            **headers,
        },
        content=request.content,
    )


def replayed(body: bytes, request: httpx2.Request) -> httpx2.Response:
    """The body of a good receipt as the answer to a request; its type is what it was found to be."""
    kind = "text/event-stream" if is_stream(body) else "application/json"
    return httpx2.Response(200, headers={"content-type": kind}, content=body, request=request)


def text_of(heard: Heard, request: Request) -> str | None:
    """The JSON of the answer, or plain text where no form was asked for; None for another call."""
    parts = heard.response.parts
    calls = [part for part in parts if isinstance(part, ToolCallPart)]
    said = "".join(part.content for part in parts if isinstance(part, TextPart))
    if calls:
        if len(calls) > 1 or calls[0].tool_name != _ANSWER or heard.mechanism != "tool":
            return None
        said = calls[0].args_as_json_str()
    # Where only words ask for the form, a fence around it is a manner of speaking.
    said = unfenced(said) if heard.mechanism == "prompted" else said
    return unwrap(said, request.schema)


class _Tap(httpx2.AsyncBaseTransport):
    """A transport that is a function."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """What the function gives."""
        await request.aread()
        return await self._transport(request)


def _http(transport: Transport) -> httpx2.AsyncClient:
    # Deadlines are kept where the network is, and nothing but the transport is asked for anything.
    return httpx2.AsyncClient(
        transport=_Tap(transport), timeout=_FOR_EVER, follow_redirects=False, trust_env=False
    )


def _model(call: Call, http: httpx2.AsyncClient) -> Model[Any]:
    binding = call.request.binding
    name = str(binding.get("alias") or binding.get("model", ""))
    return _MODELS[call.dialect](name, call, http)


def _openai(call: Call, http: httpx2.AsyncClient) -> Any:
    from openai import AsyncOpenAI
    from pydantic_ai.providers.openai import OpenAIProvider

    client = AsyncOpenAI(base_url=call.url, api_key=_NO_KEY, max_retries=0, http_client=http)
    return OpenAIProvider(openai_client=client)


def _openai_chat(name: str, call: Call, http: httpx2.AsyncClient) -> Model[Any]:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile

    # Servers that speak the dialect know the older name of the output limit; they would take no
    # notice of the newer one, and have no limit. Where words ask for a form, not all of them take
    # a demand for any JSON beside it.
    own = OpenAIModelProfile(
        openai_chat_supports_max_completion_tokens=call.provider == "openai",
        supports_json_object_output=False,
    )
    return OpenAIChatModel(name, provider=_openai(call, http), profile=own)


def _openai_responses(name: str, call: Call, http: httpx2.AsyncClient) -> Model[Any]:
    from pydantic_ai.models.openai import OpenAIResponsesModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile

    own = OpenAIModelProfile(supports_json_object_output=False)
    return OpenAIResponsesModel(name, provider=_openai(call, http), profile=own)


def _anthropic(name: str, call: Call, http: httpx2.AsyncClient) -> Model[Any]:
    from anthropic import AsyncAnthropic
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = AsyncAnthropic(base_url=call.url, api_key=_NO_KEY, max_retries=0, http_client=http)
    return AnthropicModel(name, provider=AnthropicProvider(anthropic_client=client))


def _google(name: str, call: Call, http: httpx2.AsyncClient) -> Model[Any]:
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    provider = GoogleProvider(api_key=_NO_KEY, base_url=call.url, http_client=http)
    return GoogleModel(name, provider=provider)


_MODELS: Mapping[Dialect, Callable[[str, Call, httpx2.AsyncClient], Model[Any]]] = {
    "openai": _openai_chat,
    "openai-responses": _openai_responses,
    "anthropic": _anthropic,
    "google": _google,
}


def _messages(request: Request) -> list[ModelMessage]:
    return [
        ModelRequest(parts=[UserPromptPart(content=turn.text)])
        if turn.role == "user"
        else ModelResponse(parts=[TextPart(content=turn.text)])
        for turn in request.messages
    ]


def _settings(request: Request) -> ModelSettings:
    settings = dict(request.sampling)
    if "extra" in settings:
        settings["extra_body"] = settings.pop("extra")
    return cast("ModelSettings", settings)


def _parameters(request: Request, mechanism: str) -> ModelRequestParameters:
    instructions = [InstructionPart(content=request.system)] if request.system else None
    if mechanism == "text":
        return ModelRequestParameters(instruction_parts=instructions)
    schema = wrap(request.schema)
    if mechanism == "tool":
        answer = ToolDefinition(name=_ANSWER, parameters_json_schema=schema, kind="output")
        return ModelRequestParameters(
            output_mode="tool",
            output_tools=[answer],
            allow_text_output=False,
            instruction_parts=instructions,
        )
    return ModelRequestParameters(
        output_mode="native" if mechanism == "native" else "prompted",
        output_object=OutputObjectDefinition(json_schema=schema, name=_ANSWER),
        instruction_parts=instructions,
    )


def _mechanism(request: Request, model: Model[Any]) -> str:
    """How the answer's form is asked for: by the provider's own means where it has one."""
    if not request.schema:
        return "text"
    if request.binding.get("structured"):
        return str(request.binding["structured"])
    if model.profile.get("supports_json_schema_output"):
        return "native"
    return "tool" if model.profile.get("supports_tools", True) else "prompted"
