"""What the distributions of an environment claim, by their own records."""

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

_FOLDERS = ("site-packages", "dist-packages")
_RECORDS = (".dist-info", ".egg-info", ".egg")


def is_claimed(path: str) -> bool | None:
    """Whether a distribution claims what lies where packages are installed; None for all else.

    What lies there unclaimed has no version that could stand for it.
    """
    parts = Path(path).parts
    at = max((index for index, part in enumerate(parts) if part in _FOLDERS), default=-1)
    if at < 0:
        return None
    inside = parts[at + 1 :]
    if not inside or inside[0].endswith(_RECORDS):
        return True
    folder = os.path.join(*parts[: at + 1])  # noqa: PTH118 - on the way of every open
    top = inside[0].partition(".")[0]
    names = {"/".join(inside), f"{top}/*"}
    return any(not names.isdisjoint(_claims(record)) for record in _records(folder, top))


@lru_cache(maxsize=4_096)
def _records(folder: str, top: str) -> tuple[Path, ...]:
    """The records of a folder's distributions, those first that are named as a package is."""
    found = [each for each in Path(folder).iterdir() if each.name.endswith(_RECORDS)]
    named = top.replace("_", "").replace("-", "").lower()

    def is_other(record: Path) -> bool:
        return not record.name.replace("_", "").replace("-", "").lower().startswith(named)

    return tuple(sorted(found, key=lambda record: (is_other(record), record.name)))


@lru_cache(maxsize=4_096)
def _claims(record: Path) -> frozenset[str]:
    """The files that a distribution lists, relative to where it is installed, and their folders.

    One that lists none, as a system's package manager leaves it, claims its packages whole.
    """
    files = frozenset(_listed(record))
    if not files:
        return frozenset(f"{name}/*" for name in _lines(record / "top_level.txt"))
    return files | frozenset(_folders(files))


def _folders(files: frozenset[str]) -> set[str]:
    """Every folder above some files; what is above a known one is known too."""
    found: set[str] = set()
    for name in files:
        folder = name.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def _listed(record: Path) -> Iterator[str]:
    for line in _lines(record / "RECORD"):
        yield line.rpartition(",")[0].rpartition(",")[0].strip('"')
    for line in _lines(record / "installed-files.txt"):  # relative to the record itself
        yield os.path.normpath(line).removeprefix(f"..{os.sep}").replace(os.sep, "/")


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
