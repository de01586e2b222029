"""The schema's versions: an empty file gets the newest, an older one is migrated, others refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from atelier.kernel.digest import digest
from atelier.kernel.errors import IntegrityError, SetupError
from atelier.ledger.connection import Access, connect, create_file
from atelier.ledger.database import Database
from atelier.ledger.queries import queries, read_sql

APPLICATION = int.from_bytes(b"ATLR")


@dataclass(frozen=True, slots=True)
class Schema:
    """A version of the schema, and the way to it: `steps[n]` leads from version n to n + 1."""

    version: int
    ddl: str
    digest: str
    steps: Mapping[int, str] = field(default_factory=dict[int, str])


@cache
def current() -> Schema:
    """The schema that this program writes."""
    steps = {1: read_sql("step_1.sql"), 2: read_sql("step_2.sql")}
    return Schema(version=3, ddl=read_sql("schema.sql"), digest=DIGEST, steps=steps)


# A change here is a change of the schema: it takes a new version and a step to it.
DIGEST = "sha256:c03ae89bcb1902d583cfda19a8300e6d92fcd0e02dba7a9bb7265557e661e1bc"


def prepare(connection: Database, path: Path, schema: Schema) -> None:
    """Bring a file to the schema: create, migrate after a backup, or check.

    Raises:
        SetupError: the file is no ledger, or of a newer version.
        IntegrityError: the file's schema is not what its version says.
    """
    if _version(connection, path, schema) != schema.version:
        connection.execute("begin immediate").fetchall()
        try:
            # Another process may have been first.
            version = _version(connection, path, schema)
            if version == 0:
                _run(connection, schema.ddl)
            elif version < schema.version:
                _back_up(path, version)
                for step in range(version, schema.version):
                    _run(connection, schema.steps[step])
                _run(connection, f"pragma user_version = {schema.version}")
            _require_digest(connection, path, schema)
            connection.execute("commit").fetchall()
        finally:
            if connection.in_transaction:
                connection.execute("rollback").fetchall()
    _require_digest(connection, path, schema)


def require_current(connection: Database, path: Path, schema: Schema) -> None:
    """Refuse a file that a reader cannot read as it is.

    Raises:
        SetupError: the file is no ledger, or empty, or of another version.
        IntegrityError: the file's schema is not what its version says.
    """
    version = _version(connection, path, schema)
    if version == 0:
        raise missing(path)
    if version < schema.version:
        raise SetupError(
            "ledger.older",
            "The ledger is of an older version and must be migrated first.",
            facts={"ledger": path, "its schema": version, "this program's": schema.version},
            next_step="Run any writing command here, such as `atelier run`; it keeps a backup.",
        )
    _require_digest(connection, path, schema)


def missing(path: Path) -> SetupError:
    """There is no ledger in a place, or an empty file."""
    return SetupError(
        "ledger.missing",
        "There is no ledger here yet.",
        facts={"ledger": path},
        next_step="Run a workflow first: atelier run TARGET",
    )


def _version(connection: Database, path: Path, schema: Schema) -> int:
    """The file's version; 0 for a file that holds nothing yet."""
    application, version, objects = _marks(connection)
    if (application, version, objects) == (0, 0, 0):
        return 0
    if application != APPLICATION:
        raise SetupError(
            "ledger.foreign",
            "The file is not a ledger.",
            facts={"file": path, "application id": application},
            next_step="Set ATELIER_HOME to another folder, or move the file away.",
        )
    if version > schema.version:
        raise SetupError(
            "ledger.newer",
            "The ledger was written by a newer version of Atelier.",
            facts={"ledger": path, "its schema": version, "this program's": schema.version},
            next_step="Upgrade: pip install --upgrade atelier-harness",
        )
    return version


def _marks(connection: Database) -> tuple[int, int, int]:
    """Application, version and number of objects, all of one moment: another process may create."""
    alone = not connection.in_transaction
    if alone:
        connection.execute("begin").fetchall()
    try:
        objects = _number(connection, queries()["count_objects"])
        application = _number(connection, "pragma application_id")
        return application, _number(connection, "pragma user_version"), objects
    finally:
        if alone and connection.in_transaction:
            connection.execute("rollback").fetchall()


def _require_digest(connection: Database, path: Path, schema: Schema) -> None:
    found = schema_digest(connection)
    if found != schema.digest:
        raise IntegrityError(
            "ledger.schema",
            "The ledger's schema is not what its version says.",
            facts={"ledger": path, "expected": schema.digest, "found": found},
            next_step="Stop, keep the folder as it is, and restore the newest backup.",
        )


def schema_digest(connection: Database) -> str:
    """The digest of every table, index, view and trigger of a database, as written."""
    rows = connection.execute(queries()["schema_text"]).fetchall()
    return digest([list(row) for row in rows])


def _back_up(path: Path, version: int) -> None:
    """Copy the file through the backup API, beside itself, before it is changed."""
    kept = path.with_name(f"{path.name}.v{version}.backup")
    partial = path.with_name(f"{kept.name}.partial")
    partial.unlink(missing_ok=True)
    create_file(partial)
    source, target = connect(path, Access.READ), connect(partial, Access.WRITE)
    try:
        with target.backup("main", source, "main") as copy:
            copy.step()
    finally:
        target.close()
        source.close()
    partial.replace(kept)


def _number(connection: Database, sql: str) -> int:
    (number,) = connection.execute(sql).fetchone() or (0,)
    return int(number)


def _run(connection: Database, sql: str) -> None:
    for _ in connection.execute(sql):
        pass
