"""Keeping the index close behind the ledger, in a thread of its own."""

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from time import thread_time

from atelier.kernel.errors import AtelierError
from atelier.observatory.index.index import BATCH, Index

PAUSE = 0.5
_AT_FIRST = 0.5
_TROUBLED = 5.0
# Beside runs, a step is short, and of the time only so much is spent on steps.
_BESIDE = 200
_SHARE = 0.02


def _never() -> bool:
    return False


@contextmanager
def following(
    index: Index, *, pause: float = PAUSE, is_busy: Callable[[], bool] = _never
) -> Generator[None]:
    """Let the index catch up again and again while pages are served.

    A first while is given to it before anything else: what a small ledger holds is there when the
    first page is asked for.
    While `is_busy` says that runs go on in this process, it keeps out of their way, and what it
    misses it catches up with once they have ended. A ledger that cannot be read just now is asked
    again later; the pages say how far the index is.
    """
    with suppress(AtelierError):
        index.catch_up(seconds=_AT_FIRST)
    ending = Event()
    thread = Thread(
        target=_follow,
        args=(index, ending),
        kwargs={"pause": pause, "is_busy": is_busy},
        name="atelier-index",
        daemon=True,
    )
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def _follow(index: Index, ending: Event, *, pause: float, is_busy: Callable[[], bool]) -> None:
    while not ending.is_set():
        began = thread_time()
        try:
            _, more = index.step(limit=_BESIDE if is_busy() else BATCH)
        except AtelierError:
            ending.wait(_TROUBLED)
            continue
        if is_busy():
            ending.wait(max(pause, (thread_time() - began) / _SHARE))
        elif not more:
            ending.wait(pause)
