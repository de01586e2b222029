"""A chapter's own process: `python -m atelier.demo FOLDER NUMBER SIZE`, as `make` starts it."""

import sys
from pathlib import Path

from atelier.demo.chapter import play
from atelier.demo.events import RunSession
from atelier.demo.make import SIZES, story


def main(words: list[str]) -> None:
    """Live through a chapter, and tell the day of each run on stdout."""
    folder, number, size = Path(words[0]), int(words[1]), SIZES[SIZES.index(words[2])]
    play(folder, story(size), number=number, told=_tell)


def _tell(event: RunSession) -> None:
    sys.stdout.write(f"{event.at.date().isoformat()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
