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
def test_it_makes_a_project_that_the_other_commands_read(
    demo_project: Path, demo_told: str
) -> None:
    assert f"Look around:  atelier serve --project {demo_project}" in demo_told
    listed = CliRunner().invoke(main, ["runs", "--project", str(demo_project), "--json"])
    assert len(json.loads(listed.stdout)["runs"]) == 20
