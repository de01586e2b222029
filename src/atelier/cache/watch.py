"""What a stage reads while it runs that its key cannot see: an audit hook, on only inside a stage."""

import linecache
import os
import sys
import threading
import traceback
import zoneinfo
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import thread as executor
from contextlib import contextmanager, suppress
from contextvars import ContextVar, Token
from types import FrameType
from typing import Any, cast

from atelier.cache.effects import IMPORT, SOURCE
from atelier.cache.parts import Unseen
from atelier.cache.places import Owner, file_of, is_file, label_of_file, owner_of_file

_MACHINERY = ("<frozen importlib", "<frozen zipimport")
# These read source files to show an error, not to compute a value.
_SHOWING = frozenset({linecache.__file__, traceback.__file__})
_EXECUTOR = executor.__file__
_STARTING = linecache.__file__.removesuffix("linecache.py") + "multiprocessing/popen_"
_OWN = __file__.removesuffix("cache/watch.py")
# What stands in the stack of a thread in which the harness itself is at work.
_RUNNING = tuple(_OWN + name for name in ("harness.py", "orchestrate", "cli", "ledger"))
_OWN_THREADS = "atelier-"
_DEVICES = frozenset({"/dev/null", "/dev/urandom", "/dev/random"})


class Watch:
    """What was seen inside one `watching()`."""

    def __init__(self) -> None:
        self._seen: dict[Unseen, None] = {}
        self._imports: dict[str, str] = {}
        self._lock = threading.Lock()
        self._before = frozenset(threading.enumerate())

    @property
    def unseen(self) -> tuple[Unseen, ...]:
        """What was read, each with the stage's own line, in the order in which it was read."""
        with self._lock:
            seen = dict(self._seen)
            for name, where in self._imports.items():
                if _is_project_module(name):
                    what = f"import of {name} while the stage ran"
                    seen.setdefault(Unseen(what, where, IMPORT))
            return tuple(seen)

    def began_before(self, thread: threading.Thread) -> bool:
        """Whether this watch began before a thread, which then runs for what is watched."""
        return thread not in self._before

    def see(self, what: str, where: str) -> None:
        """Note something that was read."""
        with self._lock:
            self._seen.setdefault(Unseen(what, where, SOURCE))

    def see_import(self, name: str, where: str) -> None:
        """Note an import; whether it is the project's shows once it is loaded."""
        with self._lock:
            self._imports.setdefault(name, where)


_WATCH: ContextVar[Watch | None] = ContextVar("atelier_watch", default=None)
_INSTALL = threading.Lock()
_installed = False
_active: dict[int, Watch] = {}  # by identity: a thousand stages may be watched at once
_OFF = Watch()  # stands in a context that is left out on purpose


@contextmanager
def watching() -> Generator[Watch]:
    """Watch what this context reads, and the threads and child processes that it starts.

    A thread that runs in no copy of a watched context cannot be told apart from those of a stage
    beside it: what it reads then counts for every watch that is on.
    """
    _install()
    watch = Watch()
    token = _WATCH.set(watch)
    _active[id(watch)] = watch
    try:
        yield watch
    finally:
        del _active[id(watch)]
        _unset(token)


@contextmanager
def unwatched() -> Generator[None]:
    """Leave the harness's own reading and writing inside a stage out of what is seen."""
    token = _WATCH.set(_OFF)
    try:
        yield
    finally:
        _unset(token)


def _unset(token: Token[Watch | None]) -> None:
    """Undo what was set; a task that is collected ends in the context of whoever collects it."""
    with suppress(ValueError):
        _WATCH.reset(token)


def _install() -> None:
    global _installed  # noqa: PLW0603 - an audit hook cannot be removed again
    with _INSTALL:
        if not _installed:
            sys.addaudithook(_hook)
            _installed = True


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _active or event not in _EVENTS:
        return
    watch = _WATCH.get()
    if watch is _OFF:
        return
    note = _EVENTS[event]
    # Telling whose code reads may list a folder of packages, which is such an event itself.
    token = _WATCH.set(_OFF)
    try:
        for each in _elsewhere() if watch is None else (watch,):
            note(each, event, arguments)
    finally:
        _WATCH.reset(token)


