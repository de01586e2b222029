"""A valid instance of a JSON schema, the same each time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from atelier.testing.provider.asked import as_object, as_objects

_DEEP = 6  # below this depth, what may be left out is left out
_FORMATS = {
    "date": "2026-03-01",
    "date-time": "2026-03-01T09:30:00Z",
    "time": "09:30:00Z",
    "duration": "PT1H",
    "email": "someone@example.org",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.org/",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
}
Say = Callable[[str], str]
# What an object is made of as a whole, where its maker knows better than the schema.
Whole = Callable[[Mapping[str, Any]], dict[str, Any]]


def _nothing(_: Mapping[str, Any]) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes instances: `say` gives a text by the name of its field, `known` fields of an object."""

    root: Mapping[str, Any]
    say: Say
    known: Whole = field(default=_nothing)

    def instance(self, schema: Mapping[str, Any], name: str = "answer", depth: int = 0) -> Any:
        """An instance; every field that is declared is there, and null only where nothing else is.

        Example:
            >>> Maker({}, lambda name: f"a {name}").instance(
            ...     {"type": "object", "properties": {"title": {"type": "string"}}}
            ... )
            {'title': 'a title'}
        """
        schema = self._resolved(schema)
        given = [schema[word] for word in ("const", "default") if word in schema]
        if "const" in schema or "enum" in schema or (given and depth > _DEEP):
            return [*given, *(schema.get("enum") or ())][0]
        choices = as_objects(schema.get("anyOf") or schema.get("oneOf"))
        if choices:
            return self.instance(self._choice(choices, depth), name, depth)
        match _type_of(schema, deep=depth > _DEEP):
            case "object":
                return self._object(schema, name, depth)
            case "array":
                return self._array(schema, name, depth)
            case "string":
                return self._text(schema, name)
            case kind:
                return _scalar(schema, kind)

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema with its reference followed and its parts merged."""
        for _ in range(20):
            target = schema.get("$ref")
            if not isinstance(target, str):
                break
            found: Any = self.root
            for step in target.removeprefix("#").split("/")[1:]:
                found = as_object(found).get(step.replace("~1", "/").replace("~0", "~"))
            others = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**as_object(found), **others}
        for part in as_objects(schema.get("allOf")):
            schema = _merged(schema, self._resolved(part))
        return schema

    def _choice(self, choices: list[dict[str, Any]], depth: int) -> Mapping[str, Any]:
        resolved = [self._resolved(choice) for choice in choices]
        nulls = [choice for choice in resolved if choice.get("type") == "null"]
        if nulls and depth > _DEEP:
            return nulls[0]
        return next((choice for choice in resolved if choice.get("type") != "null"), resolved[0])

    def _object(self, schema: Mapping[str, Any], name: str, depth: int) -> dict[str, Any]:
        properties = as_object(schema.get("properties"))
        required: list[str] = list(schema.get("required") or ())
        known = self.known(properties)
        made: dict[str, Any] = {}
        for key in properties:
            if key in known:
                made[key] = known[key]
            elif key in required or depth <= _DEEP:
                made[key] = self.instance(as_object(properties[key]), key, depth + 1)
        extra = schema.get("additionalProperties")
        for key in [key for key in required if key not in made]:
            made[key] = self.instance(as_object(extra), key, depth + 1)
        if isinstance(extra, dict) and not properties and depth <= _DEEP:
            for number in range(max(1, int(schema.get("minProperties", 1)))):
                key = f"{name}_{number + 1}"
                made[key] = self.instance(as_object(cast("object", extra)), key, depth + 1)
        return made

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        first = as_objects(schema.get("prefixItems"))
        made = [self.instance(item, name, depth + 1) for item in first]
        items = schema.get("items")
        if not isinstance(items, dict):
            return made
        least = int(schema.get("minItems", 0 if made or depth > _DEEP else 1))
        wanted = min(least, int(schema.get("maxItems", least)))
        for number in range(len(made), wanted):
            label = name if number == 0 else f"{name} {number + 1}"
            made.append(self.instance(as_object(cast("object", items)), label, depth + 1))
        return made

    def _text(self, schema: Mapping[str, Any], name: str) -> str:
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        text = self.say(name)
        least = int(schema.get("minLength", 0))
        while len(text) < least:
            text = f"{text} {text}"
        return text[: int(schema.get("maxLength", len(text)))]


def _type_of(schema: Mapping[str, Any], *, deep: bool) -> str:
    declared = schema.get("type")
    if isinstance(declared, list):
        kinds = cast("list[str]", declared)
        if deep and "null" in kinds:
            return "null"
        return next((kind for kind in kinds if kind != "null"), "null")
    if isinstance(declared, str):
        return declared.lower()
    guesses = {"properties": "object", "items": "array", "additionalProperties": "object"}
    return next((kind for key, kind in guesses.items() if key in schema), "string")


def _scalar(schema: Mapping[str, Any], kind: str) -> Any:
    scalars: dict[str, Any] = {"boolean": True, "null": None, "integer": int(_number(schema))}
    return scalars.get(kind, _number(schema))


def _number(schema: Mapping[str, Any]) -> float:
    step = schema.get("multipleOf", 1)
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    value: float = 1
    if low is not None and (value < low or value == schema.get("exclusiveMinimum")):
        value = low + (step if "exclusiveMinimum" in schema else 0)
    if high is not None and (value > high or value == schema.get("exclusiveMaximum")):
        middle = (low + high) / 2 if low is not None else high - step
        value = middle if "exclusiveMaximum" in schema else high
    if "multipleOf" in schema:
        value = step * -(-value // step)
    return value


def _merged(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**left, **right}
    for key in ("properties", "required"):
        if key in left and key in right:
            both = as_object(left[key]) | as_object(right[key])
            merged[key] = both or [*left[key], *right[key]]
    return merged
