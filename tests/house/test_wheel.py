"""What is built holds what the code reads: prompts of built-in stages, stubs, SQL."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as built:
        held = set(built.namelist())
    files = {
        path.relative_to(SOURCE).as_posix()
        for path in (SOURCE / "atelier").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files <= held
    example = {
        f"atelier/demo/coaching/{path.relative_to(ROOT / 'examples' / 'coaching').as_posix()}"
        for pattern in ("*.py", "prompts/*.md", "evidence/**/*.*")
        for path in (ROOT / "examples" / "coaching").glob(pattern)
    }
    assert example <= held
    assert {"atelier/terra/prompts/judge.md", "atelier/soqratic/prompts/review.md"} <= held
