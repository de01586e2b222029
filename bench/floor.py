"""The floor: the cheapest honest program for the promise of W1, without a harness.

Canonical bytes and SHA-256 of the packet, indexed lookups, durable rows and 20 KB blobs in
SQLite (WAL, synchronous=FULL), written straight with the fastest libraries.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any

import apsw
import orjson

SCHEMA = """
create table if not exists result (key text primary key, output text not null, run integer) strict;
create table if not exists blob (digest text primary key, data blob not null) strict;
create table if not exists hit (run integer primary key, key text not null) strict;
"""


class Floor:
    """Five stages as plain calls: key, look up, call, store, commit."""

    def __init__(self, path: Path) -> None:
        self.db = apsw.Connection(str(path))
        self.db.execute("pragma journal_mode=wal")
        self.db.execute("pragma synchronous=full")
        self.db.execute(SCHEMA)

    def cold(self, packet: dict[str, Any], stages: list[Any]) -> bytes:
        """Run every stage that has no value, one commit a stage."""
        digest = self._digest(packet)
        data = b""
        for stage in stages:
            key = sha256(stage.__name__.encode() + digest.encode()).hexdigest()
            found = self._find(key)
            if found is None:
                data = orjson.dumps(stage(packet, data), option=orjson.OPT_SORT_KEYS)
                digest = sha256(data).hexdigest()
                with self.db:
                    self.db.execute("insert or ignore into blob values (?, ?)", (digest, data))
                    self.db.execute("insert into result values (?, ?, 0)", (key, digest))
            else:
                data, digest = found
        return data

    def warm(self, packet: dict[str, Any], stages: list[Any]) -> bytes:
        """Serve every stage from its key, verify the bytes, write one durable hit row."""
        data = self.cold(packet, stages)
        with self.db:
            self.db.execute("insert into hit (key) values (?)", (stages[-1].__name__,))
        return data

    def stored(self) -> int:
        """How many values there are."""
        ((count,),) = self.db.execute("select count(*) from result").fetchall()
        return int(count)

    def _digest(self, packet: dict[str, Any]) -> str:
        parts = [
            sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
            for value in packet.values()
        ]
        return sha256("".join(parts).encode()).hexdigest()

    def _find(self, key: str) -> tuple[bytes, str] | None:
        for digest, data in self.db.execute(
            "select output, data from result join blob on digest = output where key = ?", (key,)
        ):
            if sha256(data).hexdigest() == digest:
                return data, digest
        return None
