"""A project's ledger and blobs, opened for reading alone: nothing is created and nothing written."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from atelier.blobs.files import FileBlobs
from atelier.cli.place import LEDGER, Place
from atelier.kernel.canonical import read
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import SetupError
from atelier.ledger.rows import Row, RunRecord
from atelier.ledger.sqlite import SqliteLedger

LATEST = "latest"
_MANY = 1_000_000
_NAMED = 5


class Archive:
    """What a project has recorded; every blob is verified when it is read."""

    def __init__(self, place: Place, ledger: SqliteLedger) -> None:
        self.place = place
        self.ledger = ledger
        self._files = FileBlobs(place.home / "blobs")
        self.damaged: set[str] = set()

    def read(self, digest: str) -> bytes | None:
        """The bytes of a blob, verified; None where they are missing or damaged."""
        for find in (self.ledger.find_blob, self._files.find):
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

    def get_run(self, name: str) -> RunRecord:
        """A run by its id, a unique prefix of it, or `latest`.

        Raises:
            SetupError: there is no such run, or there are several.
        """
        if name == LATEST:
            found = next(self.ledger.iter_runs(limit=1), None)
        else:
            found = self.ledger.find_run(name) if name else None
        if found is None:
            raise self._no_run(name)
        return found

    def _no_run(self, name: str) -> SetupError:
        ledger = {"ledger": self.place.home / LEDGER}
        runs = (run.start.run for run in self.ledger.iter_runs(limit=_MANY))
        same = [run for run in runs if name and run.startswith(name)]
        if not same:
            return SetupError(
                "cli.no_run",
                f"No run is called {name!r}.",
                facts=ledger,
                next_step="List them: atelier runs",
            )
        more = [f"and {len(same) - _NAMED} more"] if len(same) > _NAMED else []
        return SetupError(
            "cli.several_runs",
            f"{len(same)} runs are called {name!r}.",
            facts={"runs": "\n".join([*same[:_NAMED], *more]), **ledger},
            next_step="Give more of the id.",
        )

    def stage_row(self, run: RunRecord, stage: str) -> Row:
        """The row of a stage in a run.

        Raises:
            SetupError: the run has no such stage.
        """
        rows = list(self.ledger.iter_stage_rows(run.start.run))
        for row in rows:
            if row.stage == stage:
                return row
        raise SetupError(
            "cli.no_stage",
            f"The run has no stage {stage!r}.",
            facts={
                "run": run.start.run,
                "stages": ", ".join(row.stage for row in rows) or "(none)",
            },
            next_step="Use one of these names.",
        )

    def original(self, row: Row) -> Row:
        """The row that produced a row's value: itself, unless it was served."""
        while row.served_from is not None:
            source = self.ledger.find_row(row.served_from)
            if source is None:
                break
            row = source  # a row is served from an earlier one, so this ends
        return row

    def close(self) -> None:
        """Release the files."""
        self.ledger.close()


@contextmanager
def opened(place: Place) -> Generator[Archive]:
    """The archive of a place, closed at the end.

    Raises:
        SetupError: there is no ledger yet, or it cannot be read.
    """
    archive = Archive(place, SqliteLedger.open(place.home / LEDGER, read_only=True))
    try:
        yield archive
    finally:
        archive.close()
