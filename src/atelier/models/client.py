"""The protocol of a model client: one request in, one response out, every fact of it kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a request."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent: a pure function of its inputs, without clock, chance or run."""

    binding: Mapping[str, Any]
    messages: tuple[Message, ...]
    schema: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The form that is hashed and kept."""
        return {
            "binding": dict(self.binding),
            "messages": [{"role": turn.role, "text": turn.text} for turn in self.messages],
            "schema": dict(self.schema),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back; unknown usage is None, never zero."""

    text: str
    model: str
    raw: bytes = b""
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])


class ModelClient(Protocol):
    """One model behind a binding. It sends once: retries belong to the harness."""

    async def send(self, request: Request, /) -> Response:
        """The complete response.

        Raises:
            TransientError: the same request may succeed later.
            ExhaustedError: asking again cannot help: refusal, filter, length, quota, key.
        """
        ...
