"""Emission: what stands at the artefact's path, and what a person did to it meanwhile."""

import os
import subprocess
import sys
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from textwrap import dedent

import pytest

from atelier.artefact.emission import Action, Emission, emit, fill_path
from atelier.artefact.folder import Folder
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import AtelierError, SetupError

PATH = "artefacts/maya/s12.md"
FIRST = b"# Maya\n\nShe ran.\n"
SECOND = b"# Maya\n\nShe ran and slept.\n"
SIDE = f"artefacts/maya/s12.{digest_bytes(SECOND)[7:15]}.md"
LONG_SIDE = f"artefacts/maya/s12.{digest_bytes(SECOND)[7:23]}.md"


def knows(*emitted: bytes) -> Callable[[str], bool]:
    return {digest_bytes(data) for data in emitted}.__contains__


def put(project: Path, data: bytes, path: str = PATH) -> Path:
    file = project / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def everything(project: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(project)): path.read_bytes()
        for path in sorted(project.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def test_nothing_there_is_written_with_its_folders(tmp_path: Path) -> None:
    assert emit(tmp_path, PATH, FIRST, is_ours=knows()) == Emission(PATH, Action.WRITTEN)
    assert everything(tmp_path) == {PATH: FIRST}


def test_equal_bytes_are_not_touched(tmp_path: Path) -> None:
    file = put(tmp_path, FIRST)
    before = file.stat()
    assert emit(tmp_path, PATH, FIRST, is_ours=knows()).action is Action.UNCHANGED
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_deleted_artefact_is_written_again(tmp_path: Path) -> None:
    emit(tmp_path, PATH, FIRST, is_ours=knows())
    (tmp_path / PATH).unlink()
    assert emit(tmp_path, PATH, FIRST, is_ours=knows(FIRST)).action is Action.WRITTEN


def test_earlier_emission_is_replaced_and_its_permissions_stay(tmp_path: Path) -> None:
    file = put(tmp_path, FIRST)
    file.chmod(0o600)
    assert emit(tmp_path, PATH, SECOND, is_ours=knows(FIRST)) == Emission(PATH, Action.REPLACED)
    assert everything(tmp_path) == {PATH: SECOND}
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "edited",
    [FIRST + b"my note\n", FIRST.replace(b"\n", b"\r\n"), b"", b"a foreign file", FIRST[:-1]],
    ids=["appended", "converted", "emptied", "foreign", "shortened"],
)
def test_what_is_not_ours_is_kept_and_ours_goes_beside_it(tmp_path: Path, edited: bytes) -> None:
    put(tmp_path, edited)
    emission = emit(tmp_path, PATH, SECOND, is_ours=knows(FIRST))
    assert (emission.path, emission.action) == (SIDE, Action.KEPT)
    assert PATH in emission.warning
    assert SIDE in emission.warning
    assert everything(tmp_path) == {PATH: edited, SIDE: SECOND}


def test_served_run_leaves_the_file_beside_an_edit_untouched(tmp_path: Path) -> None:
    put(tmp_path, b"edited")
    emit(tmp_path, PATH, SECOND, is_ours=knows())
    before = (tmp_path / SIDE).stat().st_mtime_ns
    assert emit(tmp_path, PATH, SECOND, is_ours=knows(SECOND)).action is Action.KEPT
    assert (tmp_path / SIDE).stat().st_mtime_ns == before


def test_edits_of_the_file_beside_are_kept_too_until_we_refuse(tmp_path: Path) -> None:
    put(tmp_path, b"edited")
    put(tmp_path, b"edited as well", SIDE)
    assert emit(tmp_path, PATH, SECOND, is_ours=knows()).path == LONG_SIDE
    put(tmp_path, b"and this one", LONG_SIDE)
    before = everything(tmp_path)
    with pytest.raises(SetupError) as refused:
        emit(tmp_path, PATH, SECOND, is_ours=knows())
    assert refused.value.code == "artefact.kept"
    assert everything(tmp_path) == before


def test_overwrite_replaces_an_edit_on_demand(tmp_path: Path) -> None:
    put(tmp_path, b"edited")
    emission = emit(tmp_path, PATH, SECOND, is_ours=knows(), overwrite=True)
    assert emission == Emission(PATH, Action.REPLACED)
    assert everything(tmp_path) == {PATH: SECOND}


def test_moved_artefact_stays_where_it_was_moved_to(tmp_path: Path) -> None:
    put(tmp_path, FIRST).rename(tmp_path / "moved.md")
    emit(tmp_path, PATH, SECOND, is_ours=knows(FIRST))
    assert everything(tmp_path) == {"moved.md": FIRST, PATH: SECOND}


@pytest.mark.parametrize("overwrite", [False, True])
def test_folder_in_the_way_is_kept_even_when_told_to_overwrite(
    tmp_path: Path, *, overwrite: bool
) -> None:
    (tmp_path / PATH).mkdir(parents=True)
    emission = emit(tmp_path, PATH, SECOND, is_ours=knows(), overwrite=overwrite)
    assert (emission.path, emission.action) == (SIDE, Action.KEPT)
    assert (tmp_path / PATH).is_dir()


