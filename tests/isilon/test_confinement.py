"""Nothing outside the root is read, and nothing but regular files, whole."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from atelier.isilon.confinement import Root
from atelier.isilon.errors import EvidenceError, MissingEvidenceError

CANARY = b"outside: this must never be read"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A root with files, and a canary beside it."""
    (tmp_path / "canary").write_bytes(CANARY)
    root = tmp_path / "root"
    (root / "students" / "maya" / "notes").mkdir(parents=True)
    (root / "students" / "maya" / "a.json").write_bytes(b"[1]")
    for name in ("b.md", "a.md", ".hidden.md", "c.txt"):
        (root / "students" / "maya" / "notes" / name).write_text(name)
    return root


@pytest.fixture
def root(place: Path) -> Iterator[Root]:
    with Root(place, limit=1000) as opened:
        yield opened


def why(root: Root, path: str) -> str:
    with pytest.raises(EvidenceError) as caught:
        root.read(path)
    assert path in caught.value.facts["at"] or caught.value.code == "evidence.path"
    return caught.value.facts.get("why", caught.value.sentence)


def test_a_file_is_read_with_the_digest_of_what_was_read(root: Root) -> None:
    document = root.read("students/maya/a.json")
    assert (document.path, document.data) == ("students/maya/a.json", b"[1]")


@pytest.mark.parametrize(
    "path",
    ["../canary", "students/../../canary", "students/./maya/a.json", "students//maya", "", "a/"],
)
def test_a_path_has_no_step_up_and_no_empty_step(root: Root, path: str) -> None:
    assert why(root, path) == "a step of it is empty, `.` or `..`"


def test_an_absolute_path_is_refused(root: Root, place: Path) -> None:
    assert why(root, str(place.parent / "canary")) == "it is absolute"
    assert why(root, "/proc/self/environ") == "it is absolute"


def test_a_link_is_refused_in_every_step(root: Root, place: Path) -> None:
    (place / "students" / "link.json").symlink_to(place.parent / "canary")
    (place / "students" / "maya2").symlink_to(place / "students" / "maya")
    assert why(root, "students/link.json") == "'link.json' is a symbolic link"
    assert why(root, "students/maya2/a.json") == "'maya2' is a symbolic link"


def test_only_regular_files_are_read(root: Root, place: Path) -> None:
    os.mkfifo(place / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place / "socket"))
        assert why(root, "socket") == "it is not a regular file"
    assert why(root, "fifo") == "it is not a regular file"
    assert why(root, "students") == "it is not a regular file"
    assert why(root, "students/maya/a.json/x") == "'a.json' is not a folder"


def test_a_missing_file_is_an_error_of_its_own(root: Root) -> None:
    with pytest.raises(MissingEvidenceError, match=r"evidence\.missing"):
        root.read("students/noor/a.json")


def test_a_name_that_is_too_long_is_refused(root: Root) -> None:
    assert why(root, "x" * 300) == "a name in it is too long"


def test_a_large_file_is_refused_with_the_limit(root: Root, place: Path) -> None:
    (place / "large").write_bytes(b"x" * 1001)
    with pytest.raises(EvidenceError) as caught:
        root.read("large")
    assert caught.value.code == "evidence.size"
    assert caught.value.facts == {"at": "large", "bytes": "1001", "limit": "1000"}


def test_a_file_that_keeps_changing_is_unstable(place: Path) -> None:
    path = place / "busy"
    path.write_bytes(b"x" * 30_000_000)
    stop = threading.Event()

    def write() -> None:
        with path.open("r+b") as file:
            while not stop.is_set():
                file.seek(0)
                file.write(os.urandom(8))
                file.flush()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with Root(place) as root, pytest.raises(EvidenceError) as caught:
            root.read("busy")
    finally:
        stop.set()
        writer.join()
    assert caught.value.code == "evidence.unstable"


def test_a_folder_that_is_swapped_for_a_link_is_never_followed(place: Path) -> None:
    """A thread swaps the folder while it is read: the answer is the file, or a refusal."""
    outside = place.parent / "outside"
    outside.mkdir()
    (outside / "a.json").write_bytes(CANARY)
    folder, aside, link = (place / "students" / name for name in ("maya", "aside", "link"))
    link.symlink_to(outside)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            folder.rename(aside)
            link.rename(folder)
            folder.rename(link)
            aside.rename(folder)

    swapper = threading.Thread(target=swap)
    swapper.start()
    read: set[bytes] = set()
    try:
        with Root(place) as root:
            for _ in range(3000):
                try:
                    read.add(root.read("students/maya/a.json").data)
                except EvidenceError:
                    continue
    finally:
        stop.set()
        swapper.join()
    assert read <= {b"[1]"}


def test_a_pattern_finds_files_sorted_and_no_hidden_ones(root: Root) -> None:
    assert root.glob("students/maya/notes/*.md") == [
        "students/maya/notes/a.md",
        "students/maya/notes/b.md",
    ]
    assert root.glob("students/*/a.json") == ["students/maya/a.json"]
    assert root.glob("students/*/notes/[ab].md")[0] == "students/maya/notes/a.md"
    assert root.glob("students/maya/notes/*.vtt") == []


def test_a_pattern_below_a_wildcard_skips_folders_that_do_not_go_on(
    root: Root, place: Path
) -> None:
    (place / "students" / "noor").mkdir()
    (place / "students" / "README.txt").write_text("x")
    assert root.glob("students/*/notes/*.txt") == ["students/maya/notes/c.txt"]
    assert root.glob("students/*/notes/c.txt") == ["students/maya/notes/c.txt"]


def test_the_folder_in_front_of_a_pattern_must_exist(root: Root) -> None:
    with pytest.raises(MissingEvidenceError):
        root.glob("students/maya/note/*.md")


def test_a_pattern_is_confined_as_a_path_is(root: Root, place: Path) -> None:
    for pattern in ("../*", "/etc/*", "students/../*"):
        with pytest.raises(EvidenceError):
            root.glob(pattern)
    (place / "students" / "other").symlink_to(place.parent)
    with pytest.raises(EvidenceError, match="symbolic link"):
        root.glob("students/*/canary*")
    with pytest.raises(EvidenceError, match="each folder level"):
        root.glob("students/**/a.md")


def test_a_name_that_cannot_be_written_down_is_refused(root: Root, place: Path) -> None:
    (place / "students" / "maya" / "notes" / "x\x1b.md").write_text("x")
    with pytest.raises(EvidenceError, match="unprintable"):
        root.glob("students/maya/notes/*.md")


def test_a_missing_root_names_its_setting(tmp_path: Path) -> None:
    with pytest.raises(MissingEvidenceError) as caught:
        Root(tmp_path / "nowhere")
    assert "[isilon] root" in caught.value.next_step
