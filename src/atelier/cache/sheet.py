"""The working sheet on which one definition is written down, and the node that comes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast

from atelier.cache.effects import CONSTANT, Effect
from atelier.cache.parts import PartKind, Unseen
from atelier.cache.places import Owner, owner_of_module, top_of
from atelier.cache.witness import Witnesses
from atelier.kernel.canonical import Json, canonical
from atelier.kernel.errors import AtelierError

# Values nested deeper than this are opaque: canonical JSON bounds its depth, and so do we.
MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a closure goes: whether docstrings count, and whose code is walked."""

    class_docs: bool = False
    function_docs: bool = False
    own: bool = False
    packages: frozenset[str] = frozenset()

    def tracks(self, owner: Owner, module: str) -> bool:
        """Whether code is walked by source, or taken by the version of its distribution."""
        return (
            owner is Owner.PROJECT
            or (owner is Owner.HARNESS and self.own)
            or (owner is Owner.LIBRARY and top_of(module) in self.packages)
        )

    def tracks_module(self, name: str) -> bool:
        """Whether a module's code is walked."""
        return self.tracks(owner_of_module(name), name)


@dataclass(frozen=True, slots=True)
class Target:
    """Something that gets a number of its own: a definition that others refer to."""

    kind: Literal["function", "class", "constant", "module", "statements"]
    key: tuple[object, ...]
    thing: Any
    label: str = ""
    where: str = ""


Encoder = Callable[[object, "Sheet"], Json]


class Sheet:
    """Collects what one definition refers to, while its content is written as JSON.

    References are numbered in the order in which they are met; what a number leads to stands in
    `targets`, so that content never holds a name of a module or a place.
    """

    def __init__(self, reach: Reach, encoder: Encoder, *, place: str = "", line: int = 0) -> None:
        self.reach = reach
        self.place = place
        self.line = line
        self.argument: str | None = None  # the constant that the name at hand is called with
        self.targets: dict[tuple[object, ...], Target] = {}
        self.unseen: dict[Unseen, None] = {}
        self.libraries: set[str] = set()
        self.witnesses = Witnesses()
        self._numbers: dict[tuple[object, ...], int] = {}
        self._encoder = encoder
        self.written: dict[int, tuple[int, object]] = {}
        self.depth = 0

    @property
    def where(self) -> str:
        """The place that is being read, as people name it."""
        return f"{self.place}:{self.line}" if self.line else self.place

    def fresh(self) -> "Sheet":
        """A sheet for a trial at the same place, within the same values."""
        sheet = self._blank()
        sheet.written, sheet.depth = dict(self.written), self.depth
        return sheet

    def _blank(self) -> "Sheet":
        return Sheet(self.reach, self._encoder, place=self.place, line=self.line)

    def met(self, value: object) -> list[Json] | None:
        """The content of a mutable value that was written on this sheet before: its number there.

        It ends cycles, tells one shared object from two equal ones, and keeps the cost of a graph
        of objects to its size.
        """
        known = self.written.get(id(value))
        if known is not None:
            return ["same", known[0]]
        self.written[id(value)] = (len(self.written), value)
        return None

    def ref(self, target: Target) -> Json:
        """The content that stands for a definition: its number on this sheet."""
        self.targets.setdefault(target.key, target)
        return ["ref", self._numbers.setdefault(target.key, len(self._numbers))]

    def external(self, module: str, name: str = "") -> Json:
        """The content that stands for what is taken by version: its name in its library."""
        if owner_of_module(module) is not Owner.HARNESS:
            self.libraries.add(top_of(module))
        return ["external", f"{module}:{name}" if name else module]

    def unsee(self, what: str, declare: str) -> None:
        """Note something here that the key cannot see."""
        self.unseen.setdefault(Unseen(what, self.where, declare))

    def affect(self, effect: Effect, dotted: str) -> None:
        """Note an effect here, told by the name that has it."""
        told = _told(effect, dotted.removeprefix("builtins."), self.argument)
        self.unsee(told, effect.declare)

    def opaque(self, value: object) -> Json:
        """The content of a value that has no stable form; the stage cannot be reused."""
        kind = type(value)
        name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
        self.unsee(f"opaque value of type {name}", CONSTANT)
        return ["opaque", name]

    def encode(self, value: object) -> Json:
        """The content of any value, in which definitions are references."""
        if value is None or type(value) in (bool, str):
            return _scalar(value)
        if self.depth > MAX_DEPTH:
            return self.opaque(value)
        self.depth += 1
        try:
            return self._encoder(value, self)
        finally:
            self.depth -= 1

    def encode_watched(self, value: object) -> Json:
        """The content of a value that may be changed in place, and that is then written anew."""
        self.witnesses.watch_value(value, lambda: self._written(value))
        return self.encode(value)

    def _written(self, value: object) -> tuple[Json, tuple[object, ...]]:
        trial = self._blank()
        return trial.encode(value), tuple(trial.targets)


def _scalar(value: object) -> Json:
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return ["utf16", value.encode("utf-16-le", "surrogatepass").hex()]
    return cast("Json", value)


def _told(effect: Effect, dotted: str, argument: str | None) -> str:
    if effect.what == "environment variable":
        return f"environment variable {argument}" if argument else f"environment in {dotted}"
    if argument is not None and dotted.rpartition(".")[2] == "open":
        return f"{dotted}({argument!r})"
    return f"{effect.what}: {dotted}" if effect.what != dotted else dotted


@dataclass(frozen=True, slots=True)
class Node:
    """One definition written down: content without places, and all that came up on the way."""

    kind: PartKind
    label: str
    digest: str
    text: str
    targets: tuple[Target, ...]
    unseen: tuple[Unseen, ...]
    libraries: frozenset[str]
    witnesses: Witnesses
    documents: bool = False


def readable(value: Any, content: Json) -> str:
    """A value as `why` shows it: its JSON where it is JSON, its tagged content else."""
    try:
        is_instance = isinstance(content, list) and content[:1] == ["instance"]
        return canonical(content if is_instance else value).decode()
    except (AtelierError, RecursionError):
        return canonical(content).decode()
