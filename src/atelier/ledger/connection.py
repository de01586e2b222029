"""The rules by which a database file of ours is opened; nothing else opens one."""

from collections.abc import Generator
from contextlib import contextmanager
from enum import Enum
from os import getpid, mknod
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import cast
from urllib.parse import quote

import apsw

from atelier.kernel.errors import SetupError
from atelier.ledger.database import Database
from atelier.ledger.failure import failure

BUSY_SECONDS = 60.0
BUSY_POLL = 0.000_2


class Access(Enum):
    """What a connection may do."""

    WRITE = apsw.SQLITE_OPEN_READWRITE
    READ = apsw.SQLITE_OPEN_READONLY
    FROZEN = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI


_COMMON = (
    "pragma foreign_keys = on",
    "pragma trusted_schema = off",
    "pragma cell_size_check = on",
    # A REPLACE deletes; without this it would do so past the triggers that refuse it.
    "pragma recursive_triggers = on",
    "pragma synchronous = full",
)


def connect(path: Path, access: Access) -> Database:
    """A connection that keeps the house's rules.

    Raises:
        AtelierError: the file cannot be opened; the error says why and what to do.
    """
    with failures(path):
        connection = cast("Database", apsw.Connection(_name(path, access), flags=access.value))
        connection.set_busy_handler(_wait)
        # Without this, a statement that could use a partial index is prepared anew each time it is
        # given values, since they might decide the plan: most of what a lookup takes.
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        for pragma in _COMMON:
            connection.execute(pragma).fetchall()
    return connection


def _name(path: Path, access: Access) -> str:
    return f"file:{quote(str(path))}?immutable=1" if access is Access.FROZEN else str(path)


def _wait(tries: int) -> bool:
    """Wait for a lock that another process holds; False once it has been long enough.

    SQLite's own timeout backs off up to 100 ms, so that a writer who has just committed nearly
    always takes the lock again. Asking often, and evenly, gives everyone a turn.
    """
    sleep(BUSY_POLL)
    return tries * BUSY_POLL < BUSY_SECONDS


def create_file(path: Path) -> None:
    """Make an empty file for this user alone, if there is none, without opening it.

    A close of the file would drop every lock that SQLite holds on it in this process.

    Raises:
        SetupError: this user may not write there.
    """
    try:
        for folder in reversed([path.parent, *path.parent.parents]):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
        mknod(path, 0o600)
    except FileExistsError:
        return
    except OSError as error:
        raise SetupError(
            "ledger.unopened",
            "The ledger cannot be opened here.",
            facts={"ledger": path, "why": error},
            next_step="Check that this user may read and write the ledger's folder.",
        ) from error


def use_wal(connection: Database, path: Path) -> None:
    """Switch to write-ahead logging; several processes may do so to a new file at once.

    Raises:
        AtelierError: the file system cannot keep a write-ahead log.
    """
    deadline = monotonic() + BUSY_SECONDS
    mode = None
    while mode is None:
        try:
            (mode,) = connection.execute("pragma journal_mode = wal").fetchone() or ("",)
        except apsw.BusyError as error:
            if monotonic() > deadline:
                raise failure(error, path) from error
            sleep(0.005)
    if mode != "wal":
        raise SetupError(
            "ledger.no_wal",
            "The ledger's file system cannot keep a write-ahead log.",
            facts={"ledger": path, "journal mode": mode},
            next_step="Set ATELIER_HOME to a folder on a disk of this machine.",
        )


@contextmanager
def failures(path: Path, connection: Database | None = None) -> Generator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except apsw.ConnectionClosedError as error:
        raise failure(error, path) from error
    except apsw.Error as error:
        errno = connection.system_errno if connection is not None else 0
        raise failure(error, path, errno=errno) from error


def require_sound_engine(version: str = apsw.sqlite_lib_version()) -> None:
    """Refuse a SQLite in which a checkpoint beside a commit can damage the write-ahead log.

    Raises:
        SetupError: the engine is older than the repair.
    """
    major, minor, patch = (int(part) for part in version.split(".")[:3])
    repaired = (major, minor, patch) >= (3, 51, 3)
    if not (repaired or (minor == 50 and patch >= 7) or (minor == 44 and patch >= 6)):
        raise SetupError(
            "ledger.engine",
            "This SQLite can damage a ledger that two connections use.",
            facts={"version": version, "repaired in": "3.51.3"},
            next_step="Install a newer engine: pip install --upgrade apsw",
        )


_holders: dict[str, tuple[int, int]] = {}
_holding = Lock()


def hold(path: Path) -> int:
    """Note that this process uses a file, and return its process id.

    SQLite remembers locks by process: a file that was open when the process forked looks locked
    in the child although it is not, so a child may not open it again.

    Raises:
        SetupError: the file was open in the process that this one was forked from.
    """
    pid, name = getpid(), str(path)
    with _holding:
        holder, count = _holders.get(name, (pid, 0))
        if holder != pid:
            raise forked(path, holder)
        _holders[name] = (pid, count + 1)
    return pid


def let_go(path: Path) -> None:
    """Undo one `hold`."""
    name = str(path)
    with _holding:
        pid, count = _holders.get(name, (getpid(), 1))
        if pid != getpid():
            return
        if count > 1:
            _holders[name] = (pid, count - 1)
        else:
            _holders.pop(name, None)


def forked(path: Path, opener: int) -> SetupError:
    """A file is used in another process than the one that opened it."""
    return SetupError(
        "ledger.forked",
        "A ledger cannot be used across a fork.",
        facts={"ledger": path, "opened by": opener, "used by": getpid()},
        next_step="Start the process with spawn, and open the ledger there.",
    )
