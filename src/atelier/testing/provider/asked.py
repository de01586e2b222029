"""A request as the fake provider understood it, whatever its dialect."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

WantedKind = Literal["text", "json", "schema", "tool"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The form of answer that a request asks for; `name` is the tool that must be called."""

    kind: WantedKind = "text"
    schema: Mapping[str, Any] | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a script decides by: the request, read out of its dialect.

    `prompt` is every instruction and every turn, in order, with an empty line between them;
    `repeat` counts the equal bodies that came before. The credential is masked in `headers`.
    """

    dialect: str
    model: str
    prompt: str
    stream: bool = False
    wanted: Wanted = field(default_factory=Wanted)
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])
    digest: str = ""
    repeat: int = 0
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    secrets: tuple[str, ...] = field(default=(), repr=False, compare=False)


def as_object(value: object) -> dict[str, Any]:
    """A JSON object, or the empty one where the value is none."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def as_objects(value: object) -> list[dict[str, Any]]:
    """The JSON objects of an array; whatever else stands in it is left out."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]


def joined(parts: Iterable[str]) -> str:
    r"""The texts of a request as one prompt; empty ones are left out.

    Example:
        >>> joined(["Be terse.", "", "Hello."])
        'Be terse.\n\nHello.'
    """
    return "\n\n".join(part for part in parts if part)


def texts(content: object) -> list[str]:
    """The texts in a message's content: a string, or a list of parts that have a `text`.

    Example:
        >>> texts("a"), texts([{"type": "text", "text": "b"}, {"type": "image"}])
        (['a'], ['b'])
    """
    if isinstance(content, str):
        return [content]
    found = [part.get("text") for part in as_objects(content)]
    return [text for text in found if isinstance(text, str)]


def wanted_tool(
    tools: Iterable[tuple[str, object]], *, forced: bool, name: str = ""
) -> Wanted | None:
    """The tool that a request says must be called: the one it names, else its first.

    Example:
        >>> wanted_tool([("final_result", {"type": "object"})], forced=True)
        Wanted(kind='tool', schema={'type': 'object'}, name='final_result')
        >>> wanted_tool([("search", {})], forced=False)
    """
    for offered, schema in tools:
        if (forced and not name) or (name and offered == name):
            return Wanted("tool", as_object(schema), offered)
    return None
