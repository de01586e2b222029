"""The coaching example as it was run, made once; whoever writes to it takes a copy."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ATELIER = Path(sys.executable).parent / "atelier"
COACHING = Path(__file__).parents[2] / "examples" / "coaching"


def _run(root: Path) -> None:
    kept = {key: value for key, value in os.environ.items() if key != "ATELIER_HOME"}
    subprocess.run([ATELIER, "run", "."], cwd=root, env=kept, check=True, capture_output=True)


@pytest.fixture(scope="session")
def coached_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project after one run."""
    root = tmp_path_factory.mktemp("coached") / "project"
    shutil.copytree(COACHING, root, ignore=shutil.ignore_patterns(".atelier", "artefacts"))
    _run(root)
    return root


@pytest.fixture(scope="session")
def coached(coached_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project after a run, and one that was served from it."""
    root = tmp_path_factory.mktemp("coached-twice") / "project"
    shutil.copytree(coached_once, root)
    _run(root)
    return root
