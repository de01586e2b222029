"""The demonstration's folder: laid out from the example, and edited as the story goes."""

import csv
import shutil
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from runpy import run_path

from atelier.demo.events import Copy, Jot, Replace, Write
from atelier.kernel.errors import SetupError

_PACKAGED = Path(__file__).with_name("coaching")
_BESIDE = Path(__file__).parents[3] / "examples" / "coaching"
_COLUMNS: Sequence[str] = ("id", "student", "day", "text")


def example() -> Path:
    """The coaching example: beside this file where it was installed, else in the repository.

    Raises:
        SetupError: it is in neither place.
    """
    for place in (_PACKAGED, _BESIDE):
        if (place / "flow.py").is_file():
            return place
    raise SetupError(
        "demo.no_example",
        "The coaching example is not where the demonstration takes it from.",
        facts={"looked at": f"{_PACKAGED}\n{_BESIDE}"},
        next_step="Install atelier-harness from its wheel, or from a clone of its repository.",
    )


def refuse_full(folder: Path) -> None:
    """Refuse a folder with anything in it: nothing of anybody's is written over.

    Raises:
        SetupError: it is not an empty folder, or not a folder.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SetupError(
            "demo.folder",
            "The demonstration needs a folder of its own.",
            facts={"folder": folder},
            next_step="Name one that is empty, or that is not there yet.",
        )


def lay_out(folder: Path) -> None:
    """The example's code and prompts, with a journal that has no entry yet."""
    source = example()
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.glob("*.py")):
        shutil.copyfile(path, folder / path.name)
    shutil.copytree(source / "prompts", folder / "prompts")
    (folder / "evidence").mkdir()
    _write_journal(folder, [])


def apply(folder: Path, event: Write | Copy | Replace | Jot) -> None:
    """Bring an edit about; a path with a leading slash is the project's, others are evidence."""
    match event:
        case Write():
            path = _place(folder, event.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(event.text, encoding="utf-8")
        case Replace():
            path = _place(folder, event.path)
            text = path.read_text(encoding="utf-8")
            if text.count(event.old) != 1:
                raise _lost(event)
            path.write_text(text.replace(event.old, event.new), encoding="utf-8")
        case Copy():
            _copy(folder, event.path)
        case Jot():
            _jot(folder, event.student, event.entries)


def _copy(folder: Path, name: str) -> None:
    source, (path, _, student) = example() / "evidence", name.partition("#")
    if student:
        lines = csv.DictReader(StringIO((source / path).read_text(encoding="utf-8")))
        own = [line for line in lines if line["student"] == student]
        _jot(folder, student, [(int(line["id"]), line["day"], line["text"]) for line in own])
    elif (source / path).is_dir():
        shutil.copytree(source / path, folder / "evidence" / path, dirs_exist_ok=True)
    else:
        target = folder / "evidence" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path, target)


def _jot(folder: Path, student: str, entries: Sequence[tuple[int, str, str]]) -> None:
    path = folder / "evidence" / "journal.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        known = {line["id"]: line for line in csv.DictReader(lines)}
    for number, day, text in entries:
        known[str(number)] = {"id": str(number), "student": student, "day": day, "text": text}
    _write_journal(folder, list(known.values()))


def _write_journal(folder: Path, rows: Sequence[dict[str, str]]) -> None:
    """The journal as text, and the database that the example makes of it."""
    path = folder / "evidence" / "journal.csv"
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, _COLUMNS)
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: int(row["id"])))
    make = run_path(str(folder / "make_journal.py"))["make"]
    make(path, path.with_suffix(".db"))


def _place(folder: Path, path: str) -> Path:
    return folder / path.removeprefix("/") if path.startswith("/") else folder / "evidence" / path


def _lost(event: Replace) -> SetupError:
    return SetupError(
        "demo.passage",
        "The demonstration edits a passage that the example no longer has.",
        facts={"file": event.path, "passage": event.old},
        next_step="Say the edit anew in atelier/demo/turns.py.",
    )
