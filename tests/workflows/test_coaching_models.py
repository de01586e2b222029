"""The coaching example with its model classes bound: scripted models write, judge and review."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "coaching"
DRIVER = Path(__file__).with_name("coaching_models.py")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What two runs of a copy of the example say, the second with an unrelated journal entry."""
    ignored = shutil.ignore_patterns(".atelier", "artefacts", "__pycache__")
    folder = tmp_path_factory.mktemp("models") / "coaching"
    shutil.copytree(EXAMPLE, folder, ignore=ignored)
    environment = {name: value for name, value in os.environ.items() if name != "ATELIER_HOME"}
    done = subprocess.run(
        [sys.executable, str(DRIVER), str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_example_runs_end_to_end_with_models(told: dict[str, Any]) -> None:
    assert told["status"] == "complete"
    assert told["requests"] == {"writer": 2, "grounder": 2, "reviewer": 1}


def test_a_model_says_what_the_rules_left_open_and_they_bound_it(told: dict[str, Any]) -> None:
    """The model calls it supported; the journal's "did not" holds it back."""
    assert told["claims"]["Maya sent the chapter with the methods off to Henrik."] == [
        "partial",
        "model",
    ]
    assert told["claims"]["The graduate office has approved an extension for her."] == [
        "unsupported",
        "model",
    ]
    assert "off to Henrik.[^1][^2] **[contested]**" in told["page"]
    assert "**[contested: unsupported]**" in told["page"]


def test_an_unrelated_journal_entry_asks_nobody(told: dict[str, Any]) -> None:
    assert told["again"] == {"writer": 0, "grounder": 0, "reviewer": 0}
    assert told["page again"] == told["page"]
