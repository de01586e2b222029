"""Where two JSON values differ, as pointers, and where two texts do, as lines."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast

from atelier.kernel.canonical import Json, canonical, pointer

LIMIT = 200
# Alignment is quadratic at worst; beyond this many elements, lists compare by position.
ALIGNED = 2_000

ChangeKind = Literal["added", "removed", "changed"]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One place that differs; a removed element's pointer is into the earlier value."""

    pointer: str
    kind: ChangeKind
    earlier: Json = None
    now: Json = None


def difference(earlier: Json, now: Json, *, limit: int = LIMIT) -> list[Change]:
    """The places where two JSON values differ, at most `limit` of them.

    Lists are aligned by element, so that an insertion is one change and not a shift of the rest.

    Example:
        >>> [(c.kind, c.pointer) for c in difference({"a": [1, 2]}, {"a": [0, 1, 2], "b": 1})]
        [('added', '/a/0'), ('added', '/b')]
    """
    found: list[Change] = []
    for change in _changes(earlier, now, ()):
        found.append(change)
        if len(found) == limit:
            break
    return found


def _changes(earlier: Any, now: Any, path: Path) -> Iterator[Change]:
    match earlier, now:
        case dict(), dict():
            yield from _members(cast("dict[str, Any]", earlier), cast("dict[str, Any]", now), path)
        case list(), list():
            yield from _aligned(cast("list[Any]", earlier), cast("list[Any]", now), path)
        case _ if _same(earlier, now):
            return
        case _:
            yield Change(pointer(path), "changed", earlier, now)


def _members(earlier: dict[str, Any], now: dict[str, Any], path: Path) -> Iterator[Change]:
    for name in sorted({*earlier, *now}):
        place = (*path, name)
        if name not in earlier:
            yield Change(pointer(place), "added", None, now[name])
        elif name not in now:
            yield Change(pointer(place), "removed", earlier[name], None)
        else:
            yield from _changes(earlier[name], now[name], place)


def _aligned(earlier: list[Any], now: list[Any], path: Path) -> Iterator[Change]:
    for old, new in _blocks(earlier, now):
        paired = min(len(old), len(new))
        for before, after in zip(old, new, strict=False):
            yield from _changes(earlier[before], now[after], (*path, after))
        for index in old[paired:]:
            yield Change(pointer((*path, index)), "removed", earlier[index], None)
        for index in new[paired:]:
            yield Change(pointer((*path, index)), "added", None, now[index])


def _blocks(earlier: list[Any], now: list[Any]) -> Iterator[tuple[range, range]]:
    if max(len(earlier), len(now)) > ALIGNED:
        yield range(len(earlier)), range(len(now))
        return
    matcher = difflib.SequenceMatcher(
        None, [canonical(item) for item in earlier], [canonical(item) for item in now], False
    )
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag != "equal":
            yield range(start, end), range(first, last)


def _same(earlier: Any, now: Any) -> bool:
    return canonical(earlier) == canonical(now)


def text_diff(earlier: str, now: str) -> str:
    r"""A unified diff of two texts, three lines of context, without a header.

    Example:
        >>> print(text_diff("a\nb\n", "a\nc\n"))
        @@ -1,2 +1,2 @@
         a
        -b
        +c
    """
    lines = difflib.unified_diff(earlier.splitlines(), now.splitlines(), lineterm="")
    return "\n".join(_without_header(lines))


def _without_header(lines: Iterator[str]) -> Iterator[str]:
    for index, line in enumerate(lines):
        if index > 1:
            yield line
