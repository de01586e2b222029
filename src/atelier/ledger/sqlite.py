"""The ledger on SQLite: the embedded default."""

from os import getpid
from pathlib import Path
from weakref import finalize

from atelier.kernel.errors import SetupError
from atelier.ledger.connection import (
    Access,
    connect,
    create_file,
    failures,
    hold,
    let_go,
    require_sound_engine,
    use_wal,
)
from atelier.ledger.database import Database
from atelier.ledger.migrate import Schema, current, missing, prepare, require_current
from atelier.ledger.pending import Pending
from atelier.ledger.place import require_local
from atelier.ledger.readers import Readers
from atelier.ledger.sqlite_reader import SqliteReader
from atelier.ledger.store import Commit, Committed
from atelier.ledger.writer import Writer

# A checkpoint every 16 MB: a page that many commits change is copied into the file once, and the
# pause stays below 100 ms. The log of a flood is cut back afterwards.
_LOG = ("pragma wal_autocheckpoint = 4000", "pragma journal_size_limit = 67108864")


class SqliteLedger(SqliteReader):
    """A `LedgerStore` in one file; every process that writes has one writing thread."""

    def __init__(self, path: Path, readers: Readers, writer: Writer | None) -> None:
        super().__init__(path, readers)
        self._writer = writer
        self._end = finalize(self, _release, path, readers, writer=writer, opener=self._pid)

    @classmethod
    def open(
        cls, path: Path, *, read_only: bool = False, schema: Schema | None = None
    ) -> "SqliteLedger":
        """The ledger in a file, which is made or migrated where it must be.

        Read-only, nothing is created, migrated or written, also where the folder cannot be
        written to.

        Raises:
            SetupError: the place, the engine or the file's version is refused.
            IntegrityError: the file is damaged.
        """
        require_sound_engine()
        path = Path(path).absolute()
        schema = schema or current()
        hold(path)
        try:
            if read_only:
                return cls(path, Readers(path, read_access(path, schema), schema), None)
            require_local(path.parent)
            create_file(path)
            writer = Writer(lambda: _open_to_write(path, schema), path)
            return cls(path, Readers(path, Access.READ, schema), writer)
        finally:
            let_go(path)

    def commit(self, commit: Commit) -> Pending[Committed]:
        """Make it durable; it is done once it is, and nobody can take it back.

        Raises:
            SetupError: the ledger was opened read-only, or before a fork.
        """
        self._require_opener()
        if self._writer is None:
            raise SetupError(
                "ledger.read_only",
                "The ledger is open for reading only.",
                facts={"ledger": self._path},
                next_step="Open it for writing: SqliteLedger.open(path).",
            )
        return self._writer.submit(commit)

    def close(self) -> None:
        """Wait for what was submitted, then release the files."""
        self._end()


def _release(path: Path, readers: Readers, *, writer: Writer | None, opener: int) -> None:
    if getpid() != opener:  # a forked child has neither the thread nor the locks
        return
    readers.close()
    # Only a writer that is the last to go folds the log into the file, which may then be copied.
    if writer is not None:
        writer.close()
    let_go(path)


def _open_to_write(path: Path, schema: Schema) -> Database:
    connection = connect(path, Access.WRITE)
    try:
        with failures(path, connection):
            use_wal(connection, path)
            for pragma in _LOG:
                connection.execute(pragma).fetchall()
            prepare(connection, path, schema)
    except BaseException:
        connection.close()
        raise
    return connection


def read_access(path: Path, schema: Schema) -> Access:
    """How a file can be read: as it is, or frozen where its folder cannot be written to."""
    if not path.exists():
        raise missing(path)
    try:
        _probe(path, Access.READ, schema)
    except SetupError as error:
        log = path.with_name(f"{path.name}-wal")
        if error.code != "ledger.unopened" or (log.exists() and log.stat().st_size):
            raise
        # Nothing waits in the log, so the file alone is the whole ledger.
        _probe(path, Access.FROZEN, schema)
        return Access.FROZEN
    return Access.READ


def _probe(path: Path, access: Access, schema: Schema) -> None:
    connection = connect(path, access)
    try:
        with failures(path, connection):
            require_current(connection, path, schema)
    finally:
        connection.close()
