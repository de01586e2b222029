"""A file that may be an artefact: read, placed in its project, and recognised there."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from atelier.artefact.mark import read_mark
from atelier.cli.archive import Archive
from atelier.kernel.errors import SetupError
from atelier.observatory.reading.recognised import Recognised, recognise
from atelier.observatory.reading.sentence import LOOKED_THROUGH, Said

LARGEST = 64 * 1024 * 1024


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


def recognise_file(archive: Archive, path: Path, data: bytes | None) -> Recognised | None:
    """The artefact that a file is, as this project knows it; None where it knows none.

    A file that is gone is found by the path that it was emitted to.

    Raises:
        SetupError: what its lines rest on is gone from the store.
    """
    return recognise(archive, data, path=_relative(archive, path))


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


def unsaid(sentence: str, ledger: Path) -> SetupError:
    """No artefact that was looked through says a sentence."""
    return SetupError(
        "why.unsaid",
        "No artefact says this.",
        facts={
            "sentence": sentence,
            "asked": ledger,
            "looked through": f"the newest {LOOKED_THROUGH} artefacts, at most",
        },
        next_step="Give a sentence, or three words of it, as printed, or ask the Why page of `atelier serve`, "
        "which looks through all.",
    )


def several(part: str, found: Mapping[str, Said]) -> SetupError:
    """Several sentences have a part in them, and the question is of one."""
    places = {f"{said.row.path}:{said.line}": text for text, said in found.items()}
    return SetupError(
        "why.several",
        "Several sentences have this in them.",
        facts={"asked": part, **places},
        next_step="Ask about one of them, by its line or by more of its words.",
    )


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
