"""Digests that never change: a difference here re-runs everything that anyone ever recorded.

A change needs a decision record and a line in the CHANGELOG that names it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import which
from typing import Annotated, Any, Literal

import pytest
from pydantic import Base64Bytes, BaseModel, Field

from atelier.kernel.canonical import canonical
from atelier.kernel.digest import digest, record_digest
from atelier.kernel.evidence import GroundedClaim, claim_ids, handles
from atelier.kernel.form import Form

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"

# The values stand here and not in the golden file: what is written there must be reproduced.
VALUES: dict[str, Any] = {
    "nothing": None,
    "truth": True,
    "empty text": "",
    "empty list": [],
    "empty object": {},
    "whole numbers": [0, -1, 2**53 - 1, -(2**53) + 1],
    "integral floats": [0.0, -0.0, 1.0, 1e15],
    "fractions": [0.1, 1 / 3, 1e-5, 1e-6, 1e-7, 5e-324, 1424953923781206.2],
    "text": 'é e\u0301 😀 \x00\x1f\x7f\u2028 "\\/',
    "keys beyond the plane": {"\U0001f600": 1, "\ufb33": 2, "€": 3, "a": 4},
    "a turn": {"speaker": "Maya", "text": "I slept for six hours.", "start": "00:12:31.000"},
    "nested": {"a": [{"b": [{"c": [1.5, None, {"d": {}}]}]}]},
}


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]
    friends: list[Annotated["Cat | Dog", Field(discriminator="kind")]] = []


class House(BaseModel):
    """Prose that does not bind."""

    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]]
    key: Base64Bytes | None = None
    rooms: dict[str, Annotated[int, Field(gt=0)]] = Field({}, description="Prose, too.")


def found() -> dict[str, Any]:
    return {
        "canonical": {name: canonical(value).hex() for name, value in VALUES.items()},
        "digest": {name: digest(value) for name, value in VALUES.items()},
        "record": {kind: record_digest(kind, VALUES["a turn"]) for kind in ("packet", "recipe")},
        "claim ids": claim_ids(["I slept.", "I slept.", "I ran."]),
        "handles": handles([("journal", digest(VALUES["a turn"]))] * 2),
    }


def golden(name: str) -> Any:
    return json.loads((HERE / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("part", ["canonical", "digest", "record", "claim ids", "handles"])
def test_values_keep_their_bytes_and_digests(part: str) -> None:
    assert found()[part] == golden("values.json")[part]


@pytest.mark.parametrize(("name", "annotation"), [("house", House), ("claim", GroundedClaim)])
def test_types_keep_their_canonical_schema(name: str, annotation: Any) -> None:
    form = Form[Any](annotation)
    assert {"schema": form.schema, "asked": form.asked} == golden("schemas.json")[name]


PROBE = "import orjson, pydantic; print(orjson.__version__, pydantic.VERSION)"


def interpreters() -> list[str]:
    """This interpreter, and every other one here that has the same dependencies."""
    others = [which(f"python3.{minor}") for minor in range(11, 16)]
    ours = probed(sys.executable)
    return [sys.executable, *(other for other in others if other and probed(other) == ours)]


def probed(python: str) -> str:
    done = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, check=False)
    return done.stdout


DIGESTS = """
import json, sys
from atelier.kernel.digest import digest
from atelier.kernel.form import form_of
from atelier.kernel.evidence import GroundedClaim
values = json.loads(sys.stdin.read())
print(json.dumps([[digest(value) for value in values], form_of(GroundedClaim).digest]))
"""


@pytest.mark.slow
def test_digests_agree_across_processes_hash_seeds_folders_and_interpreters(
    tmp_path: Path,
) -> None:
    values = json.dumps(list(VALUES.values()))
    answers: set[str] = set()
    for python in interpreters():
        for seed in ("0", "1", "4242"):
            folder = tmp_path / seed
            folder.mkdir(exist_ok=True)
            environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(SOURCE)}
            answer = subprocess.run(
                [python, "-c", DIGESTS],
                input=values,
                capture_output=True,
                text=True,
                check=True,
                cwd=folder,
                env=environment,
            )
            answers.add(answer.stdout)
    expected = [[digest(value) for value in VALUES.values()], Form[Any](GroundedClaim).digest]
    assert [json.loads(answer) for answer in answers] == [expected]
