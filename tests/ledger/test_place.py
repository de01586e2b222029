"""A ledger lives on a disk of this machine."""

from pathlib import Path

import pytest

from atelier.kernel.errors import SetupError
from atelier.ledger.place import file_system, require_local

LINE = "{number} 1 0:1 / {point} rw,relatime shared:1 - {kind} source rw\n"


def mounts(folder: Path, *entries: tuple[str, str]) -> Path:
    table = folder / "mountinfo"
    lines = [
        LINE.format(number=number, point=point, kind=kind)
        for number, (point, kind) in enumerate(entries)
    ]
    table.write_text("".join(lines) + "not a mount\n", encoding="utf-8")
    return table


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs", "fuse.sshfs", "fuse.s3fs", "ceph"]
)
def test_a_shared_file_system_is_refused_and_named(tmp_path: Path, kind: str) -> None:
    table = mounts(tmp_path, ("/", "ext4"), (str(tmp_path), kind))
    with pytest.raises(SetupError) as refused:
        require_local(tmp_path / "home", mounts=table)
    assert refused.value.code == "ledger.place"
    assert refused.value.facts["file system"] == kind
    assert refused.value.facts["mounted at"] == str(tmp_path)
    assert "ATELIER_HOME" in refused.value.next_step


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "tmpfs", "overlay", "fuseblk"])
def test_a_local_file_system_is_accepted(tmp_path: Path, kind: str) -> None:
    require_local(tmp_path, mounts=mounts(tmp_path, ("/", "nfs4"), (str(tmp_path), kind)))


def test_the_deepest_and_the_latest_mount_counts(tmp_path: Path) -> None:
    point = str(tmp_path)
    table = mounts(tmp_path, (f"{point}/a", "nfs4"), ("/", "ext4"), (point, "nfs4"), (point, "xfs"))
    assert file_system(tmp_path / "ab", mounts=table) == ("xfs", point)
    assert file_system(tmp_path / "a" / "b", mounts=table) == ("nfs4", f"{point}/a")


def test_a_mount_point_with_a_space_is_understood(tmp_path: Path) -> None:
    folder = tmp_path / "my disk"
    folder.mkdir()
    table = mounts(tmp_path, ("/", "ext4"), (str(folder).replace(" ", "\\040"), "cifs"))
    assert file_system(folder, mounts=table)[0] == "cifs"


def test_a_link_to_a_shared_folder_does_not_hide_it(tmp_path: Path) -> None:
    far = tmp_path / "far"
    far.mkdir()
    (tmp_path / "near").symlink_to(far)
    table = mounts(tmp_path, ("/", "ext4"), (str(far), "nfs"))
    with pytest.raises(SetupError):
        require_local(tmp_path / "near", mounts=table)


def test_where_nothing_is_known_nothing_is_refused(tmp_path: Path) -> None:
    require_local(tmp_path, mounts=tmp_path / "none")
    require_local(tmp_path, mounts=mounts(tmp_path))


def test_this_machine_can_keep_a_ledger(tmp_path: Path) -> None:
    require_local(tmp_path)
    assert file_system(tmp_path)[0]
