"""What was recorded: a ledger and its content, for reading alone."""

from collections.abc import Callable
from typing import Any

from atelier.kernel.canonical import read
from atelier.kernel.digest import digest_bytes
from atelier.ledger.rows import Row, RunRecord
from atelier.ledger.store import LedgerStore

LATEST = "latest"

Find = Callable[[str], bytes | None]


class Archive:
    """A ledger, and the places of its content; every blob is verified when it is read.

    A place gives the bytes of a digest, or None: a ledger's `find_blob`, a folder of files. What it
    gives need not be right; damaged bytes are a miss here, and their digest is in `damaged`.
    """

    def __init__(self, ledger: LedgerStore, *places: Find) -> None:
        self.ledger = ledger
        self._places = places
        self.damaged: set[str] = set()

    def read(self, digest: str) -> bytes | None:
        """The bytes of a blob, verified; None where they are missing or damaged."""
        for find in self._places:
            data = find(digest)
            if data is not None and digest_bytes(data) == digest:
                return data
            if data is not None:
                self.damaged.add(digest)
        return None

    def value(self, digest: str | None) -> Any:
        """The JSON value of a blob; None where it is missing or damaged."""
        data = self.read(digest) if digest else None
        return None if data is None else read(data)

    def remembering(self) -> "Archive":
        """The same, for one page: a value that it has read is not read again."""
        return _Remembering(self)

    def find_run(self, name: str) -> RunRecord | None:
        """A run by its id, a prefix that only one run has, or `latest`."""
        if name == LATEST:
            return next(self.ledger.iter_runs(limit=1), None)
        return self.ledger.find_run(name) if name else None

    def find_stage_row(self, run: str, stage: str) -> Row | None:
        """The row of a stage in a run."""
        rows = self.ledger.iter_stage_rows(run)
        return next((row for row in rows if row.stage == stage), None)

    def original(self, row: Row) -> Row:
        """The row that produced a row's value: itself, unless it was served."""
        while row.served_from is not None:
            source = self.ledger.find_row(row.served_from)
            if source is None:
                break
            row = source  # a row is served from an earlier one, so this ends
        return row


class _Remembering(Archive):
    """An archive that parses a value once; what it read is damaged for the other one too."""

    def __init__(self, archive: Archive) -> None:
        super().__init__(archive.ledger, archive.read)
        self.damaged = archive.damaged
        self._known: dict[str, Any] = {}

    def value(self, digest: str | None) -> Any:
        """The JSON value of a blob; None where it is missing or damaged."""
        if digest is None:
            return None
        if digest not in self._known:
            self._known[digest] = super().value(digest)
        return self._known[digest]
