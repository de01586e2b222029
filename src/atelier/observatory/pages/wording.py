"""Texts as a page tells them: what differs between two, word by word, and reasons without repeats."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from re import compile as pattern

_WORDS = pattern(r"\s+|\w+|[^\w\s]")
# A place in a value with many steps between its first and its last.
_LONG_PLACE = pattern(r"^([^/\s]+)(?:/[^/\s]+){4,}/([^/\s]+)")
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


def grouped(reasons: str) -> str:
    """The reasons of a row with each kind said once, and long places by their ends.

    Example:
        >>> grouped("code changed: a.py:f; input changed: draft/claims/2/cites/0/text; input changed: a/0")
        'code changed: a.py:f; input changed: draft/…/text, a/0'
        >>> grouped("first run")
        'first run'
    """
    kinds: dict[str, list[str]] = {}
    for reason in reasons.split("; "):
        kind, _, subject = reason.partition(": ")
        kinds.setdefault(kind, []).extend([_LONG_PLACE.sub(r"\1/…/\2", subject)] if subject else [])
    told = (f"{kind}: {', '.join(found)}" if found else kind for kind, found in kinds.items())
    return "; ".join(told)


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
