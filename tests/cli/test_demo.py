"""`atelier demo`: it refuses a folder that is somebody's, and says what comes next."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from atelier.cli.main import main


def test_a_full_folder_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    done = CliRunner().invoke(main, ["demo", str(tmp_path)])
    assert done.exit_code == 2
    assert "[demo.folder]" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.slow
def test_it_makes_a_project_that_the_other_commands_read(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    done = CliRunner().invoke(main, ["demo", str(folder), "--small"])
    assert done.exit_code == 0, done.stderr
    assert f"Look around:  atelier serve --project {folder}" in done.stdout
    listed = CliRunner().invoke(main, ["runs", "--project", str(folder), "--json"])
    assert len(json.loads(listed.stdout)["runs"]) == 20
