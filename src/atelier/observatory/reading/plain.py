"""A value of this room as JSON: one way for the API, the command line and a page's data."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, cast

import orjson


def to_json(value: Any) -> Any:
    """A value as what JSON has: records by field, a record that says its own JSON by that.

    Example:
        >>> from atelier.isilon.origin import Origin
        >>> to_json({"at": Origin(file="a.md", line=2), "of": (1, None)})
        {'at': {'file': 'a.md', 'line': 2}, 'of': [1, None]}
    """
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str | int | float | bool | type(None)):
        return value
    if hasattr(value, "as_json"):
        return value.as_json()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        held = cast("Mapping[str, Any]", value)
        return {str(name): to_json(item) for name, item in held.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in cast("list[Any]", value)]
    raise TypeError(type(value).__name__)


def pretty(value: Any) -> str:
    """A JSON value as a person reads it: indented, in its own order."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
