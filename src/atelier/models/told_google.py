"""What an answer in the dialect of Google's Gemini says of itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from atelier.models.fault import Fault
from atelier.models.told import STOP, Told, known, last, table, tables, text
from atelier.models.usage import added

_FINISHES: Mapping[str, str | Fault] = {
    "STOP": STOP,
    "MAX_TOKENS": Fault.LENGTH,
    "BLOCKLIST": Fault.FILTER,
    "IMAGE_SAFETY": Fault.FILTER,
    "LANGUAGE": Fault.FILTER,
    "PROHIBITED_CONTENT": Fault.FILTER,
    "RECITATION": Fault.FILTER,
    "SAFETY": Fault.FILTER,
    "SPII": Fault.FILTER,
    "MALFORMED_FUNCTION_CALL": Fault.TOOL_CALL,
    "UNEXPECTED_TOOL_CALL": Fault.TOOL_CALL,
}


def told_by_gemini(documents: Sequence[dict[str, Any]], *, stream: bool) -> Told:  # noqa: ARG001 - each chunk is a whole document here
    """What a generated content says; a stream has ended when its reason is there."""
    candidates = [item for document in documents for item in tables(document.get("candidates"))]
    finish = text(last(candidates, "finishReason"))
    blocked = text(table(last(documents, "promptFeedback")).get("blockReason"))
    ended: str | Fault | None = _FINISHES.get(finish, Fault.PROTOCOL) if finish else None
    if ended == STOP and _calls(candidates):
        ended = Fault.TOOL_CALL
    usage = table(last(documents, "usageMetadata"))
    return Told(
        model=text(last(documents, "modelVersion")),
        finish=Fault.FILTER if blocked else ended,
        said_finish=blocked or finish,
        usage={
            "input_tokens": added(
                usage.get("promptTokenCount"), usage.get("toolUsePromptTokenCount")
            ),
            "cached_tokens": usage.get("cachedContentTokenCount"),
            # What was thought is told beside what was said; here a total holds its parts.
            "output_tokens": added(
                usage.get("candidatesTokenCount"), usage.get("thoughtsTokenCount")
            ),
            "reasoning_tokens": usage.get("thoughtsTokenCount"),
        },
        facts=known(id=last(documents, "responseId")),
        error=last(documents, "error"),
    )


def _calls(candidates: Sequence[dict[str, Any]]) -> bool:
    parts = [
        part for item in candidates for part in tables(table(item.get("content")).get("parts"))
    ]
    return any("functionCall" in part for part in parts)
