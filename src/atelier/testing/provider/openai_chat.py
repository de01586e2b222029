"""The dialect of OpenAI's chat completions."""

from collections.abc import Iterator, Mapping
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
from atelier.testing.provider.dialect import CREATED, identity, pieces, written
from atelier.testing.provider.failure import Failure
from atelier.testing.provider.openai_errors import openai_failure
from atelier.testing.provider.reply import Finish, Reply, plus, usage_member
from atelier.testing.provider.wire import Event, event

_FINISH = {
    Finish.STOP: "stop",
    Finish.LENGTH: "length",
    Finish.FILTER: "content_filter",
    Finish.REFUSAL: "stop",
    Finish.TOOL: "tool_calls",
}


class OpenAIChat:
    """`POST /v1/chat/completions`."""

    name = "openai-chat"
    route = pattern(r"/v1/chat/completions")

    def asked(self, _route: Match[str], body: dict[str, Any]) -> Asked:
        """The request, read out of the dialect."""
        turns = as_objects(body.get("messages"))
        return Asked(
            dialect=self.name,
            model=str(body.get("model", "")),
            stream=body.get("stream") is True,
            prompt=joined(text for turn in turns for text in texts(turn.get("content"))),
            wanted=_wanted(body),
            body=body,
        )

    def document(self, asked: Asked, reply: Reply) -> Any:
        """The answer as one document."""
        refused = reply.finish is Finish.REFUSAL
        message: dict[str, Any] = {
            "role": "assistant",
            "content": None if refused or reply.call else reply.text,
            "refusal": reply.text if refused else None,
        }
        if reply.call:
            message["tool_calls"] = [_call(asked, reply.call.name, reply.call.arguments)]
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": _FINISH[reply.finish],
        }
        return {
            **_frame(asked, reply, "chat.completion"),
            "choices": [choice],
            **usage_member(reply, "usage", _usage),
        }

    def events(self, asked: Asked, reply: Reply) -> Iterator[Event]:
        """The answer as a stream, to its end."""
        frame = _frame(asked, reply, "chat.completion.chunk")
        with_usage = as_object(asked.body.get("stream_options")).get("include_usage") is True

        def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
            return written({**frame, "choices": [choice]})

        yield event("open", chunk({"role": "assistant", "content": "", "refusal": None}))
        for delta in _deltas(asked, reply):
            yield event("delta", chunk(delta))
        yield event("finish", chunk({}, _FINISH[reply.finish]))
        usage = usage_member(reply, "usage", _usage)
        if with_usage and usage:
            yield event("usage", written({**frame, "choices": [], **usage}))
        yield event("done", "[DONE]")

    def failure(self, failure: Failure, asked: Asked) -> tuple[int, Any]:
        """The status and the document of an error."""
        return openai_failure(failure, asked)

    def failure_event(self, failure: Failure, asked: Asked) -> Event:
        """The error as it is reported inside a stream."""
        return event("error", written(openai_failure(failure, asked)[1]))


def _wanted(body: Mapping[str, Any]) -> Wanted:
    form = as_object(body.get("response_format"))
    if form.get("type") == "json_schema":
        return Wanted("schema", as_object(as_object(form.get("json_schema")).get("schema")))
    tools = [as_object(tool.get("function")) for tool in as_objects(body.get("tools"))]
    choice = body.get("tool_choice")
    tool = wanted_tool(
        [(str(tool.get("name")), tool.get("parameters")) for tool in tools],
        forced=choice == "required",
        name=str(as_object(as_object(choice).get("function")).get("name", "")),
    )
    return tool or Wanted("json" if form.get("type") == "json_object" else "text")


def _frame(asked: Asked, reply: Reply, kind: str) -> dict[str, Any]:
    return {
        "id": identity("chatcmpl-", asked),
        "object": kind,
        "created": CREATED,
        "model": reply.model or asked.model,
        "service_tier": "default",
        "system_fingerprint": reply.fingerprint,
    }


def _call(asked: Asked, name: str, arguments: str) -> dict[str, Any]:
    return {
        "id": identity("call_", asked),
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }


def _deltas(asked: Asked, reply: Reply) -> Iterator[dict[str, Any]]:
    if reply.call is None:
        member = "refusal" if reply.finish is Finish.REFUSAL else "content"
        yield from ({member: piece} for piece in pieces(reply.text))
        return
    yield {"tool_calls": [{"index": 0, **_call(asked, reply.call.name, "")}]}
    for piece in pieces(reply.call.arguments):
        yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}


def _usage(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "prompt_tokens": told.get("input"),
        "completion_tokens": told.get("output"),
        "total_tokens": plus(told.get("input"), told.get("output")),
        "prompt_tokens_details": {"cached_tokens": told.get("cached"), "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": told.get("reasoning"),
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