@pytest.mark.parametrize("target", ["outside.md", "missing.md"])
def test_link_in_the_way_is_kept_and_never_followed(tmp_path: Path, target: str) -> None:
    project = tmp_path / "project"
    put(project, b"", "artefacts/maya/.keep")
    (tmp_path / "outside.md").write_bytes(FIRST)
    (project / PATH).symlink_to(tmp_path / target)
    emission = emit(project, PATH, SECOND, is_ours=knows(FIRST))
    assert emission.action is Action.KEPT
    assert (project / PATH).is_symlink()
    assert (tmp_path / "outside.md").read_bytes() == FIRST
    assert not (tmp_path / "missing.md").exists()


def test_overwriting_a_link_replaces_the_link_and_not_its_target(tmp_path: Path) -> None:
    put(tmp_path, b"", "artefacts/maya/.keep")
    (tmp_path / "outside.md").write_bytes(b"precious")
    (tmp_path / PATH).symlink_to(tmp_path / "outside.md")
    emit(tmp_path, PATH, SECOND, is_ours=knows(), overwrite=True)
    assert (tmp_path / "outside.md").read_bytes() == b"precious"
    assert (tmp_path / PATH).read_bytes() == SECOND
    assert not (tmp_path / PATH).is_symlink()


def test_fifo_in_the_way_is_kept_without_waiting_for_it(tmp_path: Path) -> None:
    put(tmp_path, b"", "artefacts/maya/.keep")
    os.mkfifo(tmp_path / PATH)
    assert emit(tmp_path, PATH, SECOND, is_ours=knows()).action is Action.KEPT


@pytest.mark.parametrize("planted", ["artefacts", "artefacts/maya"])
def test_linked_folder_on_the_way_is_refused(tmp_path: Path, planted: str) -> None:
    project, outside = tmp_path / "project", tmp_path / "outside"
    outside.mkdir()
    link = project / planted
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    with pytest.raises(SetupError) as refused:
        emit(project, PATH, FIRST, is_ours=knows())
    assert refused.value.code == "artefact.folder"
    assert refused.value.facts["path"] == planted
    assert list(outside.iterdir()) == []


def test_file_where_a_folder_goes_is_refused_and_kept(tmp_path: Path) -> None:
    put(tmp_path, b"mine", "artefacts")
    with pytest.raises(SetupError) as refused:
        emit(tmp_path, PATH, FIRST, is_ours=knows())
    assert refused.value.code == "artefact.folder"
    assert everything(tmp_path) == {"artefacts": b"mine"}


@pytest.mark.parametrize(
    "path",
    [
        "../s.md", "a/../../s.md", "/etc/s.md", "a//s.md", "", "a/", "./s.md", ".git/hooks/x",
        "-rf.md", "a\\..\\s.md", "a\0.md", "a\n.md", "a\x1b[2J.md", "\u202edm.md", "a\ud800.md",
        " a.md", "n" * 240 + ".md", "\\\\host\\share", "~/../s.md",
    ],
)  # fmt: skip
def test_unsafe_path_is_refused_and_nothing_is_made(tmp_path: Path, path: str) -> None:
    project = tmp_path / "project"
    project.mkdir()
    with pytest.raises(SetupError) as refused:
        emit(project, path, FIRST, is_ours=knows())
    assert refused.value.code == "artefact.path"
    assert list(tmp_path.rglob("*")) == [project]


@pytest.mark.parametrize(
    "value",
    ["../x", "a/b", "..", ".", "", "/etc", "a\\b", "a\0b", "a\nb", "-x", ".x", None, 1.5, ["a"]],
)
def test_parameter_cannot_change_the_shape_of_the_path(value: object) -> None:
    with pytest.raises(SetupError) as refused:
        fill_path("artefacts/{student}.md", {"student": value})
    assert refused.value.code == "artefact.path"
    assert refused.value.next_step


def test_unknown_name_in_a_template_names_the_template() -> None:
    with pytest.raises(SetupError) as refused:
        fill_path("artefacts/{studnet}.md", {"student": "maya"})
    assert refused.value.facts["template"] == "artefacts/{studnet}.md"


def test_file_that_appears_before_the_rename_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = os.link

    def late(*names: str, **folders: int) -> None:
        if not (tmp_path / PATH).exists():
            put(tmp_path, b"saved by a person in that instant")
        really(*names, **folders)

    monkeypatch.setattr(os, "link", late)
    emission = emit(tmp_path, PATH, SECOND, is_ours=knows(FIRST))
    assert emission.action is Action.KEPT
    assert everything(tmp_path) == {PATH: b"saved by a person in that instant", SIDE: SECOND}


def test_edit_between_the_look_and_the_replacement_is_kept(tmp_path: Path) -> None:
    file = put(tmp_path, FIRST)

    def edit_while_we_ask(digest: str) -> bool:
        if file.read_bytes() == FIRST:
            put(tmp_path, b"saved by a person in that instant")
            return digest == digest_bytes(FIRST)
        return False

    emission = emit(tmp_path, PATH, SECOND, is_ours=edit_while_we_ask)
    assert emission.action is Action.KEPT
    assert everything(tmp_path) == {PATH: b"saved by a person in that instant", SIDE: SECOND}


