"""What an answer in Anthropic's dialect says of itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from atelier.models.fault import Fault
from atelier.models.told import STOP, Told, known, last, table, text
from atelier.models.usage import added

_FINISHES: Mapping[str, str | Fault] = {
    "end_turn": STOP,
    "stop_sequence": STOP,
    "max_tokens": Fault.LENGTH,
    "model_context_window_exceeded": Fault.CONTEXT_WINDOW,
    "refusal": Fault.REFUSAL,
    "tool_use": Fault.TOOL_CALL,
}


def told_by_messages(documents: Sequence[dict[str, Any]], *, stream: bool) -> Told:
    """What a message says; a stream has ended when its reason and its last event are there."""
    message, end = documents[0], documents[0]
    if stream:
        message = table(last(documents, "message"))
        end = table(last([item for item in documents if item.get("type") == _DELTA], "delta"))
    finish = text(end.get("stop_reason"))
    whole = not stream or any(item.get("type") == "message_stop" for item in documents)
    usage = _usage(message, documents if stream else ())
    return Told(
        model=text(message.get("model")),
        finish=_FINISHES.get(finish, Fault.PROTOCOL) if finish and whole else None,
        said_finish=finish,
        usage={
            # The provider tells what was cached beside the input; here a total holds its parts.
            "input_tokens": added(
                usage.get("input_tokens"),
                usage.get("cache_read_input_tokens"),
                usage.get("cache_creation_input_tokens"),
            ),
            "cached_tokens": usage.get("cache_read_input_tokens"),
            "output_tokens": usage.get("output_tokens"),
        },
        facts=known(id=message.get("id")),
        error=next((item for item in documents if item.get("type") == "error"), None),
    )


_DELTA = "message_delta"


def _usage(message: dict[str, Any], events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The usage told at the start, with what later events say of it in its place."""
    usage = dict(table(message.get("usage")))
    for event in events:
        if event.get("type") == _DELTA:
            later = table(event.get("usage"))
            usage.update({name: value for name, value in later.items() if value is not None})
    return usage
