"""Leases in a small SQLite file: single-flight across the processes of one machine."""

from collections.abc import Callable, Sequence
from os import getpid
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

import apsw
import orjson

from atelier.kernel.errors import IntegrityError
from atelier.ledger.connection import (
    Access,
    connect,
    create_file,
    failures,
    forked,
    hold,
    let_go,
    require_sound_engine,
    use_wal,
)
from atelier.ledger.database import Column, Database
from atelier.ledger.lease_book import Lease, LeaseBook
from atelier.ledger.lease_keeper import LeaseKeeper
from atelier.ledger.leases import Owner
from atelier.ledger.owner import this_process
from atelier.ledger.place import require_local
from atelier.ledger.queries import queries

__all__ = ["LeaseKeeper", "SqliteLeases", "this_process"]

T = TypeVar("T")
VERSION = 2


class SqliteLeases:
    """A `LeaseStore` in a file of its own: never synced, and replaced where it is damaged."""

    def __init__(self, path: Path, book: LeaseBook | None = None) -> None:
        require_sound_engine()
        self._path = Path(path).absolute()
        require_local(self._path.parent)
        self._book = book or LeaseBook()
        self._sql = queries("leases.sql")
        self._lock = RLock()
        self._pid = hold(self._path)
        self._connection: Database | None = None
        self._heard: tuple[object, ...] = ()
        self._met = 0

    def acquire(self, keys: Sequence[str], owner: Owner, /) -> frozenset[str]:
        """The keys granted now; a key that its owner holds already is not granted twice."""
        return self._do(lambda connection: self._acquire(connection, keys, owner))

    def heard(self) -> object:
        """What SQLite had counted at the last `acquire` of the changes that other openings made."""
        return self._heard

    def release(self, keys: Sequence[str], owner: Owner, /) -> None:
        """Give the keys back; keys held by others are left alone."""
        given = [(key, owner.token) for key in keys]
        self._do(lambda connection: connection.executemany(self._sql["release"], given))

    def renew(self, owner: Owner, /) -> None:
        """Extend everything that this owner holds."""
        values: dict[str, Column] = {"token": owner.token, "renewed": self._book.seconds()}
        self._do(lambda connection: connection.execute(self._sql["renew"], values))

    def find_holders(self, keys: Sequence[str], /) -> dict[str, Owner]:
        """Who holds these keys now."""
        found = self._do(lambda connection: self._leases(connection, keys))
        return {
            key: lease.owner for key, lease in found.items() if not self._book.is_over(key, lease)
        }

    def close(self) -> None:
        """Release the file; leases still held expire."""
        with self._lock:
            if self._connection is not None and getpid() == self._pid:
                self._connection.close()
                self._connection = None
                let_go(self._path)

    def _acquire(self, connection: Database, keys: Sequence[str], owner: Owner) -> frozenset[str]:
        who: dict[str, Column] = {
            "host": owner.host,
            "boot": owner.boot,
            "pid": owner.pid,
            "started": owner.started,
            "token": owner.token,
            "renewed": self._book.seconds(),
        }
        # Nearly always free: one statement, and no transaction around it.
        claim = connection.execute(self._sql["claim"], {**who, "keys": _json(keys)})
        claimed = dict(claim.fetchall())
        if len(claimed) == len(keys):
            self._heard = (connection, self._met, *set(claimed.values()))
            return frozenset(keys)
        self._met += 1  # whoever is taken over may have been at work until now
        self._heard = (connection, self._met)
        connection.execute("begin immediate")
        try:
            held = self._leases(connection, keys)
            granted = frozenset(
                key for key in keys if key not in held or self._book.is_over(key, held[key])
            )
            connection.executemany(self._sql["acquire"], [{**who, "key": key} for key in granted])
            connection.execute("commit")
        finally:
            if connection.in_transaction:
                connection.execute("rollback")
        return granted | claimed.keys()

    def _leases(self, connection: Database, keys: Sequence[str]) -> dict[str, Lease]:
        found = connection.execute(self._sql["find"], {"keys": _json(keys)}).fetchall()
        return {str(columns[0]): _lease(*columns[1:]) for columns in found}

    def _do(self, action: Callable[[Database], T]) -> T:
        """Run an action; where the file turns out to be damaged, on a new one."""
        if getpid() != self._pid:
            raise forked(self._path, self._pid)
        with self._lock:
            try:
                return self._try(action)
            except IntegrityError as error:
                if error.code != "ledger.damaged":
                    raise
            self._discard()
            return self._try(action)

    def _try(self, action: Callable[[Database], T]) -> T:
        if self._connection is None:
            self._connection = _open(self._path)
        with failures(self._path, self._connection):
            return action(self._connection)

    def _discard(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def _open(path: Path) -> Database:
    create_file(path)
    connection = connect(path, Access.WRITE)
    try:
        with failures(path, connection):
            use_wal(connection, path)
            connection.execute("pragma synchronous = off")
            _create(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _create(connection: Database) -> None:
    if _version(connection) == VERSION:
        return
    connection.execute("begin immediate")
    try:
        # Another process may have been first.
        found = _version(connection)
        if found != VERSION:
            if found:
                raise apsw.NotADBError(f"version {found} of the leases is unknown")
            for _ in connection.execute(queries("leases.sql")["create"]):
                pass
        connection.execute("commit")
    finally:
        if connection.in_transaction:
            connection.execute("rollback")


def _version(connection: Database) -> int:
    (version,) = connection.execute("pragma user_version").fetchone() or (0,)
    return int(version)


def _lease(*columns: Any) -> Lease:
    host, boot, pid, started, token, renewed = columns
    return Lease(Owner(host=host, boot=boot, pid=pid, started=started, token=token), renewed)


def _json(values: Sequence[str]) -> str:
    return orjson.dumps(list(values)).decode()
