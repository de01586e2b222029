"""`atelier doctor`: what an install is made of, and what somebody should look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from os import environ
from pathlib import Path
from platform import python_version
from typing import Any

import apsw
import click

from atelier.cli import exits
from atelier.cli.archive import Archive, opened
from atelier.cli.console import emit_json, one_line, safe, say, table
from atelier.cli.models import drifts
from atelier.cli.options import Command, json_option, project_option
from atelier.cli.place import LEDGER, get_place
from atelier.kernel.errors import AtelierError
from atelier.kernel.money import dollars
from atelier.ledger.connection import require_sound_engine
from atelier.ledger.owner import is_dead
from atelier.ledger.place import require_local
from atelier.ledger.rows import Attempt
from atelier.ledger.standing import owner_of
from atelier.models.binding import find_endpoint
from atelier.models.provider import open_client
from atelier.project import Project, read_project

_EVENTS = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `next_step` is empty where all is well."""

    what: str
    found: str
    next_step: str = ""

    def as_json(self) -> dict[str, Any]:
        """The check as `--json` gives it."""
        return {
            "what": self.what,
            "ok": not self.next_step,
            "found": self.found,
            "next_step": self.next_step or None,
        }


@click.command(cls=Command)
@json_option
@project_option
def doctor(*, as_json: bool, project: Path | None) -> int:
    """Check the engine, the disk, the models and their keys, and what may have been billed unseen.

    Nothing is sent and nothing is written. Exits with 1 where something should be looked at.
    """
    place = get_place(project)
    checks = [*_engine(place.home), *_models(read_project(place.root))]
    if (place.home / LEDGER).exists():
        with opened(place) as archive:
            checks += [*_drift(archive, place.root), *_spend(archive), *_damage(archive)]
    if as_json:
        emit_json({"checks": [check.as_json() for check in checks]})
    else:
        for line in table([(_sign(check), check.what, one_line(check.found)) for check in checks]):
            say(line)
        for check in checks:
            if check.next_step:
                say(f"{check.what}: {check.next_step}")
    return exits.FAILED if any(check.next_step for check in checks) else exits.COMPLETE


def _sign(check: Check) -> str:
    return click.style("!", fg="yellow") if check.next_step else click.style("✓", fg="green")


def _engine(home: Path) -> Iterator[Check]:
    yield Check("python", python_version())
    yield _tried("sqlite", apsw.sqlite_lib_version(), require_sound_engine)
    near = next(folder for folder in (home, *home.parents) if folder.exists())
    yield _tried("disk", str(near), lambda: require_local(near))


def _models(project: Project) -> Iterator[Check]:
    for name, binding in project.bindings.items():
        what = f"model {name}"
        if binding.offline:
            yield Check(what, binding.requested)
            continue
        check = _tried(what, binding.requested, lambda b=binding: open_client(b, project.endpoints))
        key = "" if check.next_step else find_endpoint(binding, project.endpoints).key
        if key and key not in environ:
            check = Check(what, binding.requested, f"Set the environment variable {key}.")
        yield check


def _drift(archive: Archive, root: Path) -> Iterator[Check]:
    for found in drifts(read_project(root), archive):
        step = f"Review it, then bring {found.alias!r} up to date: `atelier models --lock`."
        yield Check("drift", f"{found.served} answers for {found.expected}", step)


def _spend(archive: Archive) -> Iterator[Check]:
    """What was sent and never told of: in doubt, or left open by a process that is gone."""
    doubtful = [one for one in archive.ledger.iter_unsettled() if _is_lost(archive, one)]
    if not doubtful:
        yield Check("spend", "every request is accounted for")
        return
    reserved = [one.reserved for one in doubtful]
    unknown = sum(amount is None for amount in reserved)
    most = f"at most ${dollars(sum(amount or 0 for amount in reserved))}"
    told = f"{len(doubtful)} in doubt, {most}" + (f", {unknown} of unknown price" * bool(unknown))
    yield Check("spend", told, "Compare with the provider's bill; runs: " + _runs(doubtful))


def _is_lost(archive: Archive, one: Attempt) -> bool:
    if one.ended_at is not None:
        return True
    run = archive.ledger.find_run(one.run)
    return run is not None and (run.ended_at is not None or is_dead(owner_of(run)))


def _runs(attempts: list[Attempt]) -> str:
    runs = list(dict.fromkeys(one.run for one in attempts))
    more = f" and {len(runs) - _EVENTS} more" if len(runs) > _EVENTS else ""
    return ", ".join(runs[:_EVENTS]) + more


def _damage(archive: Archive) -> Iterator[Check]:
    for event in archive.ledger.iter_events(limit=_EVENTS):
        yield Check(
            safe(event.kind), f"{event.subject} {event.detail}", "Run it again: it is made anew."
        )


def _tried(what: str, found: str, action: Any) -> Check:
    try:
        action()
    except AtelierError as error:
        return Check(what, error.sentence, error.next_step)
    return Check(what, found)
