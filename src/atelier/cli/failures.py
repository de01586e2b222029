"""What ended a command, as one error of ours that says what to do."""

from pathlib import Path
from typing import cast

from atelier.kernel.errors import AtelierError, SetupError

UNEXPECTED = "cli.unexpected"
UNPRINTED = "cli.unprinted"


def known_error(error: Exception) -> AtelierError:
    """The error of ours that a group of errors holds, or one that names the stranger."""
    if isinstance(error, ExceptionGroup):
        return known_error(_leaf(cast("ExceptionGroup[Exception]", error)))
    if isinstance(error, AtelierError):
        return error
    if isinstance(error, FileNotFoundError) and not _has_folder():
        return SetupError(
            "cli.no_folder",
            "The folder that this shell stands in is gone.",
            next_step="Go into a folder that is there.",
        )
    if isinstance(error, OSError) and error.filename is None and error.errno is not None:
        return AtelierError(
            UNPRINTED,
            "The output could not be written; what was recorded before is kept.",
            facts={"why": error.strerror},
            next_step="Make room where the output goes, then run it again.",
        )
    return _unexpected(error)


def _unexpected(error: Exception) -> AtelierError:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "(unknown)"
    return AtelierError(
        UNEXPECTED,
        "Atelier itself failed; what was recorded before is kept.",
        facts={"error": f"{type(error).__name__}: {error}", "at": place},
        next_step="Run it again with --debug, and report what it prints.",
    )


def _leaf(group: ExceptionGroup[Exception]) -> Exception:
    """One error of a group: one of ours, where it holds one."""
    return (group.subgroup(AtelierError) or group).exceptions[0]


def _has_folder() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True
