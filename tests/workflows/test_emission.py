"""The artefact's file, on fresh and served runs: a person's work is never lost."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from project import Project
from test_processes import FILES, SLOW


@pytest.fixture(scope="module")
def emitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has run once."""
    quick = (
        SLOW.replace("PAUSE", "0").replace("time.sleep(0.3)", "").replace("time.sleep(0.05)", "")
    )
    project = Project(tmp_path_factory.mktemp("emitted"), {**FILES, "flow.py": quick})
    assert project.run("name=day")["artefact"]["action"] == "written"
    return project.folder


def delete(file: Path) -> None:
    file.unlink()


def leave(file: Path) -> None:
    assert file.exists()


def edit(file: Path) -> None:
    file.write_text(file.read_text().replace("# Journal", "# My journal"))


def move(file: Path) -> None:
    file.rename(file.with_name("moved.md"))


def replace_by_foreign(file: Path) -> None:
    file.write_text("Somebody else's notes.\n")


def replace_by_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


CASES: list[tuple[Callable[[Path], None], str, bool]] = [
    (leave, "unchanged", False),
    (delete, "written", False),
    (move, "written", False),
    (edit, "kept", True),
    (replace_by_foreign, "kept", True),
    (replace_by_folder, "kept", True),
]


@pytest.mark.parametrize(("meddle", "action", "beside"), CASES, ids=[c[0].__name__ for c in CASES])
def test_a_served_run_emits_by_the_rule(
    emitted: Path, tmp_path: Path, meddle: Callable[[Path], None], action: str, *, beside: bool
) -> None:
    folder = tmp_path / "project"
    shutil.copytree(emitted, folder)
    file = folder / "out" / "day.md"
    original = file.read_bytes()
    meddle(file)
    before = {path.name: path.read_bytes() for path in file.parent.iterdir() if path.is_file()}
    run = Project(folder, {}).run("name=day")
    assert (run["served"], run["artefact"]["action"]) == ("cache", action)
    assert (folder / run["artefact"]["path"]).read_bytes() == original
    assert (run["artefact"]["path"] != "out/day.md") == beside
    assert bool(run["warnings"]) == beside
    for name, content in before.items():
        assert (file.parent / name).read_bytes() == content


def test_an_earlier_emission_is_replaced_by_a_fresh_run(emitted: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(emitted, folder)
    project = Project(folder, {})
    project.edit("journal.jsonl", "on day 1 I walked", "on day 1 I rode")
    run = project.run("name=day")
    assert (run["served"], run["artefact"]["action"]) == ("run", "replaced")
    assert "on day 1 I rode" in (folder / "out" / "day.md").read_text()
