"""The API's description, made from the table of routes and the types of the values."""

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from re import compile as pattern
from typing import Any, cast

from atelier.observatory.api.schema import Schemas
from atelier.observatory.doors.operation import Operation
from atelier.observatory.doors.path import form_of_part
from atelier.observatory.doors.route import Route
from atelier.observatory.doors.scope import Scope

_PART = pattern(r"\{([a-z_]+):([a-z]+)\}")
_FAILURE = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string"},
                "sentence": {"type": "string"},
                "facts": {"type": "object", "additionalProperties": {"type": "string"}},
                "next_step": {"type": "string"},
            },
            "required": ["code", "sentence", "facts", "next_step"],
        }
    },
    "required": ["error"],
}
_FAILURES = {
    "400": "The request is not written as it should be.",
    "401": "No valid token was shown.",
    "403": "The token has not the scope, or the request comes from elsewhere.",
    "404": "There is no such thing.",
    "422": "What was asked for does not fit.",
    "429": "Too much at once.",
    "503": "Not now.",
}
_CHANGING = {
    "409": "It cannot be done as things stand.",
    "413": "The body is too large.",
    "415": "The body is of another type.",
}


def describe(routes: Iterable[Route]) -> dict[str, Any]:
    """The OpenAPI 3.1 document of every route that has an operation."""
    schemas = Schemas()
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if route.operation is not None:
            path = _PART.sub(r"{\1}", route.path)
            for method in route.methods:
                told = _operation(route, route.operation, schemas)
                paths.setdefault(path, {})[method.lower()] = told
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Atelier Observatory",
            "version": version("atelier-harness").rpartition(".")[0],
            "description": "The ledger's reading as JSON; starting, cancelling and following runs.",
        },
        "security": [{"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {**dict(sorted(schemas.named.items())), "Failure": _FAILURE},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of `atelier token new`, with the scope of the operation.",
                }
            },
        },
    }


def _operation(route: Route, told: Operation, schemas: Schemas) -> dict[str, Any]:
    failures = _FAILURES if route.scope is Scope.READ else {**_FAILURES, **_CHANGING}
    found: dict[str, Any] = {
        "operationId": told.name,
        "summary": told.doc,
        "x-scope": route.scope.word,
        "parameters": [*_parts(route.path), *_asked(told)],
        "responses": {
            str(told.status): {
                "description": told.doc,
                "content": {told.media_type: {"schema": _schema(told.answer, schemas)}},
            },
            **{
                code: {
                    "description": text,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}
                    },
                }
                for code, text in failures.items()
            },
        },
    }
    if told.body is not None:
        content = {"application/json": {"schema": dict(told.body)}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _schema(answer: Any, schemas: Schemas) -> dict[str, Any]:
    if isinstance(answer, Mapping):
        return dict(cast("Mapping[str, Any]", answer))
    return schemas.of(answer)


def _parts(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": form_of_part(form)},
        }
        for name, form in _PART.findall(path)
    ]


def _asked(told: Operation) -> list[dict[str, Any]]:
    named = [
        {"name": item.name, "in": "query", "description": item.doc, "schema": dict(item.schema)}
        for item in told.asked
    ]
    if not told.takes_filters:
        return named
    filters = {
        "name": "filters",
        "in": "query",
        "style": "form",
        "explode": True,
        "description": "Conditions on columns: `status=failed`, `text.has=slept`, `seconds.from=2`.",
        "schema": {"type": "object", "additionalProperties": {"type": "string"}},
    }
    return [*named, filters]
