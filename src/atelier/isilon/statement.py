"""A query that may be asked of evidence: one SELECT, in a stated order, with bound values only."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from re import DOTALL, IGNORECASE
from re import compile as pattern
from typing import Never

from atelier.isilon.errors import EvidenceError

_TOKEN = pattern(
    r"""(?P<skip>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
      |(?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\])
      |(?P<bound>[:@$#]\w+|\?\d*)
      |(?P<word>\w+)
      |(?P<mark>.)""".replace("\n      ", ""),
    DOTALL | IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A checked query and the names that it binds."""

    query: str
    names: tuple[str, ...]


@lru_cache(maxsize=256)
def statement(query: str) -> Statement:
    """The query, if its answer depends on nothing but its values and the database.

    Raises:
        EvidenceError: it is not one SELECT, has no ORDER BY, or binds by anything but `:name`.

    Example:
        >>> statement("select id from journal where day >= :week_start order by id").names
        ('week_start',)
    """
    tokens = list(_tokens(query))
    words = [text.lower() for _, text, _ in tokens]
    while words and words[-1] == ";":
        words.pop()
        tokens.pop()
    if not words or words[0] not in {"select", "with"}:
        _refuse(query, "it is not a SELECT", "Evidence is read only: write `select … order by …`.")
    if ";" in words:
        _refuse(query, "it holds more than one statement", "Use one Sql source per statement.")
    for kind, text, _ in tokens:
        if kind == "bound" and not text.startswith(":"):
            _refuse(query, f"it binds {text!r}", "Bind by name: `:student`.")
    if not _has_order(tokens):
        _refuse(
            query,
            "it has no ORDER BY, so that equal data may come in another order",
            "Add `order by` with columns that tell every row from every other.",
        )
    names = [text[1:] for kind, text, _ in tokens if kind == "bound"]
    return Statement(query, tuple(dict.fromkeys(names)))


def _tokens(query: str) -> Iterator[tuple[str, str, int]]:
    """Kind, text and depth of parentheses of each token that means something."""
    depth = 0
    for match in _TOKEN.finditer(query):
        kind = match.lastgroup or "mark"
        if match[0] == ")":
            depth -= 1
        if kind != "skip":
            yield kind, match[0], depth
        if match[0] == "(":
            depth += 1


def _has_order(tokens: list[tuple[str, str, int]]) -> bool:
    """Whether the outermost query is ordered; an ORDER BY within parentheses orders no rows."""
    outer = [text.lower() for kind, text, depth in tokens if kind == "word" and depth == 0]
    return ("order", "by") in set(pairwise(outer))


def _refuse(query: str, why: str, next_step: str) -> Never:
    raise EvidenceError(
        "evidence.query",
        "A query is refused.",
        facts={"query": query, "why": why},
        next_step=next_step,
    )
