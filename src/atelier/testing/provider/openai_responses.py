"""The dialect of OpenAI's responses."""

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
from atelier.testing.provider.wire import Event, EventKind, event

_INCOMPLETE = {Finish.LENGTH: "max_output_tokens", Finish.FILTER: "content_filter"}


class OpenAIResponses:
    """`POST /v1/responses`."""

    name = "openai-responses"
    route = pattern(r"/v1/responses")

    def asked(self, _route: Match[str], body: dict[str, Any]) -> Asked:
        """The request, read out of the dialect."""
        given = body.get("input")
        turns = [given] if isinstance(given, str) else [t.get("content") for t in as_objects(given)]
        instructions = body.get("instructions")
        return Asked(
            dialect=self.name,
            model=str(body.get("model", "")),
            stream=body.get("stream") is True,
            prompt=joined(text for turn in (instructions, *turns) for text in texts(turn)),
            wanted=_wanted(body),
            body=body,
        )

    def document(self, asked: Asked, reply: Reply) -> Any:
        """The answer as one document."""
        ended = "incomplete" if reply.finish in _INCOMPLETE else "completed"
        return _response(asked, reply, status=ended, output=[_item(asked, reply, ended)])

    def events(self, asked: Asked, reply: Reply) -> Iterator[Event]:
        """The answer as a stream, to its end."""
        ended = "incomplete" if reply.finish in _INCOMPLETE else "completed"
        begun = {**_response(asked, reply, status="in_progress", output=[]), "usage": None}
        item = _item(asked, reply, ended)
        told: list[tuple[EventKind, str, dict[str, Any]]] = [
            ("open", "response.created", {"response": begun}),
            ("open", "response.in_progress", {"response": begun}),
            *_item_events(reply, item),
            ("done", f"response.{ended}", {"response": self.document(asked, reply)}),
        ]
        for number, (kind, name, members) in enumerate(told):
            data = {"type": name, "sequence_number": number, **members}
            yield event(kind, written(data), name=name)

    def failure(self, failure: Failure, asked: Asked) -> tuple[int, Any]:
        """The status and the document of an error."""
        return openai_failure(failure, asked)

    def failure_event(self, failure: Failure, asked: Asked) -> Event:
        """The error as it is reported inside a stream."""
        error = openai_failure(failure, asked)[1]["error"]
        told = {"code": error["code"] or error["type"], "message": error["message"], "param": None}
        data = {"type": "error", "sequence_number": 99, **told}
        return event("error", written(data), name="error")


def _wanted(body: Mapping[str, Any]) -> Wanted:
    form = as_object(as_object(body.get("text")).get("format"))
    if form.get("type") == "json_schema":
        return Wanted("schema", as_object(form.get("schema")))
    tools = as_objects(body.get("tools"))
    choice = body.get("tool_choice")
    tool = wanted_tool(
        [(str(tool.get("name")), tool.get("parameters")) for tool in tools],
        forced=choice == "required",
        name=str(as_object(choice).get("name", "")),
    )
    return tool or Wanted("json" if form.get("type") == "json_object" else "text")


def _response(asked: Asked, reply: Reply, *, status: str, output: list[Any]) -> dict[str, Any]:
    why = _INCOMPLETE.get(reply.finish) if status == "incomplete" else None
    return {
        "id": identity("resp_", asked),
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "error": None,
        "incomplete_details": {"reason": why} if why else None,
        "instructions": None,
        "metadata": {},
        "model": reply.model or asked.model,
        "output": output,
        "parallel_tool_calls": True,
        "temperature": None,
        "tool_choice": asked.body.get("tool_choice", "auto"),
        "tools": asked.body.get("tools", []),
        "top_p": None,
        **usage_member(reply, "usage", _usage),
    }


def _item(asked: Asked, reply: Reply, status: str) -> dict[str, Any]:
    if reply.call:
        return {
            "id": identity("fc_", asked),
            "type": "function_call",
            "status": status,
            "call_id": identity("call_", asked),
            "name": reply.call.name,
            "arguments": reply.call.arguments,
        }
    return {
        "id": identity("msg_", asked),
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": [_part(reply, reply.text)],
    }


def _part(reply: Reply, text: str) -> dict[str, Any]:
    if reply.finish is Finish.REFUSAL:
        return {"type": "refusal", "refusal": text}
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _item_events(
    reply: Reply, item: dict[str, Any]
) -> Iterator[tuple[EventKind, str, dict[str, Any]]]:
    place: dict[str, Any] = {"item_id": item["id"], "output_index": 0}
    empty: dict[str, Any] = {"arguments": ""} if reply.call else {"content": []}
    added: dict[str, Any] = {"output_index": 0, "item": {**item, "status": "in_progress", **empty}}
    yield "open", "response.output_item.added", added
    if reply.call:
        name = "response.function_call_arguments"
        for piece in pieces(reply.call.arguments):
            yield "delta", f"{name}.delta", {**place, "delta": piece}
        yield "close", f"{name}.done", {**place, "arguments": reply.call.arguments}
    else:
        place["content_index"] = 0
        refused = reply.finish is Finish.REFUSAL
        name, member = ("refusal", "refusal") if refused else ("output_text", "text")
        more: dict[str, Any] = {} if refused else {"logprobs": []}
        yield "open", "response.content_part.added", {**place, "part": _part(reply, "")}
        for piece in pieces(reply.text):
            yield "delta", f"response.{name}.delta", {**place, "delta": piece, **more}
        yield "close", f"response.{name}.done", {**place, member: reply.text, **more}
        yield "close", "response.content_part.done", {**place, "part": _part(reply, reply.text)}
    yield "finish", "response.output_item.done", {"output_index": 0, "item": item}


def _usage(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "input_tokens": told.get("input"),
        "input_tokens_details": {"cached_tokens": told.get("cached")},
        "output_tokens": told.get("output"),
        "output_tokens_details": {"reasoning_tokens": told.get("reasoning")},
        "total_tokens": plus(told.get("input"), told.get("output")),
    }
