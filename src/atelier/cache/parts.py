"""What a closure is made of: its parts, what it cannot see, and what it takes by version."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PartKind = Literal["function", "class", "constant", "bytecode"]


@dataclass(frozen=True, slots=True)
class Part:
    """One definition that a stage can reach.

    The label is for people and never enters a digest; the digest is of this definition alone, so
    that an edit shows at the edited object and not at everything that calls it.
    """

    label: str
    kind: PartKind
    digest: str
    text: str


@dataclass(frozen=True, slots=True)
class Unseen:
    """Something that a stage reads and that its key cannot see, and the line that declares it."""

    what: str
    where: str
    declare: str


@dataclass(frozen=True, slots=True)
class Closure:
    """The identity of a stage's code: structure only, without names of modules, paths, positions."""

    digest: str
    parts: tuple[Part, ...]
    unseen: tuple[Unseen, ...]
    libraries: Mapping[str, str]
