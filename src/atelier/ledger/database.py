"""A connection as the ledger uses one: apsw's own types cannot be read before Python 3.12."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

Column = str | int | float | bytes | None
Bindings = Sequence[Column] | Mapping[str, Column]


class Cursor(Protocol):
    """The result of a statement; a statement that gives rows runs as they are fetched."""

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""
        ...

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Every row that is left."""
        ...

    def __iter__(self) -> Iterator[tuple[Any, ...]]: ...


class Database(Protocol):
    """What `connect` returns."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        ...

    @property
    def system_errno(self) -> int:
        """The system's last error number on this connection's files."""
        ...

    def execute(self, statements: str, bindings: Bindings = (), /) -> Cursor:
        """Run statements."""
        ...

    def executemany(self, statements: str, bindings: Iterable[Bindings], /) -> Cursor:
        """Run a statement once for each of the bindings."""
        ...

    def changes(self) -> int:
        """How many rows the last statement changed."""
        ...

    def backup(self, database: str, source: "Database", source_database: str, /) -> Any:
        """A copy of another database into this one."""
        ...

    def create_scalar_function(self, name: str, function: Any, arguments: int, /) -> None:
        """Offer a function to SQL."""
        ...

    def set_busy_handler(self, handler: Callable[[int], bool], /) -> None:
        """What to do while another connection holds a lock; False gives up."""
        ...

    def config(self, option: int, value: int, /) -> int:
        """Set one of SQLite's options of a connection; how it stands now."""
        ...

    def close(self) -> None:
        """Close it."""
        ...
