"""What `atelier serve` serves: a project that it may run workflows of, one to read, or a copy."""

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from atelier.blobs.files import FileBlobs
from atelier.cli import exits
from atelier.cli.archive import opened
from atelier.cli.console import emit_error, say
from atelier.cli.place import LEDGER, Place, find_place, get_place, place_of
from atelier.cli.starter import HarnessStarter
from atelier.cli.streams import users_output
from atelier.cli.target import rebound
from atelier.harness import Harness
from atelier.kernel.clock import SystemClock
from atelier.kernel.errors import SetupError
from atelier.ledger.foreign import open_foreign
from atelier.ledger.store import LedgerStore
from atelier.observatory.doors.token import Tokens
from atelier.observatory.house import House
from atelier.observatory.index.index import FILE, Index
from atelier.observatory.reading.archive import Archive
from atelier.project import FLOW, Target, load_target

Read = Callable[[str], bytes | None]
_STOP_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Premises:
    """A house, who may enter it, and what starts runs in it; or why nothing does."""

    house: House
    tokens: Tokens
    idle: str = ""
    starter: HarnessStarter | None = None
    harness: Harness | None = None

    def is_busy(self) -> bool:
        """Whether runs go on in this process."""
        return self.starter is not None and bool(self.starter.running())


class Named(Protocol):
    """The part of the command line that says what to serve."""

    @property
    def targets(self) -> tuple[str, ...]:
        """The workflows that may be started."""
        ...

    @property
    def ledger(self) -> Path | None:
        """A copied ledger."""
        ...

    @property
    def models(self) -> tuple[str, ...]:
        """Model classes bound otherwise."""
        ...

    @property
    def project(self) -> Path | None:
        """The project."""
        ...


@contextmanager
def opened_premises(named: Named) -> Generator[Premises]:
    """What the command line names, while it is open.

    Raises:
        SetupError: nothing is there, or it does not go together.
    """
    if named.ledger is not None:
        with _copy(named, named.ledger) as premises:
            yield premises
        return
    targets, idle = _targets(named)
    if not targets:
        with _archive(get_place(named.project), idle) as premises:
            yield premises
        return
    with _workshop(targets, named.models) as premises:
        yield premises


def stop_at_once(premises: Premises) -> None:
    """Cancel what runs, and leave behind what cannot be: a thread that a stage is running in."""
    if premises.starter is not None and premises.harness is not None:
        premises.starter.drain()
        premises.starter.wait(seconds=_STOP_SECONDS)
        premises.harness.ledger.close()
        say("stopped", err=True)
        os._exit(exits.INTERRUPTED)


@contextmanager
def _copy(named: Named, ledger: Path) -> Generator[Premises]:
    if named.targets or named.project is not None:
        raise SetupError(
            "serve.copy",
            "A copied ledger is shown without a project, and nothing is started over it.",
            facts={"ledger": ledger},
            next_step="Give --ledger alone, or TARGET and --project without it.",
        )
    store = open_foreign(ledger)
    beside = FileBlobs(ledger.absolute().parent / "blobs")
    archive = Archive(store, store.find_blob, beside.find)
    with closing(store), closing(Index.temporary(store, archive.read)) as index:
        house = _house(ledger.name, archive, index)
        # Tokens that lie beside somebody's copy are not ours.
        yield Premises(house=house, tokens=Tokens(None, SystemClock()), idle="this is a copy")


@contextmanager
def _archive(place: Place, idle: str) -> Generator[Premises]:
    with (
        opened(place) as archive,
        closing(_index(place.home, archive.ledger, archive.read)) as index,
    ):
        house = _house(place.root.name, archive, index)
        tokens = Tokens.of(place.home, SystemClock())
        yield Premises(house=house, tokens=tokens, idle=idle)


@contextmanager
def _workshop(targets: Sequence[Target], models: Sequence[str]) -> Generator[Premises]:
    project = rebound(targets[0].project, models)
    with Harness.open(project) as harness:
        archive = Archive(harness.ledger, harness.runtime.content.read)
        index = _index(project.home, harness.ledger, archive.read)
        with closing(index), closing(HarnessStarter(harness, targets)) as starter:
            house = _house(project.root.name, archive, index, starter=starter)
            tokens = Tokens.of(project.home, SystemClock())
            yield Premises(house=house, tokens=tokens, starter=starter, harness=harness)


def _house(
    title: str, archive: Archive, index: Index, *, starter: HarnessStarter | None = None
) -> House:
    return House(
        title=title, ledger=archive.ledger, find=archive.read, index=index, starter=starter
    )


def _index(home: Path, ledger: LedgerStore, read: Read) -> Index:
    """The index in the project's state; one for this time only where nothing may be written."""
    if os.access(home, os.W_OK):
        return Index.open(home / FILE, ledger, read)
    return Index.temporary(ledger, read)


def _targets(named: Named) -> tuple[list[Target], str]:
    """The workflows that were named, else the project's own; without one, why there is none."""
    with users_output():
        if not named.targets:
            return _standing(named.project)
        found = [load_target(text, start=named.project) for text in named.targets]
    roots = sorted({str(target.project.root) for target in found})
    names = [target.workflow.name for target in found]
    if len(roots) > 1:
        raise SetupError(
            "serve.projects",
            "One server serves one project.",
            facts={"projects": ", ".join(roots)},
            next_step="Serve each of them by a command of its own.",
        )
    if len(set(names)) < len(names):
        raise SetupError(
            "serve.twice",
            "Two targets have workflows of one name.",
            facts={"workflows": ", ".join(names)},
            next_step="Name each workflow once.",
        )
    return found, ""


def _standing(project: Path | None) -> tuple[list[Target], str]:
    """The workflow that the project's folder stands for; code that is broken hides no record."""
    place = place_of(project) if project is not None else find_place(Path.cwd())
    if place is None or not (place.root / FLOW).is_file():
        return [], "no TARGET was given"
    try:
        return [load_target(str(place.root))], ""
    except SetupError as error:
        if error.code == "project.no_workflow":  # several, or none: which is meant has to be said
            return [], f"{FLOW} has not just one workflow; name one: {FLOW}:NAME"
        if not (place.home / LEDGER).is_file():
            raise
        emit_error(error, as_json=False)
        return [], f"{FLOW} cannot be used as it is"
