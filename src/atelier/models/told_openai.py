"""What an answer in OpenAI's two dialects says of itself: chat completions, and responses."""

from collections.abc import Mapping, Sequence
from typing import Any

from atelier.models.events import is_done
from atelier.models.fault import Fault
from atelier.models.told import STOP, Told, known, last, table, tables, text

_FINISHES: Mapping[str, str | Fault] = {
    "stop": STOP,
    "eos": STOP,
    "length": Fault.LENGTH,
    "content_filter": Fault.FILTER,
    "tool_calls": Fault.TOOL_CALL,
    "function_call": Fault.TOOL_CALL,
}
_INCOMPLETE: Mapping[str, Fault] = {
    "max_output_tokens": Fault.LENGTH,
    "content_filter": Fault.FILTER,
}


def told_by_chat(documents: Sequence[dict[str, Any]], *, stream: bool) -> Told:
    """What a chat completion says; a stream has ended when its reason and its marker are there."""
    choices = [choice for document in documents for choice in tables(document.get("choices"))]
    finish = text(last(choices, "finish_reason"))
    whole = not stream or any(is_done(document) for document in documents)
    said = [table(choice.get("delta" if stream else "message")) for choice in choices]
    usage = table(last(documents, "usage"))
    return Told(
        model=text(last(documents, "model")),
        finish=_FINISHES.get(finish, Fault.PROTOCOL) if finish and whole else None,
        said_finish=finish,
        usage={
            "input_tokens": usage.get("prompt_tokens"),
            "cached_tokens": table(usage.get("prompt_tokens_details")).get("cached_tokens"),
            "output_tokens": usage.get("completion_tokens"),
            "reasoning_tokens": table(usage.get("completion_tokens_details")).get(
                "reasoning_tokens"
            ),
        },
        facts=known(id=last(documents, "id"), fingerprint=last(documents, "system_fingerprint")),
        refusal="".join(text(part.get("refusal")) for part in said),
        error=last(documents, "error"),
    )


def told_by_responses(documents: Sequence[dict[str, Any]], *, stream: bool) -> Told:
    """What a response says; the last event of a stream holds it whole."""
    whole = whole_response(documents) if stream else documents[0]
    parts = [part for item in tables(whole.get("output")) for part in tables(item.get("content"))]
    status = text(whole.get("status"))
    reason = text(table(whole.get("incomplete_details")).get("reason"))
    finish: str | Fault | None = {
        "completed": STOP,
        "incomplete": _INCOMPLETE.get(reason, Fault.PROTOCOL),
        "cancelled": Fault.CUT,
    }.get(status)
    if any(item.get("type") == "function_call" for item in tables(whole.get("output"))):
        finish = Fault.TOOL_CALL if finish == STOP else finish
    usage = table(whole.get("usage"))
    return Told(
        model=text(whole.get("model")),
        finish=finish,
        said_finish=reason or status,
        usage={
            "input_tokens": usage.get("input_tokens"),
            "cached_tokens": table(usage.get("input_tokens_details")).get("cached_tokens"),
            "output_tokens": usage.get("output_tokens"),
            "reasoning_tokens": table(usage.get("output_tokens_details")).get("reasoning_tokens"),
        },
        facts=known(id=whole.get("id")),
        refusal="".join(text(part.get("refusal")) for part in parts),
        error=whole.get("error") or _error_event(documents),
    )


_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed"})


def whole_response(documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The response that the last event of a stream holds; empty where there is no such event."""
    ends = [document for document in documents if str(document.get("type")) in _ENDS]
    return table(ends[-1].get("response")) if ends else {}


def _error_event(documents: Sequence[dict[str, Any]]) -> object:
    return next((event for event in documents if event.get("type") == "error"), None)
