"""The index: opened beside a ledger, caught up from it, asked by the pages."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from math import inf
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Lock
from time import monotonic
from typing import Any
from weakref import finalize

import apsw
import orjson

from atelier.kernel.clock import SystemClock, iso
from atelier.kernel.digest import digest
from atelier.kernel.errors import AtelierError, IntegrityError
from atelier.ledger.database import Database
from atelier.ledger.owner import is_dead
from atelier.ledger.queries import queries, read_sql
from atelier.ledger.standing import owner_said
from atelier.ledger.store import LedgerStore
from atelier.ledger.tail import Position, Tail
from atelier.observatory.index.aggregates import (
    ALL,
    Cost,
    Period,
    Retries,
    StageUse,
    Trend,
    claim_trend,
    costs,
    retries,
    stage_uses,
)
from atelier.observatory.index.batch import Batch
from atelier.observatory.index.connection import Connections, failures, open_to_write
from atelier.observatory.index.documents import Read
from atelier.observatory.index.export import csv_chunks, json_chunks
from atelier.observatory.index.page import (
    ROOM,
    Count,
    Page,
    count_rows,
    find_choices,
    iter_lines,
    read_page,
)
from atelier.observatory.index.query import Query
from atelier.observatory.index.search import Found, count_hits, search
from atelier.observatory.index.tables import get_table

FILE = "observatory.sqlite"
BATCH = 8000
# Of what the texts are made; another number rebuilds every index.
_RULES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far the index has read its ledger, and whether there was more when it last looked.

    `as_of` is when it last looked, `trouble` what has kept it from looking since.
    """

    position: Position
    records: int
    behind: bool
    as_of: str = ""
    trouble: AtelierError | None = None


class Index:
    """Copies of what a ledger holds, as the pages ask for it; whatever is lost is made again.

    Reading is for any thread. Catching up is one thread's at a time, in short transactions: the
    ledger is only ever read, a batch at a time, and holds nothing for it in between.
    """

    def __init__(self, path: Path, ledger: LedgerStore, read: Read, *, folder: Path | None) -> None:
        self._path = path
        self._ledger = ledger
        # Also where nobody closes it: the folder is in nobody's way once the process has gone.
        self._let_go = finalize(self, rmtree, folder, ignore_errors=True) if folder else None
        self._writing = Lock()
        self._writer = _opened(path)
        self._sorted = False
        self._read = read
        self._batch = Batch(self._writer, ledger, read)
        self._connections = Connections(path)
        self._clock = SystemClock()
        self._as_of = iso(self._clock.now())
        self._trouble: AtelierError | None = None

    @classmethod
    def open(cls, path: Path, ledger: LedgerStore, read: Read) -> "Index":
        """The index in a file; what is no index of this program's is thrown away.

        `read` gives the bytes of a blob, verified, or None.

        Raises:
            SetupError: the place cannot be written to.
        """
        return cls(Path(path).absolute(), ledger, read, folder=None)

    @classmethod
    def temporary(cls, ledger: LedgerStore, read: Read) -> "Index":
        """An index that goes when it is closed: for a ledger whose folder is not to be touched."""
        folder = Path(mkdtemp(prefix="atelier-observatory-"))
        return cls(folder / FILE, ledger, read, folder=folder)

    def catch_up(self, *, seconds: float = inf) -> int:
        """Read all that the ledger holds, or as much as the time allows; how many records came."""
        records, more, until = 0, True, monotonic() + seconds
        while more and monotonic() < until:
            found, more = self.step()
            records += found
        return records

    def step(self, *, limit: int = BATCH) -> tuple[int, bool]:
        """Read one batch, so many records of each table; how many came, and whether there is more.

        Raises:
            AtelierError: the ledger cannot be read, or the index not written.
        """
        try:
            done = self._step(limit)
        except AtelierError as error:
            self._trouble = error
            raise
        self._as_of, self._trouble = iso(self._clock.now()), None
        return done

    def _step(self, limit: int) -> tuple[int, bool]:
        with self._writing, failures(self._path):
            standing = self._standing(self._writer)
            tail = self._ledger.read_tail(standing.position, limit=limit)
            if not tail.continues:
                self._rebuild()
                return 0, True
            if tail.size == 0 and not standing.behind:
                self._note_deaths()
                return 0, False
            if not (tail.more or self._sorted or self._batch.has_stale()):
                self._sort()
            return tail.size, self._write(tail, standing)

    def _write(self, tail: Tail, standing: Standing) -> bool:
        """Write a batch, unless another process was first; whether there is more to do."""
        writer = self._writer
        writer.execute("begin immediate").fetchall()
        try:
            if self._standing(writer).position != standing.position:
                return True
            self._batch.write(tail)
            left = not tail.more and self._batch.refresh()
            more = tail.more or left or not self._sorted
            values: dict[str, str | int | float | bytes | None] = {
                "position": orjson.dumps(asdict(tail.position)).decode(),
                "records": tail.size,
                "building": "rows" if more else "",
            }
            writer.execute(_sql("stand"), values).fetchall()
            writer.execute("commit").fetchall()
        except BaseException:
            self._forget()
            raise
        else:
            return more
        finally:
            if writer.in_transaction:
                writer.execute("rollback").fetchall()

    def _forget(self) -> None:
        """Remember nothing of what was written: it does not stand any more."""
        self._sorted = False
        self._batch = Batch(self._writer, self._ledger, self._read)

    def _sort(self) -> None:
        """Make the indexes by which the pages ask, where they are not there yet."""
        self._batch.index_outputs()
        for _ in self._writer.execute(read_sql("indexes.sql", ROOM)):
            pass
        self._sorted = True

    def _note_deaths(self) -> None:
        """Say of runs whose process is gone without a word that they were interrupted."""
        running = self._writer.execute(_sql("running")).fetchall()
        dead = [(number,) for number, owner in running if is_dead(owner_said(owner))]
        if dead:
            self._writer.executemany(_sql("interrupt"), dead)

    def standing(self) -> Standing:
        """How far the ledger has been read."""
        found = _standing_of(self._connections.rows(_sql("standing")))
        trouble = self._trouble
        behind = found.behind or trouble is not None
        return replace(found, behind=behind, as_of=self._as_of, trouble=trouble)

    @property
    def as_of(self) -> str:
        """When it last looked into the ledger."""
        return self._as_of

    @property
    def trouble(self) -> AtelierError | None:
        """What has kept it from looking into the ledger since; None where nothing has."""
        return self._trouble

    def page(self, query: Query) -> Page:
        """A page of a table.

        Raises:
            FilterError: the question does not fit the table.
            ExhaustedError: the answer took too long.
        """
        return read_page(self._connections, query)

    def count(self, query: Query) -> Count:
        """How many rows a question has, exact up to 10,000."""
        return count_rows(self._connections, query)

    def choices(self, table: str, column: str) -> tuple[str, ...]:
        """The values that a column of choices has, or may have."""
        return find_choices(self._connections, table, column)

    def export_csv(self, query: Query) -> Iterator[str]:
        """All that a question has, as CSV, streamed."""
        return csv_chunks(get_table(query.table), iter_lines(self._connections, query))

    def export_json(self, query: Query) -> Iterator[bytes]:
        """All that a question has, as a JSON array, streamed."""
        return json_chunks(get_table(query.table), iter_lines(self._connections, query))

    def search(
        self, text: str, *, kinds: Sequence[str] = (), before: int = 0, limit: int = 20
    ) -> Found:
        """The texts that have every word and "phrase", newest first; `before` goes on.

        Raises:
            FilterError: there is no such kind.
            ExhaustedError: the answer took too long.
        """
        return search(self._connections, text, kinds=kinds, before=before, limit=limit)

    def count_hits(self, text: str) -> dict[str, Count]:
        """How many texts of each kind a search finds, among the newest thousand."""
        return count_hits(self._connections, text)

    def costs(self, by: str, period: Period = ALL) -> tuple[Cost, ...]:
        """Costs by day, workflow, stage, model or price table."""
        return costs(self._connections, by, period)

    def stage_uses(self, period: Period = ALL) -> tuple[StageUse, ...]:
        """Every version of every stage, how it was used and how long it took."""
        return stage_uses(self._connections, period)

    def retries(self, period: Period = ALL) -> tuple[Retries, ...]:
        """How attempts ended that were no answer, by stage and kind."""
        return retries(self._connections, period)

    def claim_trend(self, period: Period = ALL) -> tuple[Trend, ...]:
        """The claims of each day by verdict, in order."""
        return claim_trend(self._connections, period)

    def close(self) -> None:
        """Release the file, and remove it where it was for this time only."""
        with self._writing:
            self._connections.close()
            self._writer.close()
        if self._let_go is not None:
            self._let_go()

    def _standing(self, connection: Database) -> Standing:
        return _standing_of(connection.execute(_sql("standing")).fetchall())

    def _rebuild(self) -> None:
        """Begin anew: the ledger is another one than the index was made from."""
        _clear(self._writer)
        self._forget()


