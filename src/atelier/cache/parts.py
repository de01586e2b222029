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


# What nothing but a statement of a module reaches is the script's, and no stage's.
GUARD = 'put what a script does when it is run below `if __name__ == "__main__":`'


@dataclass(frozen=True, slots=True)
class Unseen:
    """Something that a stage reads and that its key cannot see, and the line that declares it."""

    what: str
    where: str
    declare: str

    def told_of(self, stage: str) -> str:
        """What people are told of it; of what a script does, the same for each of its stages.

        Example:
            >>> Unseen("clock", "flow.py:3", "pass the moment").told_of("draft")
            'draft: clock at flow.py:3 is not in its key, so its value serves this run only; pass the moment'
        """
        found = f"{self.what} at {self.where}"
        if self.declare != GUARD:
            return f"{stage}: {found} is not in its key, so its value serves this run only; {self.declare}"
        return (
            f"the script's own statements reach {found}, which no key sees, so what its stages give "
            f"serves this run only; {self.declare}"
        )


@dataclass(frozen=True, slots=True)
class Closure:
    """The identity of a stage's code: structure only, without names of modules, paths, positions."""

    digest: str
    parts: tuple[Part, ...]
    unseen: tuple[Unseen, ...]
    libraries: Mapping[str, str]
