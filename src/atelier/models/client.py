"""The protocol of a model client: the network on one side, the reading of what came on the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol, cast

from atelier.kernel.canonical import Fixed
from atelier.kernel.digest import digest_bytes
from atelier.models.usage import Usage


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a request."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True)
class Request:
    """What is sent: a pure function of its inputs, without clock, chance or run."""

    binding: Mapping[str, Any]
    messages: tuple[Message, ...]
    schema: Mapping[str, Any]
    system: str = ""

    @property
    def sampling(self) -> Mapping[str, Any]:
        """The sampling settings of the binding; empty where it has none."""
        return cast("Mapping[str, Any]", self.binding.get("sampling") or {})

    @property
    def max_tokens(self) -> int | None:
        """The output limit; a binding that was read from a file always has one."""
        limit = self.sampling.get("max_tokens")
        return limit if isinstance(limit, int) else None

    def as_json(self) -> dict[str, Any]:
        """The form that is hashed and kept; a system text stands in it only where there is one."""
        return self._json

    @cached_property
    def _json(self) -> Fixed:
        return Fixed(
            binding=_json_of(self.binding),
            messages=[{"role": turn.role, "text": turn.text} for turn in self.messages],
            schema=_json_of(self.schema),
            **({"system": self.system} if self.system else {}),
        )

    @property
    def data(self) -> bytes:
        """The canonical bytes of that form."""
        return self._json.data

    @cached_property
    def digest(self) -> str:
        """The digest of those bytes."""
        return digest_bytes(self.data)


def _json_of(value: Mapping[str, Any]) -> dict[str, Any]:
    return value if isinstance(value, dict) else dict(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A complete answer, read from its receipt.

    `text` is the JSON of the answer where the request has a schema. `model` is the one that says
    that it answered. `facts` are for the record alone: request id, fingerprint, what was dropped.
    """

    text: str
    model: str
    usage: Usage = field(default_factory=Usage)
    finish: str = "stop"
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])


class ModelClient(Protocol):
    """One model behind a binding. It sends once: retries belong to the harness.

    Between the two calls the receipt is made durable, so a crash after the money was spent loses
    nothing, and a recorded answer is read again with the network closed.
    """

    async def send(self, request: Request, /) -> bytes:
        """The receipt: exactly what came back, an HTTP error answer too, with nothing parsed.

        Raises:
            StageError: nothing whole came.
        """
        ...

    async def read(self, request: Request, receipt: bytes, /) -> Response:
        """The complete response that a receipt holds: no network, no clock, always the same.

        Raises:
            TransientError: the same request may succeed later.
            RejectedError: an answer came, and not one that can be used: ask again.
            ExhaustedError: asking again cannot help: refusal, filter, length, quota, key.
        """
        ...
