"""What the API's description says of a route: its questions, its body, its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Mapping[str, Any]
TEXT: Schema = {"type": "string"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One name behind the question mark."""

    name: str
    doc: str
    schema: Schema = field(default_factory=lambda: TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of the API. `answer` is a type of ours, or a schema as it stands."""

    name: str
    doc: str
    answer: Any = None
    status: int = 200
    media_type: str = "application/json"
    asked: tuple[Asked, ...] = ()
    takes_filters: bool = False
    body: Schema | None = None
