"""The same digest in every process: hash seeds, working folders, places, ways of loading."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from atelier.cache.closure import closure_of

FLOW = '''
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

from pydantic import BaseModel, Field

from helpers import clean


class Kind(Enum):
    A = "a"
    B = "b"


class Pair(NamedTuple):
    one: int
    two: str = "x"


@dataclass(frozen=True, slots=True)
class Box:
    n: int = 1


class Turn(BaseModel):
    text: Annotated[str, Field(min_length=1)]
    kind: Kind | None = None


def f():
    return 1


def g():
    return 2


NAMES = {"one", "two", "three", "four", "five", "six"}
FUNCTIONS = {f, g, len, clean}
FROZEN = frozenset({(1, "a"), (2.0, b"b"), (None, True), (3 + 1j, "c")})
VALUES = [Kind.A, Pair(1), Box(2), Decimal("1.50"), date(2026, 1, 2), re.compile("a", re.M)]
TIMES = (datetime(2026, 1, 2, tzinfo=UTC), timedelta(hours=1), timezone(timedelta(hours=2)))
OTHERS = [PurePosixPath("a/b"), UUID(int=5), range(3), slice(1, 2), ..., NotImplemented, 2**70]


def stage(turns: list[Turn], mode: Literal["a", "b"] = "a") -> dict[str, Pair]:
    """Doc."""
    names = {clean(name) for name in NAMES if name}
    return {f"{turn.kind!r:>9}": FUNCTIONS for turn in turns} | {
        "x": (FROZEN, VALUES, TIMES, OTHERS, names, mode)
    }
'''
PROGRAM = """
import sys
from pathlib import Path
from atelier.cache.closure import closure_of
from atelier.cache.modules import load_file
folder = Path(sys.argv[1])
closure = closure_of(load_file(folder / 'flow.py', project=folder).stage, docs=True)
print(closure.digest, closure.unseen, [part.digest for part in closure.parts])
"""
GOLDEN = "sha256:b4d5d686550461276c38f01c1c2dd7e9adb25e71af9f1afd6cf83cdefc1be0c0"


def told(folder: Path, *, seed: int, cwd: Path, program: str = PROGRAM) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        env={**os.environ, "PYTHONHASHSEED": str(seed)},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture
def folder(project: Any) -> Path:
    project.write(flow=FLOW, helpers="def clean(text):\n    return text.strip()\n")
    return project.folder


def test_hash_seeds_and_working_folders_do_not_matter(folder: Path) -> None:
    answers = {told(folder, seed=seed, cwd=cwd) for seed, cwd in ((0, folder), (1, Path("/")))}
    assert len(answers) == 1
    assert "()" in answers.pop()


def test_a_module_that_was_imported_the_normal_way_has_the_same_digest(folder: Path) -> None:
    program = PROGRAM.replace(
        "load_file(folder / 'flow.py', project=folder)",
        "(sys.path.insert(0, str(folder)), __import__('flow'))[1]",
    )
    assert told(folder, seed=3, cwd=folder) == told(folder, seed=3, cwd=folder, program=program)


def test_the_golden_digest(project: Any, folder: Path) -> None:
    closure = project.closure(docs=True)
    assert closure.unseen == ()
    assert closure.digest == GOLDEN


def test_an_unchanged_function_is_re_validated_and_not_read_anew(
    project: Any, folder: Path
) -> None:
    stage = project.load().stage
    assert closure_of(stage) is closure_of(stage)
