"""Which element of a later list was which of an earlier one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from atelier.kernel.canonical import Json, canonical
from atelier.kernel.digest import digest


@dataclass(frozen=True, slots=True)
class Part:
    """An element of a list: where it stands, counted from 0, what it is, and its digest."""

    position: int
    digest: str
    value: Json

    def as_json(self) -> dict[str, Json]:
        """The part as JSON."""
        return {"position": self.position, "digest": self.digest, "value": self.value}


Pair = tuple[Part, Part]


@dataclass(frozen=True, slots=True)
class Alignment:
    """Elements that came, went, moved unchanged, or changed in place."""

    added: list[Part] = field(default_factory=list[Part])
    removed: list[Part] = field(default_factory=list[Part])
    moved: list[Pair] = field(default_factory=list[Pair])
    changed: list[Pair] = field(default_factory=list[Pair])


def align(earlier: Sequence[Json], later: Sequence[Json], *, key: str = "") -> Alignment:
    """The fate of each element; with a key, an element is the one that has its key.

    Without one, an element changed into what stands in its place between equal neighbours.

    Example:
        >>> found = align(["a", "b", "c"], ["x", "a", "B", "c"])
        >>> [part.value for part in found.added], [new.value for _, new in found.changed]
        (['x'], ['B'])
    """
    runs = list(_unequal(_parts(earlier), _parts(later)))
    moved = _match(runs, lambda part: part.digest)
    runs = [(_without(old, moved, 0), _without(new, moved, 1)) for old, new in runs]
    if key:
        changed = _match(runs, lambda part: _key(part, key))
    else:
        changed = [pair for old, new in runs for pair in zip(old, new, strict=False)]
    return Alignment(
        added=[part for _, new in runs for part in _without(new, changed, 1)],
        removed=[part for old, _ in runs for part in _without(old, changed, 0)],
        moved=moved,
        changed=changed,
    )


def _parts(values: Sequence[Json]) -> list[Part]:
    return [Part(position, digest(value), value) for position, value in enumerate(values)]


def _unequal(old: list[Part], new: list[Part]) -> Iterator[tuple[list[Part], list[Part]]]:
    """The runs between which nothing is equal; equal ends are cut off first, to stay linear."""
    start = 0
    while start < min(len(old), len(new)) and old[start].digest == new[start].digest:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end].digest == new[-1 - end].digest:
        end += 1
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    matcher = SequenceMatcher(
        None, [part.digest for part in old], [part.digest for part in new], autojunk=False
    )
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag != "equal":
            yield old[old_start:old_end], new[new_start:new_end]


def _match(
    runs: Sequence[tuple[list[Part], list[Part]]], name: Callable[[Part], str]
) -> list[Pair]:
    """Pairs of one name, each part once, in order of the later list."""
    waiting: dict[str, list[Part]] = {}
    for old, _ in runs:
        for part in old:
            waiting.setdefault(name(part), []).append(part)
    pairs: list[Pair] = []
    for _, new in runs:
        for part in new:
            found = waiting.get(name(part))
            if found:
                pairs.append((found.pop(0), part))
    return pairs


def _without(parts: Sequence[Part], pairs: Sequence[Pair], side: int) -> list[Part]:
    gone = {pair[side].position for pair in pairs}
    return [part for part in parts if part.position not in gone]


def _key(part: Part, key: str) -> str:
    value = part.value.get(key) if isinstance(part.value, dict) else None
    return canonical(value).decode()
