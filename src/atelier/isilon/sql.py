"""Rows of a database as a slice."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from atelier.isilon.look import Look
from atelier.isilon.origin import Origin, Record
from atelier.isilon.statement import statement


@dataclass(frozen=True)
class Sql:
    """The rows of one ordered SELECT over SQLite; `:student` binds, `:week_start` is `week.start`.

    One snapshot serves every query of a collection; NULL is null. A row is found again by its column
    `id`, where the query selects one; else by its number in the answer.
    """

    query: str
    database: str = "default"
    where: Callable[..., bool] | None = field(default=None, kw_only=True)
    key: str = field(default="", kw_only=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the query binds.

        Raises:
            EvidenceError: the query is refused.
        """
        return statement(self.query).names

    def read(self, look: Look) -> Iterable[Record]:
        """A record per row, in the query's order."""
        for number, row in enumerate(look.rows(self.query, self.database), start=1):
            identity = row.get("id")
            key = "" if identity is None else str(identity)
            yield Record(dict(row), Origin(file=self.database, row=number, key=key))
