"""What starts runs, as Observatory asks for it: the harness is handed in, and never imported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One parameter of a workflow's packet, as a form asks for it.

    `values` are real ones: of files, of databases, of recorded runs; another may be given.
    """

    name: str
    doc: str
    schema: Mapping[str, Any]
    is_required: bool
    default: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A workflow that may be started."""

    name: str
    doc: str
    target: str
    packet: str
    stages: tuple[str, ...]
    artefact: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event of a run, numbered from 1; `kind` is what the stream calls it."""

    number: int
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What a run that goes on will do yet: its stages, with the parameters and stages that each reads.

    `under_way` are those that have begun and not ended.
    """

    wires: Mapping[str, Sequence[tuple[str, str]]]
    under_way: frozenset[str] = frozenset()


class Feed(Protocol):
    """What has happened in a run so far; it only grows, and readers hold their place in it."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        ...

    async def after(self, number: int, *, seconds: float) -> Sequence[Happening]:
        """What happened after a number; waits for it a while, and gives nothing when time is up."""
        ...


class Starter(Protocol):
    """Starts workflows, cancels their runs, and tells what happens in them."""

    def offers(self) -> Sequence[Offer]:
        """The workflows that may be started, with values for their parameters as they are now."""
        ...

    def find_offer(self, workflow: str) -> Offer | None:
        """One of them."""
        ...

    def start(self, workflow: str, parameters: Mapping[str, object], *, key: str) -> str:
        """Start a run and give its id; the same key again gives the same run.

        Raises:
            AtelierError: nothing was started: what was given cannot be used, or too much runs.
        """
        ...

    def cancel(self, run: str) -> bool:
        """Let what runs come to its end and start no further stage; the second time, at once.

        False where this server runs no such run.
        """
        ...

    def running(self) -> Sequence[str]:
        """The runs that this server has under way."""
        ...

    def find_ahead(self, run: str) -> Ahead | None:
        """What a run of this server will do yet; None once it is over, or where it is another's."""
        ...

    def find_feed(self, run: str) -> Feed | None:
        """What happens in a run that this server started, while it remembers it."""
        ...