def _elsewhere() -> tuple[Watch, ...]:
    """The watches that a reading counts for in a thread that stands in no watched context.

    All of them where the project's code runs below no run of the harness. Where a library's
    function alone runs, those that are older than the thread, and all in a thread of a pool.
    """
    thread = threading.current_thread()
    if thread is threading.main_thread() or thread.name.startswith(_OWN_THREADS):
        return ()
    outermost = Owner.LIBRARY
    is_pooled = False
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        filename = frame.f_code.co_filename
        if filename.startswith(_RUNNING):
            return ()
        is_pooled = is_pooled or filename == _EXECUTOR
        if _is_project(frame, filename):
            outermost = Owner.PROJECT
        elif filename.startswith(_OWN):
            outermost = Owner.HARNESS
        frame = frame.f_back
    if outermost is Owner.HARNESS:
        return ()
    active = tuple(_active.values())
    if outermost is Owner.PROJECT or is_pooled:
        return active
    return tuple([watch for watch in active if watch.began_before(thread)])


def _opened(watch: Watch, event: str, arguments: tuple[Any, ...]) -> None:
    path = _path(arguments[0])
    if path is None:
        _handed(watch)
        return
    if _is_known(path):
        return
    where = _line()
    if where is not None:
        verb = "open" if event == "open" else event
        watch.see(f"{verb}({_shown(path)!r})", where)


def _handed(watch: Watch) -> None:
    """A process that is spawned raises no event but that of the pipe that its work is written to."""
    frame = sys._getframe(3)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    if frame.f_code.co_filename.startswith(_STARTING):
        _forked(watch, "multiprocessing", ())


def _forked(watch: Watch, event: str, _arguments: tuple[Any, ...]) -> None:
    where = _line()
    if where is not None:
        watch.see(f"child process: {event}", where)


def _reached(watch: Watch, event: str, arguments: tuple[Any, ...]) -> None:
    where = _line()
    if where is not None:
        told = arguments[1] if event == "socket.connect" else arguments[0]
        watch.see(f"{event}({told!r})", where)


def _imported(watch: Watch, _event: str, arguments: tuple[Any, ...]) -> None:
    name = str(arguments[0])
    where = _line()
    if where is not None:
        watch.see_import(name, where)


_EVENTS: Mapping[str, Callable[[Watch, str, tuple[Any, ...]], None]] = {
    "open": _opened,
    "os.listdir": _opened,
    "os.scandir": _opened,
    "sqlite3.connect": _opened,
    "import": _imported,
    **dict.fromkeys(("os.fork", "os.forkpty", "os.spawn", "pty.spawn"), _forked),
    **dict.fromkeys(
        (
            "subprocess.Popen",
            "os.system",
            "os.exec",
            "os.posix_spawn",
            "socket.connect",
            "socket.getaddrinfo",
            "ctypes.dlopen",
        ),
        _reached,
    ),
}


def _path(named: object) -> str | None:
    """A path as text; a file that is open already has only a number, and was seen before."""
    if isinstance(named, str | bytes | os.PathLike):
        return os.path.realpath(os.fsdecode(cast("str", named)))
    return os.path.realpath(".") if named is None else None


def _is_known(path: str) -> bool:
    """Whether a path belongs to what enters by version: the interpreter, libraries, the harness."""
    if path in _DEVICES or path.startswith(tuple(zoneinfo.TZPATH)):
        return True
    return owner_of_file(path) is not Owner.PROJECT


def _shown(path: str) -> str:
    """A path relative to the working folder where it lies below it."""
    here = os.getcwd() + os.sep  # noqa: PTH109 - inside an audit hook, without a Path
    return path.removeprefix(here)


def _line() -> str | None:
    """The stage's own line: the innermost frame of the project.

    None where the import system or a traceback stands between the reading and the project: a
    module's file is hashed as code, and showing an error reads nothing into a value. Where no
    frame is the project's, a library's function is the stage, and it has no line.
    """
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        filename = frame.f_code.co_filename
        if filename.startswith(_MACHINERY) or filename in _SHOWING:
            return None
        if _is_project(frame, filename):
            module = str(frame.f_globals.get("__name__", ""))
            return f"{label_of_file(filename, module)}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


def _is_project(frame: FrameType, filename: str) -> bool:
    if not is_file(filename):
        return frame.f_globals.get("__name__") == "__main__"
    return owner_of_file(filename) is Owner.PROJECT


def _is_project_module(name: str) -> bool:
    module = sys.modules.get(name)
    file = file_of(module) if module is not None else None
    return file is not None and owner_of_file(file) is Owner.PROJECT
