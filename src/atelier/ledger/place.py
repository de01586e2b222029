"""Where a ledger may live: a file system of this machine, never one shared over a network."""

from pathlib import Path
from re import sub

from atelier.kernel.errors import SetupError

MOUNTS = Path("/proc/self/mountinfo")

# SQLite's shared memory and locks are promises of one kernel: on these, commits are lost.
_SHARED = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "9p", "virtiofs", "fuse", "afs", "ceph"),
        *("glusterfs", "lustre", "beegfs", "gpfs", "gfs2", "ocfs2", "orangefs", "vboxsf"),
    }
)


def require_local(folder: Path, *, mounts: Path = MOUNTS) -> None:
    """Refuse a folder on a network or virtual file system.

    Where the system does not say what is mounted, nothing is refused.

    Raises:
        SetupError: the folder's file system cannot keep a ledger.
    """
    kind, place = file_system(folder, mounts=mounts)
    if kind in _SHARED or kind.startswith("fuse."):
        raise SetupError(
            "ledger.place",
            "A ledger cannot be kept on a network or virtual file system.",
            facts={"folder": folder, "file system": kind, "mounted at": place},
            next_step="Set ATELIER_HOME to a folder on a disk of this machine.",
        )


def file_system(folder: Path, *, mounts: Path = MOUNTS) -> tuple[str, str]:
    """The type and the mount point of the file system that a folder is on; empty if unknown."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return "", ""
    where = folder.resolve()
    found = ("", "")
    for line in lines:
        before, separator, after = line.partition(" - ")
        if not separator:
            continue
        point = _unescape(before.split()[4])
        # A later mount covers an earlier one at the same point.
        if where.is_relative_to(point) and len(point) >= len(found[1]):
            found = (after.split()[0], point)
    return found


def _unescape(text: str) -> str:
    return sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
