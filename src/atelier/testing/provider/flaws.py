"""Answers that break their schema, or that are no JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from json import loads
from typing import Any, cast

from atelier.testing.provider.asked import Asked, as_object
from atelier.testing.provider.behaviour import Behaviour
from atelier.testing.provider.dialect import written
from atelier.testing.provider.obedient import text_in_form
from atelier.testing.provider.reply import Reply

_NESTING = 300


class Flaw(StrEnum):
    """What is wrong with an answer."""

    MISSING_FIELD = "missing field"
    EXTRA_FIELD = "extra field"
    WRONG_TYPE = "wrong type"
    ENUM = "not among the choices"
    NAN = "NaN"
    DEEP = "deep nesting"
    DUPLICATE_KEYS = "duplicate keys"
    TRAILING_PROSE = "trailing prose"
    LEADING_PROSE = "leading prose"
    FENCED = "fenced JSON"
    TRUNCATED = "truncated JSON"
    SURROGATE = "lone surrogate"
    HUGE_NUMBER = "number beyond a double"


@dataclass(frozen=True, slots=True)
class Flawed(Behaviour):
    """Spoils the answer that it is given in one way; the provider tells it as if all were well.

    What is wrong with a field is wrong with the first one that it can be wrong with. Where a
    dialect has no place for a tool's arguments that are no JSON, they become text.
    """

    flaw: Flaw

    def reply(self, asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        return text_in_form(asked, reply, _FLAWS[self.flaw](reply.said, asked))


def _object(text: str) -> dict[str, Any]:
    try:
        value: Any = loads(text)
    except ValueError:
        value = text
    return as_object(cast("object", value)) or {"text": value}


def _first(spoilt: Any) -> Callable[[str, Asked], str]:
    """The answer with its first field replaced."""

    def spoil(text: str, _: Asked) -> str:
        value = _object(text)
        return written({**value, next(iter(value)): spoilt})

    return spoil


def _missing(text: str, asked: Asked) -> str:
    value = _object(text)
    required: list[str] = list(as_object(asked.wanted.schema).get("required") or value)
    return written({key: item for key, item in value.items() if key != required[0]})


def _choice(text: str, asked: Asked) -> str:
    value = _object(text)
    root = as_object(asked.wanted.schema)
    properties = as_object(root.get("properties"))
    limited = [key for key in value if "enum" in _resolved(root, as_object(properties.get(key)))]
    return written({**value, (limited or list(value))[0]: "no such choice"})


def _resolved(root: Mapping[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return as_object(as_object(root.get("$defs")).get(name)) or schema


def _twice(text: str, _: Asked) -> str:
    value = _object(text)
    key = next(iter(value))
    return f"{{{written(key)}:{written('said first')},{written(value)[1:]}"


def _deep(text: str, asked: Asked) -> str:
    spoilt = _first("DEEP")(text, asked)
    return spoilt.replace('"DEEP"', "[" * _NESTING + "]" * _NESTING, 1)


_FLAWS: dict[Flaw, Callable[[str, Asked], str]] = {
    Flaw.MISSING_FIELD: _missing,
    Flaw.EXTRA_FIELD: lambda text, _: written({**_object(text), "unasked": True}),
    Flaw.WRONG_TYPE: _first([{"of": "another type"}]),
    Flaw.ENUM: _choice,
    Flaw.NAN: _first(float("nan")),
    Flaw.DEEP: _deep,
    Flaw.DUPLICATE_KEYS: _twice,
    Flaw.TRAILING_PROSE: lambda text, _: f"{text}\n\nLet me know if you need anything else!",
    Flaw.LEADING_PROSE: lambda text, _: f"Here is your answer:\n\n{text}",
    Flaw.FENCED: lambda text, _: f"```json\n{text}\n```",
    Flaw.TRUNCATED: lambda text, _: text[: len(text) // 2],
    Flaw.SURROGATE: lambda text, asked: _first("SURROGATE")(text, asked).replace(
        '"SURROGATE"', '"\\ud800"', 1
    ),
    Flaw.HUGE_NUMBER: lambda text, asked: _first("HUGE")(text, asked).replace('"HUGE"', "1e400", 1),
}
