"""What the operating system's errors mean to whoever keeps a blob."""

from errno import EACCES, EDQUOT, EFBIG, ENOSPC, EPERM, EROFS
from pathlib import Path

from atelier.kernel.errors import AtelierError, ExhaustedError, IntegrityError, SetupError

_FULL = frozenset({ENOSPC, EDQUOT, EFBIG})
_REFUSED = frozenset({EACCES, EPERM, EROFS})


def failure(error: OSError, path: Path) -> AtelierError:
    """The error of ours for one of the system's.

    Example:
        >>> failure(OSError(ENOSPC, "No space left on device"), Path("blobs")).code
        'storage.full'
    """
    if error.errno in _FULL:
        return ExhaustedError(
            "storage.full",
            "There is no room left on the disk.",
            facts={"path": path},
            next_step="Free space or raise the quota, then run again: what was kept is served.",
        )
    if error.errno in _REFUSED:
        return SetupError(
            "blob.unwritable",
            "The folder of blobs cannot be written to.",
            facts={"path": path, "why": error},
            next_step="Check that this user may read and write the folder.",
        )
    return IntegrityError(
        "blob.io",
        "The disk failed under a blob.",
        facts={"path": path, "why": error},
        next_step="Check the disk, then run again: what was kept is verified on every read.",
    )
