"""The walkthroughs of the documentation are walked: files written, edits made, commands compared.

A page is a walkthrough if it shows whole files (```` ```python flow.py ````). Its blocks are then
taken in order: a file is written, a ```` ```diff flow.py ```` is applied, a ```` ```sh ```` is run,
and the ```` ```text ```` after a command is what it prints; `...` on a line of its own stands for any lines.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
BLOCK = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"[\w/-]+\.\w+")
# What differs from run to run, or from one Python to the next.
VARYING = (
    (re.compile(r"\b\d+(\.\d+)? ?(ms|s|min)\b"), "TIME"),
    (re.compile(r'("seconds": |^\s+)[\d.e-]+(,?)$', re.MULTILINE), r"\1TIME\2"),
    (re.compile(r"\b01[0-9a-hjkmnp-tv-z]{24}\b"), "RUN"),
    (re.compile(r"sha256:[0-9a-f]{12,64}"), "DIGEST"),
    (re.compile(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+Z)?"), "MOMENT"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page: the words after its fence, its text, its line."""

    words: tuple[str, ...]
    text: str
    line: int

    @property
    def file(self) -> str:
        """The file that the block shows, or nothing."""
        named = self.words[1] if len(self.words) == 2 else ""
        return named if FILE.fullmatch(named) else ""


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        line = text[: found.start()].count("\n") + 1
        yield Block(tuple(found["kind"].split()), found["text"], line)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


class Walk:
    """A reader in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, block: Block) -> None:
        """Write the file that a block shows."""
        path = self.folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")

    def edit(self, block: Block) -> None:
        """Replace what a diff takes away, which stands once in the file, by what it brings."""
        path = self.folder / block.file
        text = path.read_text(encoding="utf-8")
        lines = block.text.splitlines(keepends=True)
        before = "".join(line[1:] or "\n" for line in lines if line[0] in " -\n")
        after = "".join(line[1:] or "\n" for line in lines if line[0] in " +\n")
        assert text.count(before) == 1, f"line {block.line}: not once in {block.file}:\n{before}"
        path.write_text(text.replace(before, after), encoding="utf-8")

    def run(self, commands: str) -> str:
        """What commands print; the folder that they change to is kept."""
        time.sleep(0.02)  # a file saved in the very tick in which a process starts is not trusted
        done = subprocess.run(
            ["bash", "-c", f"{commands}\npwd > {self.folder}/.where"],  # noqa: S607 - a reader's own
            cwd=self.folder,
            env={
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "HOME": str(self.folder),
                "LANG": "C.UTF-8",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        where = self.folder / ".where"
        folder = Path(where.read_text(encoding="utf-8").strip())
        where.unlink()
        self.folder = folder
        return done.stdout


def settled(text: str) -> list[str]:
    """The lines of an output without what varies."""
    for pattern, instead in VARYING:
        text = pattern.sub(instead, text)
    return [" ".join(line.split()) for line in text.strip().splitlines()]


def differs(printed: str, said: str) -> str:
    """Where a page says other than what was printed, or nothing."""
    pattern = "\n".join(re.escape(line) for line in settled(said))
    pattern = re.sub(r"^\\\.\\\.\\\.$", "(?s:.*)", pattern, flags=re.MULTILINE)
    return "" if re.fullmatch(pattern, "\n".join(settled(printed))) else printed


WALKTHROUGHS = [page for page in PAGES if any(block.file for block in blocks(page))]


@pytest.mark.parametrize("page", WALKTHROUGHS, ids=name)
def test_a_walkthrough_prints_what_it_says(page: Path, tmp_path: Path) -> None:
    walk = Walk(tmp_path)
    printed = None
    for block in blocks(page):
        at = f"{name(page)}:{block.line}"
        match block.words:
            case ("diff", _):
                walk.edit(block)
            case (_, _) if block.file:
                walk.write(block)
            case ("sh",):
                printed = walk.run(block.text)
                assert "Traceback" not in printed, f"{at}\n{printed}"
            case ("text",) if printed is not None:
                assert not differs(printed, block.text), f"{at} prints\n{printed}"
                printed = None
            case _:
                pass


def test_an_output_is_compared_without_what_varies() -> None:
    assert not differs(
        "draft  ran  12 ms  first run\nmore\nlast\n", "draft ran 1 s first run\n...\nlast"
    )
    assert differs("draft  reused  12 ms", "draft  ran  12 ms")
