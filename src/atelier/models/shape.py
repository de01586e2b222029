"""How an answer of any form is asked for where a provider wants an object, and taken out again."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

_INNER = "answer"
_WRAPPED = re.compile(r'\s*\{\s*"answer"\s*:(?P<inner>.*)\}\s*', re.DOTALL)


def is_wrapped(schema: Mapping[str, Any]) -> bool:
    """Whether answers of this form travel inside an object.

    Example:
        >>> is_wrapped({"type": "object"}), is_wrapped({"type": "array"}), is_wrapped({})
        (False, True, False)
    """
    resolved = schema
    while (name := str(resolved.get("$ref", "")).removeprefix("#/$defs/")) and name in schema.get(
        "$defs", {}
    ):
        resolved = schema["$defs"][name]
    return bool(schema) and resolved.get("type") != "object"


def wrap(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The form as it is asked for; definitions stay at the root, where references look for them.

    Example:
        >>> wrap({"type": "array", "$defs": {"A": {}}})["properties"]
        {'answer': {'type': 'array'}}
    """
    if not is_wrapped(schema):
        return dict(schema)
    inner = {name: value for name, value in schema.items() if name != "$defs"}
    return {
        "type": "object",
        "properties": {_INNER: inner},
        "required": [_INNER],
        "additionalProperties": False,
        **({"$defs": schema["$defs"]} if "$defs" in schema else {}),
    }


def unwrap(text: str, schema: Mapping[str, Any]) -> str:
    """The JSON of the answer; a text that is not in the form stays as it is, to be refused.

    Example:
        >>> unwrap('{"answer": [1.0]}', {"type": "array"}), unwrap("so", {"type": "array"})
        ('[1.0]', 'so')
    """
    found = _WRAPPED.fullmatch(text) if is_wrapped(schema) else None
    if found is None:
        return text
    try:  # cut out and not written anew: numbers and repeated keys stay as they were said
        orjson.loads(found["inner"])
    except orjson.JSONDecodeError:
        return text
    return found["inner"].strip()


def unfenced(text: str) -> str:
    r"""An answer without the Markdown fence that stands around the whole of it.

    Example:
        >>> unfenced('```json\n{"a": 1}\n```')
        '{"a": 1}'
    """
    lines = text.strip().split("\n")
    if len(lines) > 2 and lines[0] in {"```", "```json"} and lines[-1] == "```":
        return "\n".join(lines[1:-1])
    return text
