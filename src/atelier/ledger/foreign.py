"""A ledger that came from elsewhere: it is checked as a whole before anything of it is shown."""

from pathlib import Path

from atelier.kernel.errors import IntegrityError, SetupError
from atelier.ledger.connection import Access, connect, failures, require_sound_engine
from atelier.ledger.migrate import current
from atelier.ledger.sqlite import SqliteLedger, read_access

_FAULTS = 3


def open_foreign(path: Path) -> SqliteLedger:
    """A copied ledger for reading alone: its schema is just ours, and every page of it is sound.

    A file may be made to mislead: a view or a trigger of its own, or a page that names another.

    Raises:
        SetupError: the file is no ledger, or of another version.
        IntegrityError: its schema is not ours, or it is damaged.
    """
    require_sound_engine()
    path = path.absolute()
    access = _access(path)
    connection = connect(path, access)
    try:
        with failures(path, connection):
            query = f"pragma quick_check({_FAULTS})"
            found = [str(row[0]) for row in connection.execute(query).fetchall()]
    finally:
        connection.close()
    if found != ["ok"]:
        raise IntegrityError(
            "ledger.damaged",
            "The ledger is damaged.",
            facts={"ledger": path, "found": "; ".join(found)},
            next_step="Copy it again, with SQLite's backup or while nothing writes to it.",
        )
    return SqliteLedger.open(path, read_only=True)


def _access(path: Path) -> Access:
    try:
        return read_access(path, current())
    except SetupError as error:
        if error.code == "ledger.foreign":
            raise SetupError(
                "ledger.foreign",
                error.sentence,
                facts=error.facts,
                next_step="Give the copy of a ledger: of `ledger.sqlite` in a project's `.atelier`.",
            ) from error
        if error.code != "ledger.missing":
            raise
        raise SetupError(
            "ledger.empty",
            "This copy of a ledger holds nothing.",
            facts={"ledger": path},
            next_step="Copy the file that ends in -wal too, or copy while nothing has it open.",
        ) from error
