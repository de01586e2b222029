"""The API's description: as committed, and as the application answers."""

import json
from pathlib import Path
from typing import Any

from atelier.observatory.api.table import API, description
from atelier.observatory.doors.scope import Scope

COMMITTED = Path(__file__).parents[2] / "docs/reference/openapi.json"


def test_the_committed_description_is_what_the_routes_say() -> None:
    assert json.loads(COMMITTED.read_text()) == description(), "run: python docs/generate.py"


def test_every_route_of_the_api_is_described() -> None:
    assert [
        route.path for route in API if route.path.startswith("/api/") and not route.operation
    ] == []


def test_every_operation_names_its_scope() -> None:
    scopes = {
        told["x-scope"] for methods in description()["paths"].values() for told in methods.values()
    }
    assert scopes == {Scope.READ.word, Scope.RUN.word, Scope.ADMIN.word}


def test_operations_are_named_once() -> None:
    names = [
        told["operationId"]
        for methods in description()["paths"].values()
        for told in methods.values()
    ]
    assert len(names) == len(set(names))


def test_every_reference_is_there() -> None:
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            found.update(item for name, item in value.items() if name == "$ref")
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(description())
    known = {f"#/components/schemas/{name}" for name in description()["components"]["schemas"]}
    assert found <= known
