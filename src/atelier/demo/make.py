"""Making the demonstration: the folder, then chapter after chapter, each in its own process."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import Literal

from atelier.demo.events import KILLED, Chapter, chapters
from atelier.demo.folder import lay_out, refuse_full
from atelier.demo.plot import small_history, whole_history
from atelier.kernel.errors import AtelierError, SetupError

Size = Literal["whole", "small"]
SIZES: tuple[Size, ...] = ("whole", "small")
_EXPECTED = frozenset({0, KILLED})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the story is told: runs that are done, of how many, and the day of the last one."""

    done: int
    of: int
    day: str


def story(size: Size) -> list[Chapter]:
    """The chapters of a history: a process lives through each of them."""
    return chapters(small_history() if size == "small" else whole_history())


def make(
    folder: Path, *, size: Size = "whole", observe: Callable[[Progress], None] = lambda _: None
) -> int:
    """The number of runs that now stand in the ledger of a new project in this folder.

    Two of equal size hold the same: runs, rows, values, times and costs. What differs is what must:
    the ids of runs, the salts of rows, and the processes that wrote them.

    Raises:
        SetupError: the folder is not empty, or the libraries of a provider are missing.
        AtelierError: a chapter came to another end than the story's.
    """
    refuse_full(folder)
    _require_libraries()
    lay_out(folder)
    told = story(size)
    total, done = sum(chapter.runs for chapter in told), 0
    for number in range(len(told)):
        for day in _lived(folder, number, size):
            done += 1
            observe(Progress(done, total, day))
    return done


def _lived(folder: Path, number: int, size: Size) -> Iterator[str]:
    """The day of each run of a chapter, as its process tells them."""
    command = [sys.executable, "-m", "atelier.demo", str(folder.resolve()), str(number), size]
    with (
        TemporaryFile() as said,
        subprocess.Popen(  # noqa: S603 - this interpreter, and nothing that a user wrote
            command, stdout=subprocess.PIPE, stderr=said, text=True, cwd=folder
        ) as process,
    ):
        yield from (line.strip() for line in process.stdout or ())
        if process.wait() not in _EXPECTED:
            said.seek(0)
            raise _broken_off(number, said.read().decode(errors="replace"))


def _broken_off(number: int, said: str) -> AtelierError:
    return AtelierError(
        "demo.chapter",
        "The demonstration broke off.",
        facts={"chapter": number, "said": "\n".join(said.splitlines()[-4:]) or "(nothing)"},
        next_step="Remove the folder and try again; if it breaks off again, report it.",
    )


def _require_libraries() -> None:
    missing = [name for name in ("pydantic_ai", "openai", "genai_prices") if not find_spec(name)]
    if missing:
        raise SetupError(
            "demo.libraries",
            "The demonstration's models answer through the client library of a provider.",
            facts={"missing": ", ".join(missing)},
            next_step='Install it: pip install "atelier-harness[openai,web]"',
        )
