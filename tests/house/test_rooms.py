"""What every file of the house keeps to, beyond what the linters can say."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "atelier"
MODULES = sorted(PACKAGE.rglob("*.py"))
BANNED_NAMES = {"utils", "helpers", "common", "misc", "core", "base", "manager", "types"}
BANNED_IMPORTS = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "sqlite3"}
HASHERS = {"hashlib", "_sha256", "_hashlib", "hmac", "blake3", "xxhash"}


def name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def imports(path: Path) -> Iterator[str]:
    """The first part of each module that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=aliases):
                yield from (alias.name.partition(".")[0] for alias in aliases)
            case ast.ImportFrom(module=str(module)):
                yield module.partition(".")[0]
            case _:
                pass


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_file_says_what_it_is_and_is_named_by_its_noun(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring, "one line that says what the module is"
    assert path.stem not in BANNED_NAMES, "name it by the noun that it holds"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_pickle_no_second_sqlite_and_one_place_that_hashes(path: Path) -> None:
    used = set(imports(path))
    assert not used & BANNED_IMPORTS
    assert name(path) == "kernel/digest.py" or not used & HASHERS


def test_tests_stand_in_the_room_of_what_they_test() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    kinds = {"anomaly", "contract", "golden", "house", "properties", "typing", "workflows"}
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}
    assert folders - {"__pycache__"} <= rooms | kinds


def test_tests_are_not_a_package() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


@pytest.mark.slow
def test_importing_atelier_imports_nothing_heavy() -> None:
    heavy = ["pydantic", "asyncio", "apsw", "click", "rich", "yaml", "orjson", "importlib.metadata"]
    probe = f"import sys, atelier; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_lock_file_and_no_pin_names_a_download_address() -> None:
    pins = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in pins
    assert "uv.lock" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[<>=!~\[; ]", text)[0].lower() for text in declared}
    pins = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert names <= set(re.findall(r"^([a-z0-9-]+)==", pins, re.MULTILINE))
