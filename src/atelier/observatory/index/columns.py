"""What a table of the index is: its columns, how each is filtered, and what it may be sorted by."""

from dataclasses import dataclass
from enum import StrEnum

from atelier.kernel.errors import SetupError


class Kind(StrEnum):
    """What a column holds, and so how it is shown and filtered."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    MONEY = "money"  # integer micros of a dollar
    TIME = "time"
    DIGEST = "digest"


class Op(StrEnum):
    """A condition on a column."""

    IS = "is"
    HAS = "has"
    FROM = "from"
    TO = "to"
    NONE = "none"


_OPS = {
    Kind.TEXT: (Op.IS, Op.HAS, Op.NONE),
    Kind.CHOICE: (Op.IS, Op.NONE),
    Kind.NUMBER: (Op.IS, Op.FROM, Op.TO, Op.NONE),
    Kind.MONEY: (Op.IS, Op.FROM, Op.TO, Op.NONE),
    Kind.TIME: (Op.IS, Op.FROM, Op.TO, Op.NONE),
    Kind.DIGEST: (Op.IS, Op.NONE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `choices` are all that it can hold, where that is known beforehand.

    `nullable` numbers may be unknown; they stand below every other when they are sorted.
    """

    name: str
    title: str
    kind: Kind = Kind.TEXT
    sortable: bool = False
    nullable: bool = False
    choices: tuple[str, ...] = ()

    @property
    def ops(self) -> tuple[Op, ...]:
        """The conditions that this column takes."""
        return _OPS[self.kind]

    @property
    def is_number(self) -> bool:
        """Whether its values are compared as numbers."""
        return self.kind in {Kind.NUMBER, Kind.MONEY}

    @property
    def field(self) -> str:
        """Its name in addresses, JSON and CSV, where an amount is in dollars."""
        return f"{self.name}_usd" if self.kind is Kind.MONEY else self.name

    @property
    def named(self) -> str:
        """Its name as SQL writes it."""
        return f'"{self.name}"'

    @property
    def ordered(self) -> str:
        """What pages are sorted by; an index stands on just this."""
        return f"ifnull({self.named}, -1)" if self.nullable else self.named


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that the pages show: its name in URLs, its place in the index, its columns."""

    name: str
    title: str
    place: str
    columns: tuple[Column, ...]

    def get_column(self, name: str) -> Column:
        """A column by its name.

        Raises:
            SetupError: the table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise SetupError(
            "observatory.column",
            f"Table {self.name!r} has no column {name!r}.",
            facts={"columns": ", ".join(column.name for column in self.columns)},
            next_step="Use one of these names.",
        )

    @property
    def sortable(self) -> tuple[Column, ...]:
        """The columns that it may be sorted by."""
        return tuple(column for column in self.columns if column.sortable)


def text(name: str, title: str, *, sortable: bool = False) -> Column:
    """A column of free text."""
    return Column(name=name, title=title, sortable=sortable)


def choice(name: str, title: str, *choices: str) -> Column:
    """A column of few values."""
    return Column(name=name, title=title, kind=Kind.CHOICE, choices=choices)


def number(name: str, title: str, *, sortable: bool = False, nullable: bool = False) -> Column:
    """A column of numbers."""
    return Column(name=name, title=title, kind=Kind.NUMBER, sortable=sortable, nullable=nullable)


def money(name: str, title: str, *, sortable: bool = False) -> Column:
    """A column of amounts, unknown ones among them."""
    return Column(name=name, title=title, kind=Kind.MONEY, sortable=sortable, nullable=True)


def time(name: str, title: str, *, sortable: bool = False) -> Column:
    """A column of moments."""
    return Column(name=name, title=title, kind=Kind.TIME, sortable=sortable)


def digest(name: str, title: str) -> Column:
    """A column of digests, found by their beginning."""
    return Column(name=name, title=title, kind=Kind.DIGEST)
