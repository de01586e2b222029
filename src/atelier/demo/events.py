"""What happens in the demonstration's history, as values: edits of files, and runs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

# What a process that dies in the middle of a run leaves as its exit code.
KILLED = 70

# What a provider does instead of answering, or how it answers.
Mishap = Literal["busy", "rate", "reset", "forge", "refuse", "garble"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A file of the project is written, whole."""

    at: datetime
    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A file comes over from the example's own evidence."""

    at: datetime
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """One passage of a file gives way to another."""

    at: datetime
    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Jot:
    """Journal entries are added; one of a number that is there already is written anew."""

    at: datetime
    student: str
    entries: Sequence[tuple[int, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSession:
    """Somebody synthesizes a session.

    `mishaps` are for the first requests of the run, one each. `stop` ends the run early: drained
    once the first stage ends, or with its process as the last stage begins.
    """

    at: datetime
    student: str
    session: str
    refresh: str = ""
    because: str = ""
    max_micros: int | None = None
    mishaps: tuple[Mishap, ...] = ()
    stop: Literal["", "drained", "killed"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """The coach says what she makes of a claim: the first of a session that was decided so."""

    at: datetime
    student: str
    session: str
    decided: str
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Serve:
    """From here on the provider names another model as the one that answers for an alias."""

    at: datetime
    alias: str
    served: str


Event = Write | Copy | Replace | Jot | RunSession | Judge | Serve


@dataclass(frozen=True, slots=True)
class Chapter:
    """What happens between two changes of the code: one process can live through it."""

    events: Sequence[Event] = field(default=())

    @property
    def runs(self) -> int:
        """How many runs there are in it."""
        return sum(isinstance(event, RunSession) for event in self.events)


def chapters(events: Iterable[Event]) -> list[Chapter]:
    """The events in order, parted where code is edited or a process dies.

    A target is loaded once a process, so edited code needs a process of its own.
    """
    found: list[list[Event]] = [[]]
    for event in sorted(events, key=lambda one: one.at):
        if _is_code(event) and any(not _is_code(before) for before in found[-1]):
            found.append([])
        found[-1].append(event)
        if isinstance(event, RunSession) and event.stop == "killed":
            found.append([])
    return [Chapter(tuple(events)) for events in found if events]


def _is_code(event: Event) -> bool:
    return isinstance(event, Replace | Write) and event.path.endswith(".py")
