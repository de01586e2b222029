"""Keeping the index close behind the ledger, in a thread of its own."""

from collections.abc import Generator
from contextlib import contextmanager
from threading import Event, Thread

from atelier.kernel.errors import AtelierError
from atelier.observatory.index.index import Index

PAUSE = 0.5
_TROUBLED = 5.0


@contextmanager
def following(index: Index, *, pause: float = PAUSE) -> Generator[None]:
    """Let the index catch up again and again while pages are served.

    A ledger that cannot be read just now is asked again later; the pages say how far the index is.
    """
    ending = Event()
    thread = Thread(target=_follow, args=(index, ending, pause), name="atelier-index", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def _follow(index: Index, ending: Event, pause: float) -> None:
    while not ending.is_set():
        try:
            _, more = index.step()
        except AtelierError:
            ending.wait(_TROUBLED)
            continue
        if not more:
            ending.wait(pause)
