"""A file recognised as an artefact: by its content, wherever it lies and whoever edited it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atelier.artefact.mark import read_mark, same_line
from atelier.kernel.errors import SetupError
from atelier.ledger.rows import ArtefactRow
from atelier.observatory.reading.archive import Archive

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


def recognise(archive: Archive, data: bytes | None, *, path: str = "") -> Recognised | None:
    """The artefact that these bytes are, as a ledger knows it; None where it knows none.

    `path` is where they lie in the project: it tells equal artefacts apart, and finds one that is
    gone.

    Raises:
        SetupError: what its lines rest on is gone from the store.
    """
    mark = read_mark(data) if data is not None else None
    if data is None or mark is None:
        row = next(archive.ledger.iter_artefacts(path=path), None)
        return None if row is None else recognised(archive, row, GONE)
    rows = list(archive.ledger.iter_artefacts(mark=mark.digest))
    if not rows:
        return None
    row = next((row for row in rows if row.path == path), rows[0])
    text = data.decode(errors="replace")
    return recognised(archive, row, INTACT if mark.intact else EDITED, text=text)


def recognised(
    archive: Archive, row: ArtefactRow, state: str, *, text: str | None = None
) -> Recognised:
    """An emission with what was emitted, and the text that stands there now.

    Raises:
        SetupError: what its lines rest on is gone from the store.
    """
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
