"""A value that another thread will bring: what a commit comes to."""

from collections.abc import Callable
from threading import Event, Lock
from typing import Generic, TypeVar

T = TypeVar("T")

# Held for a few instructions, so one lock serves all of them.
_LOCK = Lock()


class Pending(Generic[T]):
    """Set once, by whoever does the work; any thread may wait for it, or be called back.

    The standard library's future has a condition of its own, ten objects in all, and a crowd holds
    one for each commit that is under way.

    Example:
        >>> pending = Pending[int]()
        >>> pending.add_done_callback(lambda done: print("brought", done.result()))
        >>> pending.set_result(3)
        brought 3
        >>> pending.result()
        3
    """

    __slots__ = ("_callbacks", "_error", "_value")

    def __init__(self) -> None:
        self._value: T
        self._error: BaseException | None = None
        self._callbacks: tuple[Callable[[Pending[T]], object], ...] | None = ()

    def done(self) -> bool:
        """Whether it has come, or failed."""
        return self._callbacks is None

    def result(self, timeout: float | None = None) -> T:
        """The value, once it has come.

        Raises:
            BaseException: what the work raised.
            TimeoutError: it has not come within `timeout` seconds.
        """
        error = self.exception(timeout)
        if error is not None:
            raise error
        return self._value

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """What the work raised, once it has ended; None where it brought a value.

        Raises:
            TimeoutError: it has not ended within `timeout` seconds.
        """
        if not self.done():
            ended = Event()
            self.add_done_callback(lambda _: ended.set())
            if not ended.wait(timeout):
                raise TimeoutError
        return self._error

    def add_done_callback(self, callback: Callable[["Pending[T]"], object]) -> None:
        """Call back in the thread that brings the value; at once where it is there already."""
        with _LOCK:
            if self._callbacks is not None:
                self._callbacks = (*self._callbacks, callback)
                return
        callback(self)

    def set_result(self, value: T) -> None:
        """Bring the value."""
        self._value = value
        self._end()

    def set_exception(self, error: BaseException) -> None:
        """Say that the work failed."""
        self._error = error
        self._end()

    def _end(self) -> None:
        with _LOCK:
            callbacks, self._callbacks = self._callbacks, None
        for callback in callbacks or ():
            callback(self)
