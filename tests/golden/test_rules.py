"""A rules version stands for code: the same version never names two behaviours."""

import ast
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from atelier.kernel.digest import digest
from atelier.soqratic.reviewed import RULES as SOQRATIC
from atelier.soqratic.weighing import REVIEWING
from atelier.terra.checks import RULES as TERRA
from atelier.terra.judging import JUDGING

SOURCES = Path(__file__).resolve().parents[2] / "src" / "atelier"
GOLDEN = Path(__file__).with_name("rules.json")


@dataclass(frozen=True)
class Ruled:
    """A version, and the modules of its room that it stands for."""

    version: str
    home: str
    room: str
    modules: Callable[[str], bool]


# What a model's answer comes to has a version of its own: without a model the rules decide the same.
TERRA_ASKS = {"bounds", "grounding", "judgement", "judging", "near"}
SOQRATIC_ASKS = {"critique", "reviewing", "weighing"}
RULED = [
    Ruled(TERRA, "checks.py", "terra", lambda name: name not in TERRA_ASKS),
    Ruled(f"terra: {JUDGING}", "judging.py", "terra", TERRA_ASKS.__contains__),
    Ruled(SOQRATIC, "reviewed.py", "soqratic", lambda name: name not in SOQRATIC_ASKS),
    Ruled(f"soqratic: {REVIEWING}", "weighing.py", "soqratic", SOQRATIC_ASKS.__contains__),
]
_SILENT = {"ctx", "kind", "type_comment"}
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def tree(node: object) -> Iterator[str]:
    """A syntax tree as texts: blind to layout, comments, docstrings and the Python version."""
    if isinstance(node, ast.AST):
        yield f"({type(node).__name__}"
        for name, value in ast.iter_fields(node):
            if name in _SILENT or value is None or value == []:
                continue  # a field that a later Python adds is empty here
            yield name
            yield from tree(_undocumented(node) if name == "body" else value)
        yield ")"
    elif isinstance(node, list):
        for item in node:
            yield from tree(item)
    else:
        yield f"{type(node).__name__}:{node!r}"


def _undocumented(node: ast.AST) -> object:
    body = getattr(node, "body", None)
    has_text = isinstance(node, _DOCUMENTED) and ast.get_docstring(node) is not None
    return body[1:] if has_text and isinstance(body, list) else body


def rules_digest(ruled: Ruled) -> str:
    """The digest of what the modules of a version do."""
    folder = SOURCES / ruled.room
    return digest(
        {
            path.stem: list(tree(ast.parse(path.read_text(encoding="utf-8"))))
            for path in sorted(folder.glob("*.py"))
            if path.stem != "__init__" and ruled.modules(path.stem)
        }
    )


@pytest.mark.parametrize("ruled", RULED, ids=lambda ruled: ruled.version)
def test_changed_rules_have_a_new_version(ruled: Ruled) -> None:
    recorded = json.loads(GOLDEN.read_text(encoding="utf-8"))
    version, found = ruled.version, rules_digest(ruled)
    assert recorded.get(version) == found, (
        f"the code is not what {version!r} stands for. If what it decides can differ, raise the"
        f" version in src/atelier/{ruled.room}/{ruled.home} and add {found!r} for it to"
        f" {GOLDEN.name}; results of the old version are then made anew. If it cannot, record"
        f" {found!r} for {version!r}."
    )


def test_layout_and_docstrings_are_no_change_of_rules() -> None:
    one = 'def f(x):\n    """Doc."""\n    return x + 1  # why\n'
    other = "def f(x):\n\n    return (x\n        + 1)\n"
    assert list(tree(ast.parse(one))) == list(tree(ast.parse(other)))
    assert list(tree(ast.parse(one))) != list(tree(ast.parse(one.replace("1", "2"))))
