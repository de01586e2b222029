"""SIGINT and SIGTERM: the first lets what runs come to its end, the second does not wait."""

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager
from threading import Event
from typing import Any

from atelier.cli.console import say

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopping:
    """What the signals that came so far ask of a run."""

    def __init__(self, task: "asyncio.Task[Any]", draining: Event) -> None:
        self._task = task
        self._draining = draining

    def on_signal(self) -> None:
        """Drain; the second time, cancel, and leave a third signal to the system."""
        if not self._draining.is_set():
            self._draining.set()
            say("stopping: what runs now comes to its end; once more to stop at once", err=True)
            return
        loop = self._task.get_loop()
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
        self._task.cancel()


@contextmanager
def stopping(task: "asyncio.Task[Any]", draining: Event) -> Generator[None]:
    """Answer the signals while a task runs; on the running loop of the main thread."""
    loop = asyncio.get_running_loop()
    answer = Stopping(task, draining)
    for number in _SIGNALS:
        loop.add_signal_handler(number, answer.on_signal)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
