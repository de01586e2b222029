"""A package that hands its names on lazily hands on exactly those that its stub promises."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "atelier"
STUBS = sorted(PACKAGE.rglob("__init__.pyi"))


def module_of(stub: Path) -> str:
    return ".".join(stub.parent.relative_to(PACKAGE.parent).parts)


def promised(stub: Path) -> tuple[list[str], list[str]]:
    """The names that a stub re-exports, and its `__all__` as written."""
    exported: list[str] = []
    public: list[str] = []
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        match node:
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                exported += [name.asname for name in names if name.asname]
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                public = ast.literal_eval(value)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                exported += [] if name.startswith("_") else [name]
            case ast.AnnAssign(target=ast.Name(id=name)):
                exported += [] if name.startswith("_") else [name]
            case _:
                pass
    return exported, public


@pytest.mark.parametrize("stub", STUBS, ids=module_of)
def test_a_stub_and_its_module_hand_on_the_same_names(stub: Path) -> None:
    exported, public = promised(stub)
    module = import_module(module_of(stub))
    assert sorted(exported or public) == sorted(set(exported or public))
    assert [name for name in dir(module) if not name.startswith("_")] == sorted(
        exported or public
    ), "what dir() shows is what the stub promises"
    assert [name for name in exported if not hasattr(module, name)] == []


@pytest.mark.parametrize("stub", STUBS, ids=module_of)
def test_public_names_are_listed_in_order(stub: Path) -> None:
    exported, public = promised(stub)
    assert public == sorted(public)
    if public:
        assert public == sorted(exported or public)
        assert list(import_module(module_of(stub)).__all__) == public


@pytest.mark.parametrize("stub", STUBS, ids=module_of)
def test_an_unknown_name_is_an_attribute_error(stub: Path) -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = import_module(module_of(stub)).no_such_name


@pytest.mark.parametrize("stub", STUBS, ids=module_of)
def test_every_name_is_reached_from_a_fresh_process(stub: Path) -> None:
    exported, public = promised(stub)
    names = exported or public
    program = f"import {module_of(stub)} as m; [getattr(m, name) for name in {names}]"
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