def test_file_system_without_links_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: str, **__: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert emit(tmp_path, PATH, FIRST, is_ours=knows()).action is Action.WRITTEN
    assert everything(tmp_path) == {PATH: FIRST}


def test_file_that_never_holds_still_is_given_up(tmp_path: Path) -> None:
    turn = iter(range(1000))

    def edit_each_time(_: str) -> bool:
        put(tmp_path, b"again" * next(turn))
        return True

    put(tmp_path, b"edited")
    with pytest.raises(SetupError) as refused:
        emit(tmp_path, PATH, SECOND, is_ours=edit_each_time)
    assert refused.value.code == "artefact.busy"
    assert list(everything(tmp_path)) == [PATH]


CRASH = """
    import os, sys
    from pathlib import Path
    from atelier.artefact.emission import emit
    os.{call} = lambda *_, **__: os._exit(137)
    emit(Path(sys.argv[1]), "artefacts/maya/s12.md", b"half", is_ours=lambda digest: True)
"""


@pytest.mark.parametrize("call", ["link", "fsync", "replace"])
def test_crash_leaves_a_temporary_file_only_and_the_next_run_removes_it(
    tmp_path: Path, call: str
) -> None:
    (tmp_path / "artefacts/maya").mkdir(parents=True)
    before = {PATH: FIRST} if call == "replace" else {}
    for path, data in before.items():
        put(tmp_path, data, path)
    script = dedent(CRASH).replace("{call}", call)
    crashed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert crashed.returncode == 137
    left = everything(tmp_path)
    names = [Path(path).name for path in left if path not in before]
    assert len(names) == 1
    assert names[0].startswith(".atelier-")
    assert {path: left[path] for path in before} == before
    emit(tmp_path, PATH, SECOND, is_ours=knows(FIRST))
    assert everything(tmp_path) == {PATH: SECOND}


def test_temporary_file_of_a_living_writer_is_not_swept(tmp_path: Path) -> None:
    with Folder.below(tmp_path, ("artefacts", "maya")) as folder, folder.written(FIRST, None) as n:
        emit(tmp_path, PATH, SECOND, is_ours=knows())
        assert everything(tmp_path) == {PATH: SECOND, f"artefacts/maya/{n}": FIRST}
    assert everything(tmp_path) == {PATH: SECOND}


def test_persons_own_hidden_file_is_not_swept(tmp_path: Path) -> None:
    put(tmp_path, b"mine", "artefacts/maya/.atelier-notes.md")
    emit(tmp_path, PATH, FIRST, is_ours=knows())
    assert everything(tmp_path)["artefacts/maya/.atelier-notes.md"] == b"mine"


def _emit_once(project: Path) -> str:
    return emit(project, PATH, SECOND, is_ours=knows(FIRST)).action.value


def test_eight_processes_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    with get_context("fork").Pool(8) as pool:
        for round_number in range(5):
            actions = pool.map(_emit_once, [tmp_path] * 8, chunksize=1)
            assert set(actions) <= {"written", "replaced", "unchanged"}
            assert everything(tmp_path) == {PATH: SECOND}
            if round_number % 2:
                put(tmp_path, FIRST)
            else:
                (tmp_path / PATH).unlink()


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (28, "ExhaustedError artefact.full"),
        (122, "ExhaustedError artefact.full"),
        (13, "SetupError artefact.unwritable"),
        (30, "SetupError artefact.unwritable"),
        (5, "SetupError artefact.unwritable"),
    ],
    ids=["disk-full", "quota", "permission", "read-only", "device"],
)
def test_storage_fault_is_named_and_leaves_nothing(
    tmp_path: Path, number: int, expected: str
) -> None:
    (tmp_path / "artefacts/maya").mkdir(parents=True)

    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(AtelierError) as refused:
            emit(tmp_path, PATH, FIRST, is_ours=knows())
    assert f"{type(refused.value).__name__} {refused.value.code}" == expected
    assert refused.value.facts["path"] == PATH
    assert "run again" in refused.value.next_step
    assert everything(tmp_path) == {}


def test_read_only_folder_is_a_clear_error(tmp_path: Path) -> None:
    folder = tmp_path / "artefacts/maya"
    folder.mkdir(parents=True)
    script = dedent("""
        import os, sys
        from pathlib import Path
        from atelier.artefact.emission import emit
        from atelier.kernel.errors import SetupError
        os.chdir(sys.argv[1])
        os.chmod(".", 0o755)
        os.chmod("artefacts/maya", 0o555)
        if os.getuid() == 0:
            os.setuid(65534)
        try:
            emit(Path("."), "artefacts/maya/s12.md", b"x", is_ours=lambda digest: True)
        except SetupError as error:
            print(error)
    """)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    folder.chmod(0o755)
    assert "[artefact.unwritable]" in done.stdout
    assert "Permission denied" in done.stdout
    assert "Make the folder writable" in done.stdout
