"""Readings under other names, and the user's own methods that only sound like them."""

from collections.abc import Callable

import pytest

from atelier.cache.closure import Closure
from atelier.cache.effects import effect_of, effect_of_path

Of = Callable[..., Closure]

HEAD = """
import asyncio, datetime, email.utils, functools, importlib.resources, inspect, logging, os, pathlib
import sys, threading, timeit, traceback
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime as moment
from pathlib import Path

PLACE = Path("x")
NAMES = {"a": 1}


class Day(moment):
    pass


class Clock:
    moment = moment


@functools.cache
def shown():
    return 1


class Place(Path):
    def exists(self):
        return True


class Held:
    def __init__(self):
        self.path = "x"

    def exists(self, key=None):
        return key

    open = stat = touch = now = resolve = exists

    def reads_itself(self):
        return self.exists(1)

    def reads_a_path(self):
        return self.path.exists()


def stage(x, held: Held = None):
"""
UNSEEN = {
    "ok = PLACE.exists; return ok()": "file system: .exists",
    "ok = x.exists; return ok()": "file system: .exists",
    "ok = Path(x).exists; return [f() for f in (ok,)]": "file system: .exists",
    "p = Path(x); return [f() for f in (p.exists,)]": "file system: .exists",
    "return getattr(PLACE, 'exists')()": "file system: .exists",
    "return list(map(type(PLACE).exists, x))": "file system: .exists",
    "return list(map(type(x).exists, x))": "file system: .exists",
    "return list(map(Path.exists, x))": "file system: pathlib.Path.exists",
    "return PLACE.exists()": "file system: .exists",
    "return PLACE.group()": "file system: .group",
    "return PLACE.glob('*')": "file system: .glob",
    "return (PLACE / 'a').resolve()": "file system: .resolve",
    "return x.absolute()": "file system: .absolute",
    "return x.owner()": "file system: .owner",
    "return x.is_mount()": "file system: .is_mount",
    "return x.is_fifo()": "file system: .is_fifo",
    "return x.samefile(PLACE)": "file system: .samefile",
    "return x.expanduser()": "file system: .expanduser",
    "return Path.home()": "file system: pathlib.Path.home",
    "return x.cwd()": "file system: .cwd",
    "return Place.cwd()": "file system: pathlib.Path.cwd",
    "return Place(x).is_file()": "file system: .is_file",
    "return os.path.relpath(x)": "file system: os.path.relpath",
    "return os.path.abspath(x)": "file system: os.path.abspath",
    "return os.path.realpath(x)": "file system: os.path.realpath",
    "f = os.path.samefile; return f(x, x)": "file system: os.path.samefile",
    "return timeit.default_timer()": "clock: timeit.default_timer",
    "return asyncio.get_running_loop().time()": "clock: .time() of an event loop",
    "loop = asyncio.new_event_loop(); return loop.time()": "clock: .time() of an event loop",
    "return email.utils.formatdate()": "clock: email.utils.formatdate",
    "return email.utils.localtime()": "clock: email.utils.localtime",
    "return x.astimezone()": "the machine's time zone: .astimezone() without a zone",
    "return moment.fromtimestamp(0)": "the machine's time zone: .fromtimestamp() without a zone",
    "return Day.now()": "clock: datetime.datetime.now",
    "return __loader__.get_data(x)": "file system: __loader__.get_data",
    "return __spec__.loader.get_data(x)": "file system: __spec__.loader.get_data",
    "return pathlib.os.environ['HOME']": "environment variable HOME",
    "return logging.time.time()": "clock: time.time",
    "inner = pathlib.os; return inner": "module os used as a value",
    "return sys.orig_argv": "command line: sys.orig_argv",
    "given = sys.orig_argv; return given": "command line: sys.orig_argv",
    "return importlib.resources.files(x)": "file system: importlib.resources.files",
    "return ProcessPoolExecutor": "the world outside: concurrent.futures.process.ProcessPoolExecutor",
    "return held.reads_a_path()": "file system: .exists",
    "return traceback.format_exc()": "a line or a file of the code: traceback.format_exc",
    "return x.__traceback__.tb_lineno": "a line or a file of the code: .tb_lineno",
    "return Held.exists.__code__.co_firstlineno": "a line or a file of the code: .co_firstlineno",
    "return inspect.getfile(Held)": "the interpreter's state: inspect.getfile",
    "return type.__subclasses__(Held)": "the interpreter's state: type",
    "return threading.active_count()": "the interpreter's state: threading.active_count",
    "return sys.stdout.isatty()": "the machine: sys.stdout.isatty",
    "return shown.cache_info()": "module state: .cache_info",
    "return Clock.moment.now()": "clock: .now",
    "held = x; return held.exists()": "file system: .exists",
    "one = Held(); one = Path(x); return one.exists()": "file system: .exists",
    "one = Held()\n    def f():\n        nonlocal one\n        one = x\n    return one.exists()":
        "file system: .exists",
}  # fmt: skip
SILENT = (
    "one = Held(); return one.exists(x), one.open(), one.stat(), one.touch(), one.now()",
    "return Held().resolve(x)",
    "return held.exists(x)",
    "return Place(x).exists()",
    "return PLACE.name, PLACE.parent, PLACE / 'a', str(PLACE), PLACE.with_suffix('.a')",
    "return NAMES.get(x)",
    "return x.time()",
    "return x.astimezone(x.tzinfo), moment.fromtimestamp(0, tz=x), moment.fromtimestamp(0, x)",
    "return __spec__.name, __name__",
    "return os.path.join(x, 'a'), pathlib.os.path.join(x, 'a')",
    "return x.exists",
    "return traceback.print_exc()",
    "return Held.__name__, shown()",
)


@pytest.mark.parametrize("body", UNSEEN)
def test_a_reading_under_another_name_is_named(body: str, of: Of) -> None:
    text = HEAD.replace(", held: Held = None", "") if "held" not in body else HEAD
    text = text if "reads_a_path" in body else text.replace("self.path.exists()", "1")
    assert UNSEEN[body] in [item.what for item in of(f"{text}    {body}\n").unseen]


@pytest.mark.parametrize("body", SILENT)
def test_a_method_of_the_project_that_sounds_alike_is_silent(body: str, of: Of) -> None:
    text = HEAD.replace("self.path.exists()", "1")
    assert of(f"{text}    {body}\n").unseen == ()


def test_what_a_pure_path_has_reads_nothing() -> None:
    assert effect_of_path("with_suffix") is None
    assert effect_of_path("is_file") is not None


def test_a_moment_in_the_local_zone_reads_the_machine() -> None:
    assert effect_of("time.mktime") is not None
