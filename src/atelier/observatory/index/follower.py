"""The thread that keeps an index caught up while its pages are read."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Event, Thread

from atelier.kernel.errors import AtelierError
from atelier.observatory.index.index import Index

# After a failure it is tried again: what was wrong may be over, and pages are read meanwhile.
AGAIN = 5.0


@contextmanager
def followed(
    index: Index, *, told: Callable[[AtelierError], None], again: float = AGAIN
) -> Generator[None]:
    """Keep an index caught up until the end of the block; `told` hears of each failure once.

    The same failure, met again and again, is told again only after it was over.
    """
    done = Event()
    thread = Thread(
        target=_follow, args=(index, done, told, again), name="atelier-index", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _follow(index: Index, done: Event, told: Callable[[AtelierError], None], again: float) -> None:  # noqa: PLR0917 - a thread takes its arguments by place
    known = ""
    while not done.is_set():
        try:
            index.step()
            known = ""
            index.follow(done)
        except AtelierError as error:
            if error.code != known:
                told(error)
            known = error.code
            done.wait(again)
