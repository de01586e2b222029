"""A file recognised as an artefact: by its content, wherever it lies and whoever edited it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atelier.artefact.mark import read_mark, same_line
from atelier.cli.archive import Archive
from atelier.kernel.errors import SetupError
from atelier.ledger.rows import ArtefactRow

LARGEST = 64 * 1024 * 1024
INTACT = "as emitted"
EDITED = "edited"
GONE = "not on disk"


@dataclass(frozen=True, slots=True)
class Recognised:
    """An artefact: its emission, the text as it was emitted, and the text that stands there now."""

    row: ArtefactRow
    emitted: str
    lines: Sequence[Mapping[str, Any]]
    state: str
    text: str

    def emitted_line(self, number: int) -> int | None:
        """The line of the emitted text that a line of the file was; None if it is the editor's."""
        if self.state != EDITED:
            return number
        return same_line(self.emitted, self.text, number)

    def find_entry(self, number: int) -> Mapping[str, Any] | None:
        """What an emitted line rests on; None where it is blank, a remark or the mark."""
        for entry in self.lines:
            if entry["first"] <= number <= entry["last"]:
                return entry
        return None

    def line_text(self, number: int) -> str:
        """A line of the file.

        Raises:
            SetupError: the file is shorter.
        """
        lines = self.text.splitlines()
        if not 1 <= number <= len(lines):
            raise SetupError(
                "why.no_line",
                f"The file has no line {number}.",
                facts={"file": self.row.path, "lines": len(lines)},
                next_step="Lines count from 1.",
            )
        return lines[number - 1]


def read_artefact(path: Path) -> bytes | None:
    """The bytes of a file that carries a mark; None where there is no file.

    Raises:
        SetupError: the file cannot be read, or is no artefact at all.
    """
    if not path.exists():
        return None
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            raise _unreadable(path, "it is not a file, or larger than any artefact")
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    if read_mark(data) is None:
        raise SetupError(
            "why.foreign",
            "This file is not an artefact of Atelier: it carries no mark.",
            facts={"file": path},
            next_step="Name the file that a run emitted: see `atelier show latest`.",
        )
    return data


def recognise(archive: Archive, path: Path, data: bytes | None) -> Recognised | None:
    """The artefact that a file is, as this project knows it; None where it knows none.

    A file that is gone is found by the path that it was emitted to.

    Raises:
        SetupError: what its lines rest on is gone from the store.
    """
    mark = read_mark(data) if data is not None else None
    if data is None or mark is None:
        return _gone(archive, path)
    rows = list(archive.ledger.iter_artefacts(mark=mark.digest))
    if not rows:
        return None
    here = _relative(archive, path)
    row = next((row for row in rows if row.path == here), rows[0])
    text = data.decode(errors="replace")
    return _recognised(archive, row, INTACT if mark.intact else EDITED, text=text)


def unknown(path: Path, ledgers: Sequence[Path], *, is_gone: bool) -> SetupError:
    """No ledger here knows a file, or a path where a file may have been."""
    asked = ", ".join(str(ledger) for ledger in ledgers)
    if is_gone:
        return SetupError(
            "why.no_file",
            "There is no such file, and no run has emitted one there.",
            facts={"file": path, "asked": asked},
            next_step="Name an artefact, a run (see `atelier runs`) or a digest.",
        )
    return SetupError(
        "why.unknown_artefact",
        "This is an artefact, but not one that this project's ledger knows.",
        facts={"file": path, "asked": asked},
        next_step="Name the project that emitted it: --project DIR",
    )


def _gone(archive: Archive, path: Path) -> Recognised | None:
    row = next(archive.ledger.iter_artefacts(path=_relative(archive, path)), None)
    return None if row is None else _recognised(archive, row, GONE)


def _recognised(
    archive: Archive, row: ArtefactRow, state: str, *, text: str | None = None
) -> Recognised:
    data, lines = archive.read(row.digest), archive.value(row.lines)
    if data is None or lines is None:
        raise SetupError(
            "why.no_lines",
            "What this artefact's lines rest on is gone from the store.",
            facts={"artefact": row.path, "run": row.run, "digest": row.digest},
            next_step="Run the workflow again: what is missing is made anew.",
        )
    emitted = data.decode(errors="replace")
    return Recognised(row, emitted, lines, state, emitted if text is None else text)


def _relative(archive: Archive, path: Path) -> str:
    """A path as the ledger has it: relative to the project."""
    whole = path.resolve()
    root = archive.place.root
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else ""


def _unreadable(path: Path, why: str) -> SetupError:
    return SetupError(
        "why.unreadable",
        "This file cannot be read.",
        facts={"file": path, "why": why},
        next_step="Name an artefact, a run or a digest.",
    )
