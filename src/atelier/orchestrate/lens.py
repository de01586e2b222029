"""Lenses: a consumer whose annotation is narrower than its producer's depends on that much only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from atelier.kernel.digest import digest_bytes
from atelier.kernel.form import Form

# Keywords that do not decide whether one schema's values fit another.
_SILENT = frozenset({"default", "description", "title", "examples", "$defs"})


@dataclass(frozen=True, slots=True)
class Fit:
    """How a producer's output fits a consumer: as it is, through a lens, or not at all."""

    lens: bool = False
    problem: str = ""
    warning: str = ""


def fit(producer: Form[Any], consumer: Form[Any]) -> Fit:
    """Whether every value that `producer` writes can be read by `consumer`, and how.

    Required fields must be a subset with equal schemas. A consumer that forbids extra fields
    cannot be narrower; one that keeps them depends on the whole value.
    """
    if producer.digest == consumer.digest:
        return Fit()
    found = _Comparison(producer.schema, consumer.asked)
    return Fit(
        lens=True, problem=found.problem(producer.schema, consumer.asked, ""), warning=found.warning
    )


def project(data: bytes, lens: Form[Any]) -> tuple[bytes, str]:
    """The canonical bytes and the digest of what a lens sees of a value.

    Raises:
        pydantic.ValidationError: the value does not fit.
    """
    seen = lens.encode(lens.decode(data))
    return seen, digest_bytes(seen)


class _Comparison:
    """One comparison of two schemas; `$ref`s are resolved in the document that they stand in."""

    def __init__(self, producer: Mapping[str, Any], consumer: Mapping[str, Any]) -> None:
        self.warning = ""
        self._producer = producer.get("$defs", {})
        self._consumer = consumer.get("$defs", {})
        self._open: set[tuple[str, str]] = set()

    def problem(self, made: Any, wanted: Any, path: str) -> str:
        """The first reason why a made value may not fit, or nothing."""
        pair = (str(made.get("$ref", "")), str(wanted.get("$ref", "")))
        if pair != ("", "") and pair in self._open:
            return ""  # a recursive type: this pair is already being compared
        self._open.add(pair)
        made, wanted = _resolve(made, self._producer), _resolve(wanted, self._consumer)
        if not _binding(wanted):
            return ""  # the consumer takes anything
        if wanted.get("type") == made.get("type") == "object" and (
            "properties" in wanted or "properties" in made
        ):
            return self._object(made, wanted, path)
        if wanted.get("type") == made.get("type") == "array" and "items" in wanted:
            return self.problem(made.get("items", {}), wanted["items"], f"{path}[]")
        return self._other(made, wanted, path)

    def _object(self, made: Mapping[str, Any], wanted: Mapping[str, Any], path: str) -> str:
        have = cast("dict[str, Any]", made.get("properties", {}))
        want = cast("dict[str, Any]", wanted.get("properties", {}))
        surplus = sorted(have.keys() - want.keys())
        if surplus and wanted.get("additionalProperties") is False:
            return f"{path or '/'} forbids the field {surplus[0]!r} that is produced"
        if surplus and wanted.get("additionalProperties") is True:
            self.warning = f"{path or '/'} keeps extra fields, so it depends on the whole value"
        for name in want:
            if name in have:
                found = self.problem(have[name], want[name], f"{path}/{name}")
                if found:
                    return found
            elif name in wanted.get("required", []):
                return f"{path}/{name} is required and not produced"
        return ""

    def _other(self, made: Mapping[str, Any], wanted: Mapping[str, Any], path: str) -> str:
        options = wanted.get("anyOf")
        if options is not None:
            makes = made.get("anyOf", [made])
            misfits = (
                option
                for option in makes
                if all(self.problem(option, choice, path) for choice in options)
            )
            if next(misfits, None) is None:
                return ""
        elif _binding(made) == _binding(wanted) or _widens(made, wanted):
            return ""
        return f"{path or '/'} is {_named(made)}, not {_named(wanted)}"


def _resolve(schema: Any, definitions: Mapping[str, Any]) -> dict[str, Any]:
    found = cast("dict[str, Any]", schema)
    while "$ref" in found:
        found = definitions[found["$ref"].removeprefix("#/$defs/")]
    if list(_binding(found)) == ["allOf"] and len(found["allOf"]) == 1:
        return _resolve(found["allOf"][0], definitions)
    return found


def _binding(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in _SILENT}


def _widens(made: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """A closed set of strings is a string, an integer is a number, and a tuple is a list."""
    makes, takes = made.get("type"), wanted.get("type")
    if makes == "integer" and _binding(wanted) == {"type": "number"}:
        return True
    return makes == takes and list(_binding(wanted)) == ["type"]


def _named(schema: Mapping[str, Any]) -> str:
    for key in ("const", "enum", "type", "format"):
        if key in schema:
            return str(schema[key])
    return " or ".join(_named(option) for option in schema.get("anyOf", [])) or "anything"
