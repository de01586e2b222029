"""The standard streams: there whatever a shell has closed, and the answer's alone."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, redirect_stdout

_NAMES = ("stdin", "stdout", "stderr")


def require_streams() -> None:
    """Let nothing stand in for a closed stream.

    Else the next file that is opened, such as the ledger, would take its number and be printed to.
    """
    for number, name in enumerate(_NAMES):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number: this one
        if getattr(sys, name) is None:
            mode = "r" if number == 0 else "w"
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def abandon_output() -> None:
    """Let what is still to be printed go nowhere, without a complaint at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


@contextmanager
def users_output() -> Generator[None]:
    """What the user's code prints, and what its programs print, goes to stderr.

    Stdout is for the answer alone.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
