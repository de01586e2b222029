"""The schemas of our values, made from their types just as `to_json` makes JSON of them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from types import UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

_PLAIN: Mapping[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


class Schemas:
    """Schemas by the name of their type; each is written once, and referred to."""

    def __init__(self) -> None:
        self.named: dict[str, dict[str, Any]] = {}

    def of(self, kind: Any) -> dict[str, Any]:
        """The schema of a type; a type that says its own JSON is any value.

        Example:
            >>> Schemas().of(tuple[str, ...])
            {'type': 'array', 'items': {'type': 'string'}}
            >>> Schemas().of(int | None)
            {'anyOf': [{'type': 'integer'}, {'type': 'null'}]}
        """
        if kind in _PLAIN:
            return {"type": _PLAIN[kind]}
        if isinstance(kind, type):
            return self._of_class(cast("type[Any]", kind))
        origin, arguments = get_origin(kind), get_args(kind)
        if origin in {Union, UnionType}:
            return {"anyOf": [self.of(item) for item in arguments]}
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of(arguments[1])}
        if isinstance(origin, type) and issubclass(origin, Sequence):
            return {"type": "array", "items": self.of(arguments[0])}
        return {}

    def _of_class(self, kind: type[Any]) -> dict[str, Any]:
        if kind is type(None):
            return {"type": "null"}
        if issubclass(kind, Enum):
            return {"enum": [item.value for item in kind]}
        if hasattr(kind, "as_json") or not is_dataclass(kind):
            return {}
        if kind.__name__ not in self.named:
            self.named[kind.__name__] = {}  # a type may hold itself
            self.named[kind.__name__] = self._record(kind)
        return {"$ref": f"#/components/schemas/{kind.__name__}"}

    def _record(self, kind: type[Any]) -> dict[str, Any]:
        hints = get_type_hints(kind)
        names = [item.name for item in fields(kind)]
        doc = (kind.__doc__ or "").strip().partition("\n\n")[0]
        return {
            "type": "object",
            "description": " ".join(doc.split()),
            "properties": {name: self.of(hints[name]) for name in names},
            "required": names,
        }