def _standing_of(found: Any) -> Standing:
    ((position, records, building),) = found
    said = orjson.loads(position)
    for name in ("open_runs", "open_attempts"):
        said[name] = tuple(said.get(name, ()))
    return Standing(position=Position(**said), records=records, behind=bool(building))


def _opened(path: Path) -> Database:
    """A file with the schema of this program; any other is removed, or emptied."""
    with failures(path):
        try:
            connection = open_to_write(path)
            if not _fits(connection):
                _clear(connection)
        except (IntegrityError, apsw.CorruptError, apsw.NotADBError):
            for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
                with suppress(FileNotFoundError):
                    path.with_name(name).unlink()
            connection = open_to_write(path)
            _clear(connection)
        return connection


def _fits(connection: Database) -> bool:
    found = connection.execute(_sql("version")).fetchone()
    return found == (_version(),)


def _clear(connection: Database) -> None:
    """Throw everything away, and make the tables."""
    connection.execute("begin immediate").fetchall()
    try:
        for kind, name in connection.execute(_sql("objects")).fetchall():
            connection.execute(f'drop {kind} if exists "{name}"').fetchall()
        for _ in connection.execute(read_sql("schema.sql", ROOM)):
            pass
        connection.execute(f"pragma user_version = {_version()}").fetchall()
        connection.execute("commit").fetchall()
    finally:
        if connection.in_transaction:
            connection.execute("rollback").fetchall()


@cache
def _version() -> int:
    """The schema and the rules of this program, as a number."""
    texts = [read_sql(name, ROOM) for name in ("schema.sql", "indexes.sql")]
    return int(digest([*texts, _RULES])[7:14], 16)


def _sql(name: str) -> str:
    return queries("queries.sql", ROOM)[name]
