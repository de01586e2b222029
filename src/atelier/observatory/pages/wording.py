"""What differs between two texts, word by word."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from re import compile as pattern

_WORDS = pattern(r"\s+|\w+|[^\w\s]")
# Of more words than these, the two texts are shown whole: the comparison takes their square.
_MOST = 2_000


def worded(earlier: str, later: str) -> list[tuple[str, str]]:
    """Pieces that are the same, removed or added, in order.

    Example:
        >>> worded("I slept five hours.", "I slept six hours.")
        [('same', 'I slept '), ('removed', 'five'), ('added', 'six'), ('same', ' hours.')]
    """
    old, new = _WORDS.findall(earlier), _WORDS.findall(later)
    if max(len(old), len(new)) > _MOST:
        return [("removed", earlier), ("added", later)]
    return list(_pieces(old, new))


def _pieces(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    for kind, first, last, start, end in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        was, now = "".join(old[first:last]), "".join(new[start:end])
        if kind == "equal":
            yield "same", was
            continue
        if was:
            yield "removed", was
        if now:
            yield "added", now
