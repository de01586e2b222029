"""Where a project is and where its state lies, without reading what it says."""

import os
from dataclasses import dataclass
from pathlib import Path

from atelier.kernel.errors import SetupError

FILE = "atelier.toml"
STATE = ".atelier"
LEDGER = "ledger.sqlite"


@dataclass(frozen=True, slots=True)
class Place:
    """A project's folder, and the folder of its ledger and blobs."""

    root: Path
    home: Path


def find_place(start: Path) -> Place | None:
    """The nearest project from `start` upward: a folder with an `atelier.toml` or with state."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / FILE).is_file() or (folder / STATE / LEDGER).is_file():
            return place_of(folder)
    return None


def place_of(root: Path) -> Place:
    """The place of a project's folder; `ATELIER_HOME` moves its state."""
    home = os.environ.get("ATELIER_HOME")
    root = root.resolve()
    return Place(root, Path(home).expanduser().resolve() if home else root / STATE)


def get_place(project: Path | None, *near: Path) -> Place:
    """The project that was named; else the nearest one to a path, else to the working folder.

    Raises:
        SetupError: there is no project.
    """
    return get_places(project, *near)[0]


def get_places(project: Path | None, *near: Path) -> list[Place]:
    """The projects that may be meant, the likeliest first.

    Raises:
        SetupError: there is none.
    """
    if project is not None:
        return [place_of(project)]
    looked = list(dict.fromkeys([*near, Path.cwd()]))
    found = [place for start in looked if (place := find_place(start)) is not None]
    if not found and os.environ.get("ATELIER_HOME"):
        found = [place_of(Path.cwd())]
    if not found:
        raise SetupError(
            "cli.no_project",
            "There is no project here.",
            facts={"looked from": ", ".join(str(path) for path in looked), "for": FILE},
            next_step="Go into the project's folder, or name it: --project DIR; an empty atelier.toml "
            "makes a folder one.",
        )
    return list(dict.fromkeys(found))
