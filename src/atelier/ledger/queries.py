"""The named statements of the `.sql` files, read once and only when the first is wanted."""

from functools import cache
from importlib.resources import files
from re import MULTILINE
from re import compile as pattern

_HEAD = pattern(r"^-- (name|part): (\w+)$", MULTILINE)


@cache
def queries(file: str = "queries.sql", room: str = "atelier.ledger") -> dict[str, str]:
    """Every statement of a room's file by its name, its parts filled in.

    Example:
        >>> print(queries()["find_blob"])
        -- find_blob: The bytes of an inline blob.
        select data from blob where digest = ?;
    """
    pieces = _HEAD.split(read_sql(file, room))[1:]
    parts: dict[str, str] = {}
    named: dict[str, str] = {}
    for kind, name, text in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        if kind == "part":
            parts[f"{{{name}}}"] = text.strip()
            continue
        statement = text.strip().removeprefix("-- ")
        for brace, columns in parts.items():
            statement = statement.replace(brace, columns)
        named[name] = f"-- {name}: {statement}"
    return named


def read_sql(name: str, room: str = "atelier.ledger") -> str:
    """The text of one of a room's `.sql` files."""
    return files(room).joinpath(name).read_text(encoding="utf-8")
