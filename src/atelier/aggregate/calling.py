"""The user's own code, called: what it raises is the user's to mend, told with their own line."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from sysconfig import get_paths
from traceback import StackSummary, walk_tb
from types import TracebackType

from atelier.kernel.errors import AtelierError, SetupError

_OURS = f"{Path(__file__).parents[1]}{os.sep}"


@contextmanager
def users_code(
    code: str, sentence: str, *, field: str, element: object = "", next_step: str
) -> Generator[None]:
    """A block that calls the user's code; `element` says as text what it was called for.

    What Atelier raises within the block passes as it is.

    Raises:
        SetupError: the user's code raised; `at` is the last line of theirs on the way.
    """
    try:
        yield
    except AtelierError:
        raise
    except Exception as error:  # whatever a user's code raises is theirs to mend
        at = last_line(error.__traceback__)
        facts = {"field": field, "element": str(element), "at": at, "raised": _raised(error)}
        raise SetupError(
            code,
            sentence,
            facts={name: fact for name, fact in facts.items() if fact},
            next_step=next_step,
        ) from error


def last_line(traceback: TracebackType | None) -> str:
    """The last line on the way to an error that is the user's: neither ours nor a library's.

    Code that is installed as a library counts where there is nothing closer; empty where all is
    ours.

    Example:
        >>> last_line(None)
        ''
    """
    frames = StackSummary.extract(walk_tb(traceback), lookup_lines=False)
    foreign = [frame for frame in frames if not frame.filename.startswith(_OURS)]
    libraries = tuple(get_paths()[name] for name in ("stdlib", "purelib", "platlib"))
    own = [frame for frame in foreign if not frame.filename.startswith((*libraries, "<"))]
    if not foreign:
        return ""
    last = (own or foreign)[-1]
    return f"{_short(last.filename)}:{last.lineno}, in {last.name}"


def _short(filename: str) -> str:
    """A path as the user sees it from where they are."""
    path, here = Path(filename), Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _raised(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")
