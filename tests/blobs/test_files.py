"""Blobs as files: whole or absent, durable before they count, and named by their digest alone."""

import os
from errno import EIO, ENOSPC, EROFS
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.blobs.files import FileBlobs
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import AtelierError, ExhaustedError, IntegrityError, SetupError

DATA = b"a transcript"
NAME = digest_bytes(DATA)


def place(root: Path, name: str = NAME) -> Path:
    hexes = name.removeprefix("sha256:")
    return root / hexes[:2] / hexes[2:]


@given(st.binary(max_size=64))
def test_a_blob_is_where_its_digest_says(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    root = tmp_path_factory.mktemp("blobs")
    FileBlobs(root).put(digest_bytes(data), data)
    assert place(root, digest_bytes(data)).read_bytes() == data, "sha256sum checks it without us"


def test_nothing_is_made_before_the_first_blob(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "blobs")
    assert blobs.find(NAME) is None
    assert list(blobs.iter_digests()) == []
    blobs.quarantine(NAME)
    blobs.put_all({})
    assert list(tmp_path.iterdir()) == []


def test_only_this_user_can_read_them(tmp_path: Path) -> None:
    root = tmp_path / "blobs"
    FileBlobs(root).put(NAME, DATA)
    assert place(root).stat().st_mode & 0o777 == 0o600
    for folder in (root, root / "incoming", place(root).parent):
        assert folder.stat().st_mode & 0o777 == 0o700


class Disk:
    """A sync that keeps the order of what was synced, and fails where a test says so."""

    def __init__(self) -> None:
        self.synced: list[str] = []
        self.fail_at: int | None = None
        self.errno = EIO

    def __call__(self, file: int) -> None:
        self.synced.append(os.readlink(f"/proc/self/fd/{file}"))  # noqa: PTH115 - a number
        if self.fail_at == len(self.synced) - 1:
            raise OSError(self.errno, os.strerror(self.errno))


def test_bytes_are_synced_before_their_name_and_each_folder_once(tmp_path: Path) -> None:
    disk, root = Disk(), tmp_path / "blobs"
    blobs = FileBlobs(root, sync=disk)
    many = {digest_bytes(data): data for data in (b"%d" % number for number in range(600))}
    blobs.put_all(many)
    files = [path for path in disk.synced if "/incoming/" in path]
    folders = [path for path in disk.synced if "/incoming/" not in path]
    assert disk.synced == files + folders, "no name counts before every byte is down"
    assert len(files) == 600
    assert len(folders) == len(set(folders)) == len({name[7:9] for name in many}) + 1


def test_an_equal_file_is_enough_but_its_folder_is_synced(tmp_path: Path) -> None:
    """Whoever renamed it may have died before the name was durable."""
    disk, root = Disk(), tmp_path / "blobs"
    FileBlobs(root).put(NAME, DATA)
    before = place(root).stat()
    FileBlobs(root, sync=disk).put(NAME, DATA)
    assert place(root).stat().st_ino == before.st_ino
    assert disk.synced == [str(place(root).parent), str(root)]


@pytest.mark.parametrize("errno", [EIO, ENOSPC, EROFS])
def test_a_fault_at_any_sync_leaves_a_blob_whole_or_absent(tmp_path: Path, errno: int) -> None:
    kinds = {EIO: IntegrityError, ENOSPC: ExhaustedError, EROFS: SetupError}
    for step in range(3):
        disk, root = Disk(), tmp_path / f"{step}"
        disk.fail_at, disk.errno = step, errno
        blobs = FileBlobs(root, sync=disk)
        with pytest.raises(kinds[errno]):
            blobs.put(NAME, DATA)
        assert blobs.find(NAME) in {None, DATA}
        assert list((root / "incoming").iterdir()) == [], "nothing half-written is left"
        blobs.put(NAME, DATA)
        assert blobs.find(NAME) == DATA


def test_what_is_no_regular_file_is_missing(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    place(tmp_path).parent.mkdir()
    os.mkfifo(place(tmp_path))
    assert blobs.find(NAME) is None, "and nobody waits for a writer"
    place(tmp_path).unlink()
    (tmp_path / "elsewhere").write_bytes(DATA)
    place(tmp_path).symlink_to(tmp_path / "elsewhere")
    assert blobs.find(NAME) is None, "a link may lead anywhere"
    blobs.put(NAME, DATA)
    assert blobs.find(NAME) == DATA
    assert not place(tmp_path).is_symlink()
    place(tmp_path).unlink()
    place(tmp_path).mkdir()
    assert blobs.find(NAME) is None


def test_a_file_that_fails_to_be_read_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise OSError(EIO, os.strerror(EIO))

    monkeypatch.setattr("atelier.blobs.files.open_file", fail)
    with pytest.raises(IntegrityError) as refused:
        FileBlobs(tmp_path).find(NAME)
    assert refused.value.code == "blob.io", "a failing disk is no miss"


def test_what_is_set_aside_can_still_be_looked_at(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    for data in (DATA, b"damaged"):
        blobs.put(NAME, DATA)
        place(tmp_path).write_bytes(data)
        blobs.quarantine(NAME)
    kept = sorted(path.read_bytes() for path in (tmp_path / "damaged").iterdir())
    assert kept == [DATA, b"damaged"]


def test_other_files_in_the_folder_are_nobodys_blobs(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    blobs.put(NAME, DATA)
    (place(tmp_path).parent / "note.txt").write_text("a note")
    assert list(blobs.iter_digests()) == [NAME]


def test_a_folder_that_is_a_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("")
    with pytest.raises(AtelierError) as refused:
        FileBlobs(tmp_path / "blobs").put(NAME, DATA)
    assert refused.value.code == "blob.io"
    assert FileBlobs(tmp_path / "blobs").find(NAME) is None


def test_what_cannot_be_set_aside_stays_a_miss(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    blobs.put(NAME, DATA)
    (tmp_path / "damaged").write_text("in the way")
    blobs.quarantine(NAME)
    assert blobs.find(NAME) == DATA
