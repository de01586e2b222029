"""What a receipt says before any library reads it: whether it holds an answer, and which."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from atelier.models.client import Request
from atelier.models.endpoint import Dialect
from atelier.models.events import NotAnAnswerError, is_stream, parse_documents
from atelier.models.fault import Asked, Fault, Found, ModelError, make_error
from atelier.models.http_error import read_error
from atelier.models.receipt import Receipt
from atelier.models.told import STOP, Told
from atelier.models.told_anthropic import told_by_messages
from atelier.models.told_google import told_by_gemini
from atelier.models.told_openai import told_by_chat, told_by_responses
from atelier.models.usage import Usage, parse_usage

_TOLD: Mapping[Dialect, Callable[..., Told]] = {
    "openai": told_by_chat,
    "openai-responses": told_by_responses,
    "anthropic": told_by_messages,
    "google": told_by_gemini,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """All of an answer but its text: it came whole, and ended as an answer ends.

    `unsaid` is what was used if the text proves to be empty: then no output is plausible too.
    """

    model: str
    usage: Usage
    unsaid: Usage
    facts: Mapping[str, Any]


def read_outline(receipt: Receipt, dialect: Dialect, asked: Asked) -> Outline:
    """The outline of the answer that a receipt holds.

    Raises:
        ModelError: it holds none: an error, something else than an answer, a part of one, or one
            that a limit, a filter or the model itself put an end to.
    """
    if receipt.status != 200:
        fault, found = read_error(receipt.status, receipt.headers, _error_document(receipt))
        raise make_error(fault, asked, found)
    stream = is_stream(receipt.body)
    try:
        documents = parse_documents(receipt.body)
    except NotAnAnswerError as error:
        raise _doubtful(Fault.PROTOCOL, asked, receipt, said=str(error)) from None
    if not documents:
        raise _doubtful(Fault.CUT, asked, receipt)
    told = _TOLD[dialect](documents, stream=stream)
    if told.error is not None:
        fault, found = read_error(200, receipt.headers, told.error, in_stream=stream)
        raise make_error(fault, asked, found)
    if (
        told.finish is None
    ):  # a plain document that names a model and no end broke off at its source
        fault = Fault.CUT if stream or told.model else Fault.PROTOCOL
        raise _doubtful(fault, asked, receipt)
    usage, suspect = parse_usage(told.usage, said=told.finish == STOP)
    _refuse_unusable(told, usage, asked)
    facts: dict[str, Any] = {**told.facts, **({"usage_suspect": True} if suspect else {})}
    unsaid, _ = parse_usage(told.usage, said=False)
    return Outline(model=told.model, usage=usage, unsaid=unsaid, facts=facts)


def dropped_settings(request: Request, wire: Mapping[str, Any]) -> list[str]:
    """The sampling settings that stand nowhere in what a library really sends.

    Example:
        >>> asked = Request({"sampling": {"temperature": 0, "top_p": 1}}, (), {})
        >>> dropped_settings(asked, {"generationConfig": {"topP": 1}})
        ['temperature']
    """
    sent = set(_names(wire))
    return [
        name
        for name in request.sampling
        if name in _ON_THE_WIRE and not sent & {name, *_ON_THE_WIRE[name]}
    ]


# Under which other names the dialects send a setting; what is not here is not looked for.
_ON_THE_WIRE: Mapping[str, tuple[str, ...]] = {
    "max_tokens": ("max_completion_tokens", "max_output_tokens", "maxOutputTokens"),
    "temperature": (),
    "top_p": ("topP",),
    "top_k": ("topK",),
    "seed": (),
    "presence_penalty": ("presencePenalty",),
    "frequency_penalty": ("frequencyPenalty",),
    "stop_sequences": ("stop", "stopSequences"),
    "thinking": ("reasoning_effort", "reasoning", "thinkingConfig"),
}


def _names(wire: Mapping[str, Any]) -> list[str]:
    inner = wire.get("generationConfig")
    return [*wire, *(inner if isinstance(inner, dict) else ())]


def _refuse_unusable(told: Told, usage: Usage, asked: Asked) -> None:
    fault, said = told.finish, told.said_finish
    if told.refusal:
        fault, said = Fault.REFUSAL, told.refusal
    # A tool's call is an answer where a tool was how it was asked for: whoever reads it decides.
    if isinstance(fault, Fault) and fault is not Fault.TOOL_CALL:
        found = Found(said=said, in_doubt=fault is Fault.CUT, usage=usage, served=told.model)
        raise make_error(fault, asked, found)


def _doubtful(fault: Fault, asked: Asked, receipt: Receipt, *, said: str = "") -> ModelError:
    """The error of what is no whole answer, though the provider took the request."""
    found = Found(status=receipt.status, said=said, in_doubt=True, partial=receipt.body)
    return make_error(fault, asked, found)


def _error_document(receipt: Receipt) -> object:
    try:
        return parse_documents(receipt.body)[0]
    except (NotAnAnswerError, IndexError):
        return None
