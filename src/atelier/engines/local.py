"""The embedded engine: coroutines on the running loop, plain functions in a few threads."""

import asyncio
import sysconfig
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import atelier
from atelier.kernel.errors import AtelierError, StageError, printable
from atelier.orchestrate.engine import Assignment
from atelier.orchestrate.landing import landed
from atelier.orchestrate.outcome import StageResult
from atelier.orchestrate.stage import Stage

# The standard library, what is installed, and the harness: never the line that a user looks for.
_NOT_THEIRS = tuple(
    str(Path(path))
    for path in (
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("platlib"),
        sysconfig.get_path("purelib"),
        Path(atelier.__file__).parent,
    )
)


class LocalEngine:
    """Runs stages in this process; `threads` bounds plain functions, `tasks` awaited ones."""

    def __init__(self, *, threads: int = 8, tasks: int = 1024) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="atelier-stage")
        self._tasks = tasks
        self._gates: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}

    async def execute(
        self, assignment: Assignment, work: Callable[[], Awaitable[StageResult]], /
    ) -> StageResult:
        """Do the work here."""
        del assignment
        return await work()

    async def call(self, function: Callable[[], Any], stage: Stage[..., Any], /) -> Any:
        """Call user code, and give its exceptions their place.

        Raises:
            StageError: what the function raised; other exceptions become `stage.raised`.
        """
        try:
            if iscoroutinefunction(function):
                async with self._gate():
                    return await function()
            return await self._in_thread(function)
        except AtelierError:
            raise
        except Exception as error:
            cause = error.__cause__
            theirs = cause if isinstance(cause, StopIteration) else error
            raise _raised(theirs, stage) from error

    async def _in_thread(self, function: Callable[[], Any]) -> Any:
        work = self._threads.submit(copy_context().run, function)
        try:
            return await landed(work)
        except asyncio.CancelledError:
            work.cancel()  # what has begun goes on
            raise

    def close(self) -> None:
        """Wait for the threads and release them."""
        self._threads.shutdown()

    def _gate(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        if loop not in self._gates:
            self._gates = {
                known: gate for known, gate in self._gates.items() if not known.is_closed()
            }
            self._gates[loop] = asyncio.Semaphore(self._tasks)
        return self._gates[loop]


def _raised(error: Exception, stage: Stage[..., Any]) -> StageError:
    """A user's exception as a failure of its stage, with the last line of the user's own code."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(_NOT_THEIRS)]
    place = (theirs or frames)[-1] if frames else None
    return StageError(
        "stage.raised",
        f"Stage {stage.name!r} raised {type(error).__name__}.",
        facts={
            "message": printable(str(error)) or "(none)",
            "at": f"{Path(place.filename).name}:{place.lineno}" if place else "(unknown)",
        },
        next_step="Mend the stage and run again; what succeeded is reused.",
    )
