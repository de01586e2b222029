"""The dialect of Google's Gemini."""

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
from atelier.testing.provider.reply import Finish, Reply, less, plus, usage_member
from atelier.testing.provider.wire import Event, event

_FINISH = {
    Finish.STOP: "STOP",
    Finish.LENGTH: "MAX_TOKENS",
    Finish.FILTER: "SAFETY",
    Finish.REFUSAL: "PROHIBITED_CONTENT",
    Finish.TOOL: "STOP",
}
# Of each error: its status, its words.
_ERRORS: dict[Failure, tuple[str, str]] = {
    Failure.BAD_REQUEST: ("INVALID_ARGUMENT", "Request contains an invalid argument."),
    Failure.BAD_KEY: ("INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
    Failure.QUOTA: (
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    Failure.PAYMENT: ("FAILED_PRECONDITION", "Please enable billing on your project."),
    Failure.FORBIDDEN: ("PERMISSION_DENIED", "The caller does not have permission."),
    Failure.NO_MODEL: ("NOT_FOUND", "models/{model} is not found for API version v1beta."),
    Failure.PROXY: ("UNAUTHENTICATED", "Proxy authentication required."),
    Failure.TOO_LARGE: ("INVALID_ARGUMENT", "Request payload size exceeds the limit."),
    Failure.UNPROCESSABLE: ("INVALID_ARGUMENT", "The request cannot be processed."),
    Failure.CONTEXT_WINDOW: (
        "INVALID_ARGUMENT",
        "The input token count (1048600) exceeds the maximum number of tokens allowed (1048576).",
    ),
    Failure.RATE_LIMIT: ("RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    Failure.SERVER: ("INTERNAL", "An internal error has occurred."),
    Failure.BAD_GATEWAY: ("INTERNAL", "Bad gateway."),
    Failure.UNAVAILABLE: ("UNAVAILABLE", "The service is currently unavailable."),
    Failure.GATEWAY_TIMEOUT: ("DEADLINE_EXCEEDED", "The deadline expired."),
    Failure.OVERLOADED: ("UNAVAILABLE", "The model is overloaded. Please try again later."),
}
_STATUS = {
    **STATUS,
    Failure.BAD_KEY: 400,
    Failure.PAYMENT: 400,
    Failure.TOO_LARGE: 413,
    Failure.OVERLOADED: 503,
}
_RPC = "type.googleapis.com/google.rpc."
_DETAILS: dict[Failure, list[dict[str, Any]]] = {
    Failure.BAD_KEY: [
        {"@type": f"{_RPC}ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}
    ],
    Failure.QUOTA: [
        {
            "@type": f"{_RPC}QuotaFailure",
            "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}],
        }
    ],
}


class Google:
    """`POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent`."""

    name = "google"
    route = pattern(
        r"/v1(?:beta|alpha)?/models/(?P<model>[^/:]+):"
        r"(?P<verb>generateContent|streamGenerateContent)"
    )

    def asked(self, route: Match[str], body: dict[str, Any]) -> Asked:
        """The request, read out of the dialect."""
        turns = [as_object(body.get("systemInstruction")), *as_objects(body.get("contents"))]
        return Asked(
            dialect=self.name,
            model=route["model"],
            stream=route["verb"] == "streamGenerateContent",
            prompt=joined(text for turn in turns for text in texts(turn.get("parts"))),
            wanted=_wanted(body),
            body=body,
        )

    def document(self, asked: Asked, reply: Reply) -> Any:
        """The answer as one document."""
        parts = [_call(reply)] if reply.call else [{"text": reply.text}] if reply.text else []
        return _chunk(asked, reply, parts, finished=True)

    def events(self, asked: Asked, reply: Reply) -> Iterator[Event]:
        """The answer as a stream; its end is the chunk that has a finish reason."""
        texts_ = pieces(reply.text)
        for piece in [] if reply.call else texts_[:-1]:
            document = _chunk(asked, reply, [{"text": piece}], finished=False)
            yield event("delta", written(document))
        last = [_call(reply)] if reply.call else [{"text": piece} for piece in texts_[-1:]]
        yield event("finish", written(_chunk(asked, reply, last, finished=True)))

    def failure(self, failure: Failure, asked: Asked) -> tuple[int, Any]:
        """The status and the document of an error."""
        status, words = _ERRORS[failure]
        error: dict[str, Any] = {
            "code": _STATUS[failure],
            "message": words.format(model=asked.model),
            "status": status,
        }
        if failure in _DETAILS:
            error["details"] = _DETAILS[failure]
        return _STATUS[failure], {"error": error}

    def failure_event(self, failure: Failure, asked: Asked) -> Event:
        """The error as it is reported inside a stream."""
        return event("error", written(self.failure(failure, asked)[1]))


def _wanted(body: Mapping[str, Any]) -> Wanted:
    config = as_object(body.get("generationConfig"))
    schema = as_object(config.get("responseJsonSchema")) or as_object(config.get("responseSchema"))
    if schema:
        return Wanted("schema", schema)
    calling = as_object(as_object(body.get("toolConfig")).get("functionCallingConfig"))
    allowed: list[Any] = calling.get("allowedFunctionNames") or [""]
    tool = wanted_tool(
        _tools(body), forced=calling.get("mode") == "ANY" and not allowed[0], name=str(allowed[0])
    )
    as_json = config.get("responseMimeType") == "application/json"
    return tool or Wanted("json" if as_json else "text")


def _tools(body: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    # The client library spells the schema of a tool in snake case.
    names = ("parameters_json_schema", "parametersJsonSchema", "parameters")
    for group in as_objects(body.get("tools")):
        for tool in as_objects(group.get("functionDeclarations")):
            schemas = [tool[name] for name in names if name in tool]
            yield str(tool.get("name")), schemas[0] if schemas else None


def _call(reply: Reply) -> dict[str, Any]:
    called = reply.call
    if called is None:
        return {"text": reply.text}
    try:
        arguments = loads(called.arguments)
    except ValueError:
        # The document has no place for arguments that are no JSON.
        return {"text": called.arguments}
    return {"functionCall": {"name": called.name, "args": arguments}}


def _chunk(asked: Asked, reply: Reply, parts: list[Any], *, finished: bool) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
    if finished:
        candidate["finishReason"] = _FINISH[reply.finish]
    return {
        "candidates": [candidate],
        **(usage_member(reply, "usageMetadata", _usage) if finished else {}),
        "modelVersion": reply.model or asked.model,
        "responseId": identity("", asked),
    }


def _usage(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "promptTokenCount": told.get("input"),
        "cachedContentTokenCount": told.get("cached"),
        "candidatesTokenCount": less(told.get("output"), told.get("reasoning")),
        "thoughtsTokenCount": told.get("reasoning"),
        "totalTokenCount": plus(told.get("input"), told.get("output")),
    }
