"""A project's archive: its ledger and blobs, where nothing is created and nothing written."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from atelier.blobs.files import FileBlobs
from atelier.cli.place import LEDGER, Place
from atelier.kernel.errors import SetupError
from atelier.ledger.foreign import open_foreign
from atelier.ledger.rows import Row, RunRecord
from atelier.ledger.sqlite import SqliteLedger
from atelier.observatory.reading.archive import LATEST
from atelier.observatory.reading.archive import Archive as Recorded

__all__ = ["LATEST", "Archive", "opened", "opened_copy"]

_MANY = 1_000_000
_NAMED = 5


class Archive(Recorded):
    """What a project has recorded, and the errors of who asks it for what it has not."""

    def __init__(self, place: Place, ledger: SqliteLedger, *, file: Path | None = None) -> None:
        super().__init__(ledger, ledger.find_blob, FileBlobs(place.home / "blobs").find)
        self.place = place
        self.file = file or place.home / LEDGER

    def get_run(self, name: str) -> RunRecord:
        """A run by its id, a unique prefix of it, or `latest`.

        Raises:
            SetupError: there is no such run, or there are several.
        """
        found = self.find_run(name)
        if found is None:
            raise self._no_run(name)
        return found

    def _no_run(self, name: str) -> SetupError:
        ledger = {"ledger": self.file}
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


@contextmanager
def opened_copy(file: Path) -> Generator[Archive]:
    """The archive of a copied ledger, with the blobs that lie beside it, closed at the end.

    Raises:
        SetupError: the file is no ledger, or of another version.
        IntegrityError: its schema is not ours, or it is damaged.
    """
    folder = file.absolute().parent
    archive = Archive(Place(folder, folder), open_foreign(file), file=file)
    try:
        yield archive
    finally:
        archive.close()
