from pathlib import Path

import pytest

from atelier.cli.place import find_place, get_places, place_of
from atelier.kernel.errors import SetupError
from atelier.project import find_project, load_target, read_project

FLOW = """
from atelier import Packet, Workflow, stage


class Week(Packet):
    name: str


@stage
def draft(name: str) -> str:
    return name


first = Workflow("first", packet=Week, stages=[draft])
"""


def test_a_reading_command_finds_the_project_that_a_run_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "project/a/b"
    inner.mkdir(parents=True)
    (tmp_path / "project/atelier.toml").touch()
    for home in ("", str(tmp_path / "home")):
        monkeypatch.setenv("ATELIER_HOME", home)
        root = find_project(inner)
        assert root is not None
        found = find_place(inner)
        assert found is not None
        assert (found.root, found.home) == (root, read_project(root).home)


def test_a_folder_with_state_is_a_project_without_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ATELIER_HOME", raising=False)
    (tmp_path / ".atelier").mkdir()
    (tmp_path / ".atelier/ledger.sqlite").touch()
    assert find_place(tmp_path / "deep/below") == place_of(tmp_path)


def test_the_place_of_a_file_goes_before_that_of_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "atelier.toml").touch()
    monkeypatch.chdir(tmp_path / "two")
    found = [place.root.name for place in get_places(None, tmp_path / "one")]
    assert found == ["one", "two"]
    assert [place.root.name for place in get_places(tmp_path / "two", tmp_path / "one")] == ["two"]


def test_a_target_is_named_from_its_project_on(tmp_path: Path) -> None:
    root = tmp_path / "named"
    (root / "deeper").mkdir(parents=True)
    (root / "atelier.toml").touch()
    for name in ("named_flow.py", "deeper/flow.py", "deeper/named_flow.py"):
        (root / name).write_text(FLOW)
    for given, told in {
        "named/named_flow.py": "named_flow.py",
        "named/named_flow.py:first": "named_flow.py:first",
        "named/deeper": "deeper",
        f"{root}/deeper/named_flow.py:first": "deeper/named_flow.py:first",
    }.items():
        found = load_target(given, start=tmp_path)
        assert (found.name, found.project.root) == (told, root)
        assert load_target(told, start=root).workflow is found.workflow


def test_where_there_is_no_project_the_error_says_where_it_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ATELIER_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SetupError) as caught:
        get_places(None)
    assert caught.value.code == "cli.no_project"
    assert str(tmp_path) in caught.value.facts["looked from"]
