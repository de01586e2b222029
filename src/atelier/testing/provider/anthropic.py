"""The dialect of Anthropic's messages."""

from collections.abc import Iterator, Mapping
from json import loads
from re import Match
from re import compile as pattern
from typing import Any

from atelier.testing.provider.asked import (
    Asked,
    Wanted,
    as_object,
    as_objects,
    joined,
    texts,
    wanted_tool,
)
from atelier.testing.provider.dialect import identity, pieces, written
from atelier.testing.provider.failure import STATUS, Failure
from atelier.testing.provider.reply import Finish, Reply, less, usage_member
from atelier.testing.provider.wire import Event, event

_FINISH = {
    Finish.STOP: "end_turn",
    Finish.LENGTH: "max_tokens",
    Finish.FILTER: "refusal",
    Finish.REFUSAL: "refusal",
    Finish.TOOL: "tool_use",
}
# Of each error: its type, its words.
_ERRORS: dict[Failure, tuple[str, str]] = {
    Failure.BAD_REQUEST: ("invalid_request_error", "The request is not valid."),
    Failure.BAD_KEY: ("authentication_error", "invalid bearer token or x-api-key"),
    Failure.QUOTA: (
        "invalid_request_error",
        "Your credit balance is too low to access the Anthropic API.",
    ),
    Failure.PAYMENT: ("billing_error", "A payment is required."),
    Failure.FORBIDDEN: ("permission_error", "Your key does not have permission for this."),
    Failure.NO_MODEL: ("not_found_error", "model: {model}"),
    Failure.PROXY: ("api_error", "Proxy authentication required."),
    Failure.TOO_LARGE: ("request_too_large", "Request exceeds the maximum size."),
    Failure.UNPROCESSABLE: ("invalid_request_error", "The request cannot be processed."),
    Failure.CONTEXT_WINDOW: (
        "invalid_request_error",
        "prompt is too long: 201001 tokens > 200000 maximum",
    ),
    Failure.RATE_LIMIT: ("rate_limit_error", "This request would exceed your rate limit."),
    Failure.SERVER: ("api_error", "Internal server error"),
    Failure.BAD_GATEWAY: ("api_error", "Bad gateway"),
    Failure.UNAVAILABLE: ("api_error", "Service unavailable"),
    Failure.GATEWAY_TIMEOUT: ("timeout_error", "The request timed out."),
    Failure.OVERLOADED: ("overloaded_error", "Overloaded"),
}
# An exhausted balance is reported as a request that is not valid.
_STATUS = {**STATUS, Failure.QUOTA: 400}


class Anthropic:
    """`POST /v1/messages`."""

    name = "anthropic"
    route = pattern(r"/v1/messages")

    def asked(self, _route: Match[str], body: dict[str, Any]) -> Asked:
        """The request, read out of the dialect."""
        turns = [turn.get("content") for turn in as_objects(body.get("messages"))]
        return Asked(
            dialect=self.name,
            model=str(body.get("model", "")),
            stream=body.get("stream") is True,
            prompt=joined(text for turn in (body.get("system"), *turns) for text in texts(turn)),
            wanted=_wanted(body),
            body=body,
        )

    def document(self, asked: Asked, reply: Reply) -> Any:
        """The answer as one document."""
        return {
            **_message(asked, reply),
            "content": [{**block, **whole} for block, whole in _blocks(asked, reply)],
            "stop_reason": _FINISH[reply.finish],
            **usage_member(reply, "usage", _usage),
        }

    def events(self, asked: Asked, reply: Reply) -> Iterator[Event]:
        """The answer as a stream, to its end."""
        before = {**_message(asked, reply), **usage_member(reply, "usage", _usage_before)}
        yield _named("open", {"type": "message_start", "message": before})
        yield _named("open", {"type": "ping"})
        for index, (block, _) in enumerate(_blocks(asked, reply)):
            empty: dict[str, Any] = {"input": {}} if block["type"] == "tool_use" else {"text": ""}
            start = {"type": "content_block_start", "index": index}
            yield _named("open", {**start, "content_block": {**block, **empty}})
            for delta in _deltas(reply, block["type"]):
                told = {"type": "content_block_delta", "index": index, "delta": delta}
                yield _named("delta", told)
            yield _named("close", {"type": "content_block_stop", "index": index})
        ended = {"stop_reason": _FINISH[reply.finish], "stop_sequence": None}
        usage = usage_member(reply, "usage", _usage)
        yield _named("finish", {"type": "message_delta", "delta": ended, **usage})
        yield _named("done", {"type": "message_stop"})

    def failure(self, failure: Failure, asked: Asked) -> tuple[int, Any]:
        """The status and the document of an error."""
        kind, words = _ERRORS[failure]
        error = {"type": kind, "message": words.format(model=asked.model)}
        document = {"type": "error", "error": error, "request_id": identity("req_", asked)}
        return _STATUS[failure], document

    def failure_event(self, failure: Failure, asked: Asked) -> Event:
        """The error as it is reported inside a stream."""
        return event("error", written(self.failure(failure, asked)[1]), name="error")


def _named(kind: Any, document: dict[str, Any]) -> Event:
    return event(kind, written(document), name=document["type"])


def _wanted(body: Mapping[str, Any]) -> Wanted:
    # The form stands in `output_config`; `output_format` is its earlier name.
    form = as_object(as_object(body.get("output_config")).get("format"))
    form = form or as_object(body.get("output_format"))
    if form.get("type") == "json_schema":
        return Wanted("schema", as_object(form.get("schema")))
    choice = as_object(body.get("tool_choice"))
    tool = wanted_tool(
        [(str(t.get("name")), t.get("input_schema")) for t in as_objects(body.get("tools"))],
        forced=choice.get("type") == "any",
        name=str(choice.get("name", "")),
    )
    return tool or Wanted()


def _message(asked: Asked, reply: Reply) -> dict[str, Any]:
    return {
        "id": identity("msg_", asked),
        "type": "message",
        "role": "assistant",
        "model": reply.model or asked.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _blocks(asked: Asked, reply: Reply) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The blocks of an answer, each in its head and in what fills it."""
    if reply.call:
        head = {"type": "tool_use", "id": identity("toolu_", asked), "name": reply.call.name}
        return [(head, {"input": _arguments(reply.call.arguments)})]
    return [({"type": "text"}, {"text": reply.text})] if reply.text else []


def _arguments(text: str) -> Any:
    # The document has no place for arguments that are no JSON, so these become a string.
    try:
        return loads(text)
    except ValueError:
        return text


def _deltas(reply: Reply, kind: str) -> Iterator[dict[str, str]]:
    if kind == "tool_use":
        yield {"type": "input_json_delta", "partial_json": ""}
        for piece in pieces(reply.said):
            yield {"type": "input_json_delta", "partial_json": piece}
    else:
        yield from ({"type": "text_delta", "text": piece} for piece in pieces(reply.said))


def _usage(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "input_tokens": less(told.get("input"), told.get("cached")),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": told.get("cached"),
        "output_tokens": told.get("output"),
        "output_tokens_details": {"thinking_tokens": told.get("reasoning")},
        "service_tier": "standard",
    }


def _usage_before(told: Mapping[str, Any]) -> dict[str, Any]:
    return {**_usage(told), "output_tokens": 1, "output_tokens_details": None}
