"""What SQLite's errors mean to whoever called: the error type says what to do next."""

from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path

import apsw

from atelier.kernel.errors import (
    AtelierError,
    ExhaustedError,
    IntegrityError,
    SetupError,
    TransientError,
)
from atelier.ledger.invariant import refused

_FULL = frozenset({ENOSPC, EDQUOT, EFBIG})


def failure(error: Exception, path: Path, *, errno: int = 0) -> AtelierError:
    """The error of ours for one of SQLite's; one of ours stays as it is.

    `errno` is the connection's `system_errno`: it tells a full disk from a failing one.
    """
    if isinstance(error, AtelierError):
        return error
    if isinstance(error, apsw.FullError) or (
        isinstance(error, (apsw.IOError, apsw.CantOpenError)) and errno in _FULL
    ):
        return storage_full(path)
    if isinstance(error, apsw.ConstraintError):
        return refused(str(error))
    kind, code, sentence, next_step = _meaning(error)
    facts = {"ledger": path, "why": f"{type(error).__name__}: {error}"}
    return kind(code, sentence, facts=facts, next_step=next_step.format(path=path))


Meaning = tuple[type[AtelierError], str, str, str]

_MEANINGS: tuple[tuple[tuple[type[Exception], ...], Meaning], ...] = (
    (
        (apsw.BusyError, apsw.LockedError),
        (
            TransientError,
            "ledger.busy",
            "Another process holds the ledger's write lock.",
            "Find it with `fuser -v {path}`, let it end, then run again.",
        ),
    ),
    (
        (apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError),
        (
            SetupError,
            "ledger.unopened",
            "The ledger cannot be opened here.",
            "Check that this user may read and write the ledger's folder.",
        ),
    ),
    (
        (apsw.CorruptError, apsw.NotADBError),
        (
            IntegrityError,
            "ledger.damaged",
            "The ledger's file is damaged.",
            "Stop, keep the folder as it is, and restore the newest backup.",
        ),
    ),
    (
        (apsw.IOError,),
        (
            IntegrityError,
            "ledger.io",
            "The disk failed under the ledger.",
            "Check the disk; what was acknowledged before is kept.",
        ),
    ),
    (
        (apsw.ConnectionClosedError,),
        (IntegrityError, "ledger.closed", "The ledger is closed.", "Open it again."),
    ),
)
_UNKNOWN: Meaning = (
    IntegrityError,
    "ledger.unwritable",
    "A commit holds something that the ledger cannot store.",
    "Nothing of the commit was kept; report this with the facts above.",
)


def _meaning(error: Exception) -> Meaning:
    return next((means for kinds, means in _MEANINGS if isinstance(error, kinds)), _UNKNOWN)


def storage_full(path: Path) -> ExhaustedError:
    """The disk or a quota is full; the store goes on once there is room."""
    return ExhaustedError(
        "storage.full",
        "There is no room left on the disk.",
        facts={"path": path},
        next_step="Free space or raise the quota, then run again: what was kept is served.",
    )
