"""Emission: an artefact's bytes become a file, and a person's edits are never lost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from errno import EDQUOT, EFBIG, EMFILE, ENFILE, ENOSPC
from pathlib import Path, PurePosixPath

from atelier.artefact.folder import Folder, Standing, names_of
from atelier.isilon.errors import EvidenceError
from atelier.isilon.template import fill
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import AtelierError, ExhaustedError, SetupError

# How often a name may change hands between a look and a write before we give up.
_TRIES = 16


class Action(StrEnum):
    """What an emission did to the artefact's path."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Emission:
    """Where the bytes stand now, relative to the project, and what was done.

    `kept` means that something else stands at the asked path, untouched; `path` is then the
    file beside it, and `warning` says so.
    """

    path: str
    action: Action
    warning: str = ""


@dataclass(frozen=True, slots=True)
class _Writer:
    """One emission under way: the folder, the bytes, and what may be replaced."""

    folder: Folder
    content: bytes
    is_ours: Callable[[str], bool]

    def settle(self, name: str, *, overwrite: bool) -> Action:
        """What became of a name; `kept` where something stands there that is not ours."""
        for _ in range(_TRIES):
            action = self._attempt(name, overwrite=overwrite)
            if action is not None:
                return action
        raise SetupError(
            "artefact.busy",
            "The artefact's file keeps changing while it is written.",
            facts={"name": name},
            next_step="Stop the program that writes it, then run again.",
        )

    def _attempt(self, name: str, *, overwrite: bool) -> Action | None:
        """One look and one write; None where the world moved in between."""
        standing = self.folder.find(name)
        if standing is not None:
            if standing.data == self.content:
                return Action.UNCHANGED
            if not self._may_replace(standing, overwrite=overwrite):
                return Action.KEPT
        try:
            return self._write(name, standing)
        except FileNotFoundError:
            return None

    def _may_replace(self, standing: Standing, *, overwrite: bool) -> bool:
        if overwrite:
            return not standing.is_folder
        return standing.data is not None and self.is_ours(digest_bytes(standing.data))

    def _write(self, name: str, standing: Standing | None) -> Action | None:
        mode = standing.mode if standing is not None and standing.data is not None else None
        with self.folder.written(self.content, mode) as temporary:
            if standing is None:
                return Action.WRITTEN if self.folder.add(temporary, name) else None
            return Action.REPLACED if self.folder.put(temporary, name, standing) else None


def emit(
    project: Path,
    relative: str,
    content: bytes,
    *,
    is_ours: Callable[[str], bool],
    overwrite: bool = False,
) -> Emission:
    """Put an artefact's bytes at a path inside the project; durable when it returns.

    Nothing there: written. Equal bytes: untouched. Bytes that an earlier emission wrote
    (`is_ours` of their digest): replaced. Anything else, edited, foreign, a link or a folder,
    is kept, and the bytes go to `name.<8 hex of their digest>.md` beside it; `overwrite`
    replaces all but a folder. A file is complete or absent at every moment.

    Raises:
        SetupError: the path is unsafe, leaves the project, or may not be written.
        ExhaustedError: the disk or a quota is full.
    """
    *folders, name = names_of(relative)
    try:
        with Folder.below(project, tuple(folders)) as folder:
            folder.sweep()
            writer = _Writer(folder, content, is_ours)
            action = writer.settle(name, overwrite=overwrite)
            if action is not Action.KEPT:
                return Emission(relative, action)
            return _beside(writer, relative)
    except OSError as error:
        raise _storage_error(error, relative, project) from error


def fill_path(template: str, parameters: Mapping[str, object]) -> str:
    """An artefact's path: its template with parameters in place, safe inside the project.

    Raises:
        SetupError: a name is unknown, or a value would change the shape of the path.

    Example:
        >>> fill_path("artefacts/{student}/{session}.md", {"student": "maya", "session": "s12"})
        'artefacts/maya/s12.md'
    """
    try:
        relative = fill(template, parameters)
    except EvidenceError as error:
        raise SetupError(
            "artefact.path",
            "The artefact's path cannot be filled.",
            facts={"template": template, **error.facts},
            next_step=error.next_step,
        ) from error
    names_of(relative)
    return relative


def _beside(writer: _Writer, relative: str) -> Emission:
    """Emit beside what was kept, under the same rules; a person may have edited that one too."""
    path = PurePosixPath(relative)
    hexes = digest_bytes(writer.content).removeprefix("sha256:")
    for length in (8, 16):
        side = path.with_name(f"{path.stem}.{hexes[:length]}{path.suffix or '.md'}")
        if writer.settle(side.name, overwrite=False) is not Action.KEPT:
            warning = (
                f"{relative} is not what Atelier wrote there (edited or foreign) and was kept; "
                f"this run's artefact is {side}. --overwrite replaces what is no folder."
            )
            return Emission(str(side), Action.KEPT, warning)
    raise SetupError(
        "artefact.kept",
        "The artefact's file and the files beside it were edited; none of them is overwritten.",
        facts={"path": relative, "beside": f"{path.stem}.{hexes[:8]}{path.suffix or '.md'}"},
        next_step="Move your edits away, or run again with --overwrite.",
    )


def _storage_error(error: OSError, relative: str, project: Path) -> AtelierError:
    facts = {"path": relative, "project": project, "why": error.strerror or error}
    if error.errno in {ENOSPC, EDQUOT, EFBIG, EMFILE, ENFILE}:
        return ExhaustedError(
            "artefact.full",
            "The artefact could not be stored; its value is in the ledger.",
            facts=facts,
            next_step="Free space, then run again: nothing is computed twice.",
        )
    return SetupError(
        "artefact.unwritable",
        "The artefact could not be written; its value is in the ledger.",
        facts=facts,
        next_step="Make the folder writable for this user, then run again.",
    )
