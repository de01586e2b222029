"""What SQLite's errors mean to whoever called: the error type says what to do next."""

from collections.abc import Callable, Mapping
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
from atelier.ledger.invariant import closed, refused

Facts = Mapping[str, object]

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
    facts = {"ledger": path, "why": f"{type(error).__name__}: {error}"}
    for kinds, means in _MEANINGS:
        if isinstance(error, kinds):
            return means(path, facts)
    return _unwritable(facts)


def _busy(path: Path, facts: Facts) -> AtelierError:
    return TransientError(
        "ledger.busy",
        "Another process holds the ledger's write lock.",
        facts=facts,
        next_step=f"Find it with `fuser -v {path}`, let it end, then run again.",
    )


def _unopened(_: Path, facts: Facts) -> AtelierError:
    return SetupError(
        "ledger.unopened",
        "The ledger cannot be opened here.",
        facts=facts,
        next_step="Check that this user may read and write the ledger's folder.",
    )


def _damaged(_: Path, facts: Facts) -> AtelierError:
    return IntegrityError(
        "ledger.damaged",
        "The ledger's file is damaged.",
        facts=facts,
        next_step="Stop, keep the folder as it is, and restore the newest backup.",
    )


def _failing(_: Path, facts: Facts) -> AtelierError:
    return IntegrityError(
        "ledger.io",
        "The disk failed under the ledger.",
        facts=facts,
        next_step="Check the disk; what was acknowledged before is kept.",
    )


def _closed(path: Path, _: Facts) -> AtelierError:
    return closed(path)


_MEANINGS: tuple[tuple[tuple[type[Exception], ...], Callable[[Path, Facts], AtelierError]], ...] = (
    ((apsw.BusyError, apsw.LockedError), _busy),
    ((apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError), _unopened),
    ((apsw.CorruptError, apsw.NotADBError), _damaged),
    ((apsw.IOError,), _failing),
    ((apsw.ConnectionClosedError,), _closed),
)


def _unwritable(facts: Facts) -> AtelierError:
    return IntegrityError(
        "ledger.unwritable",
        "A commit holds something that the ledger cannot store.",
        facts=facts,
        next_step="Nothing of the commit was kept; report this with the facts above.",
    )


def storage_full(path: Path) -> ExhaustedError:
    """The disk or a quota is full; the store goes on once there is room."""
    return ExhaustedError(
        "storage.full",
        "There is no room left on the disk.",
        facts={"path": path},
        next_step="Free space or raise the quota, then run again: what was kept is served.",
    )
