"""What a key cannot see is named, and what is harmless is silent."""

from collections.abc import Callable

import pytest

from atelier.cache.closure import Closure
from atelier.cache.effects import effect_of, settled

Of = Callable[..., Closure]

HEAD = """
import asyncio
import contextvars
import datetime
import importlib
import io
import flow
import json
import logging
import math
import operator
import os
import os.path
import pathlib
import random
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import time as clock
import urllib.request
import uuid
from datetime import date, datetime as moment, timedelta
from functools import partial
from inspect import stack as frames
from os import environ, getenv
from pathlib import Path
from random import choice
from time import time as wall
from uuid import uuid4

log = logging.getLogger(__name__)
context = contextvars.ContextVar("context")
counts = {}
now_alias = moment.now
system_random = random
opened = open


class Settings:
    limit = 3


"""
# The body of `stage(x)`, and what is said of it.
UNSEEN = {
    'return os.environ["HOME"]': "environment variable HOME",
    'return os.environ.get("HOME")': "environment variable HOME",
    'return os.getenv("HOME")': "environment variable HOME",
    'return getenv("HOME")': "environment variable HOME",
    'return environ["HOME"]': "environment variable HOME",
    "return environ[x]": "environment in os.environ",
    "return dict(environ)": "environment in os.environ",
    "return time.time()": "clock: time.time",
    "return clock.monotonic()": "clock: time.monotonic",
    "return wall()": "clock: time.time",
    "return datetime.datetime.now()": "clock: datetime.datetime.now",
    "return moment.now()": "clock: datetime.datetime.now",
    "return moment.utcnow()": "clock: datetime.datetime.utcnow",
    "return now_alias()": "clock: datetime.datetime.now",
    "return date.today()": "clock: datetime.date.today",
    "return x.clock.now()": "clock: .now",
    "return random.random()": "randomness: random.random",
    "return choice(x)": "randomness: random.choice",
    "return random.Random().random()": "randomness: random.Random",
    "return secrets.token_hex()": "randomness: secrets.token_hex",
    "return str(uuid4())": "randomness: uuid.uuid4",
    "return uuid.uuid1()": "randomness: uuid.uuid1",
    "return os.urandom(3)": "randomness: os.urandom",
    "return importlib.import_module(x)": "dynamic import: importlib.import_module",
    "return __import__(x)": "dynamic import: __import__",
    "return eval(x)": "evaluation of text: eval",
    "exec(x)": "evaluation of text: exec",
    "return globals()[x]": "the interpreter's state: globals",
    "return locals()": "the interpreter's state: locals",
    "return vars(x)": "the interpreter's state: vars",
    "return getattr(x, 'read_text')()": "file system: .read_text",
    "reader = x.read_text; return reader()": "file system: .read_text",
    "return operator.methodcaller('read_text')(x)": "file system: .read_text",
    "read = random; return read.random()": "module random used as a value",
    "flow.counts = x": "module state: flow.counts is changed",
    "return system_random.random()": "randomness: random.random",
    "return getattr(x, x.name)": "getattr by a computed name",
    "setattr(x, x.name, 1)": "setattr by a computed name",
    "return operator.attrgetter(x)(x)": "operator.attrgetter by a computed name",
    "return operator.methodcaller(x)(x)": "operator.methodcaller by a computed name",
    "return open('x.txt').read()": "open('x.txt')",
    "return opened(x).read()": "file system: io.open",
    "return io.open('x.txt').read()": "io.open('x.txt')",
    "return Path(x).read_text()": "file system: .read_text",
    "return x.read_bytes()": "file system: .read_bytes",
    "return list(map(Path.read_text, x))": "file system: pathlib.Path.read_text",
    "return Path.cwd()": "file system: pathlib.Path.cwd",
    "return os.listdir(x)": "the operating system: os.listdir",
    "return os.path.exists(x)": "file system: os.path.exists",
    "return shutil.which(x)": "file system: shutil.which",
    "return subprocess.run(x)": "the world outside: subprocess.run",
    "return socket.socket()": "the world outside: socket.socket",
    "return urllib.request.urlopen(x)": "the world outside: urllib.request.urlopen",
    "return input()": "standard input: input",
    "return sys.argv": "command line: sys.argv",
    "return sys.modules[x]": "the interpreter's state: sys.modules",
    "return frames()": "the interpreter's state: inspect.stack",
    "global counts; counts = 1": "global statement: counts",
    "counts[x] = 1": "module state: counts is changed",
    "counts.update(x)": "module state: counts.update is changed",
    "Settings.limit = x": "module state: Settings.limit is changed",
    "return context.get()": "context variable context",
    "return hash(x)": "an identity that differs by process: hash",
    "return id(x)": "an identity that differs by process: id",
    "return x.__subclasses__()": "the interpreter's state: .__subclasses__",
    "return __file__": "the module's own place __file__",
    "read = os; return read.environ": "module os used as a value",
    "from time import time as t; return t()": "clock: time.time",
    "import os as system; return system.environ": "environment in os.environ",
    "import xmlrpc.client; return xmlrpc.client.ServerProxy(x)":
        "the world outside: xmlrpc.client.ServerProxy",
    "return [lambda: time.time() for _ in x]": "clock: time.time",
    "import not_there; return not_there.f()": "",
}  # fmt: skip
SILENT = (
    "return x.get('a')",
    "return moment.fromisoformat(x)",
    "return '{}'.format(x)",
    "return re.compile(x).match(x)",
    "return json.dumps(x)",
    "return math.floor(x)",
    "return date(2026, 1, 1) + timedelta(days=1)",
    "return isinstance(x, moment)",
    "return getattr(x, 'name', None)",
    "return operator.attrgetter('name')(x)",
    "return operator.itemgetter(x)",
    "return os.path.join(x, 'a')",
    "return os.sep",
    "return Path(x).name",
    "return pathlib.PurePosixPath(x)",
    "return random.Random(5).random()",
    "return uuid.uuid5(uuid.NAMESPACE_DNS, x)",
    "log.info('x'); return x",
    "print(x); return sorted(x)",
    "return x.open",
    "local = {}; local[x] = 1; local.update(x); return local",
    "return Settings.limit",
    "return counts.get(x)",
    "return partial(max, 1)(x)",
    "return __name__",
    "time.sleep(0); return x",
    "return asyncio.sleep(0)",
    "x.limit = 3; return x",
    "def inner(v: datetime.datetime) -> time.struct_time: return v\n    return inner",
    "return super",
)


@pytest.mark.parametrize("body", [body for body in UNSEEN if UNSEEN[body]])
def test_what_a_key_cannot_see_is_named_with_its_line(body: str, of: Of) -> None:
    text = f"{HEAD}def stage(x):\n    {body}\n"
    found = {(item.what, item.where) for item in of(text).unseen}
    line = text.count("\n")
    assert (UNSEEN[body], f"flow.py:{line}") in found


@pytest.mark.parametrize("body", SILENT)
def test_a_harmless_line_is_silent(body: str, of: Of) -> None:
    assert of(f"{HEAD}def stage(x):\n    {body}\n").unseen == ()


@pytest.mark.parametrize("body", ["return 'HOME'", "return os.environ['HOME']"])
def test_every_warning_says_how_to_declare(body: str, of: Of) -> None:
    for item in of(f"{HEAD}def stage(x):\n    {body}\n").unseen:
        assert item.declare == "pass it as a packet parameter"


def test_an_effect_two_helpers_away_is_found(of: Of) -> None:
    closure = of(
        "import time\n\n\ndef far():\n    return time.time()\n\n\n"
        "def near():\n    return far()\n\n\ndef stage(x):\n    return near()\n"
    )
    assert [(item.what, item.where) for item in closure.unseen] == [
        ("clock: time.time", "flow.py:5")
    ]


def test_an_effect_in_a_default_factory_is_found(of: Of) -> None:
    closure = of(
        "from uuid import uuid4\nfrom pydantic import BaseModel, Field\n\n\n"
        "class Note(BaseModel):\n    id: str = Field(default_factory=lambda: str(uuid4()))\n\n\n"
        "def stage(x: Note):\n    return x\n"
    )
    assert [item.what for item in closure.unseen] == ["randomness: uuid.uuid4"]


def test_an_opaque_value_is_named_by_its_type(of: Of) -> None:
    closure = of("import io\n\nHELD = io.StringIO()\n\n\ndef stage(x):\n    return HELD.read()\n")
    assert [item.what for item in closure.unseen] == ["opaque value of type _io.StringIO"]


def test_a_secret_is_opaque_and_its_text_is_not_kept(of: Of) -> None:
    closure = of(
        "from pydantic import SecretStr\n\nKEY = SecretStr('hidden')\n\n\n"
        "def stage(x):\n    return KEY\n"
    )
    assert closure.unseen
    assert not any("hidden" in part.text for part in closure.parts if part.label != "flow.py:stage")


def test_a_value_computed_at_import_counts_by_value(of: Of) -> None:
    text = "import os\n\nHOME = os.environ.get('ATELIER_TEST', 'none')\n\n\ndef stage(x):\n    return HOME\n"
    closure = of(text)
    assert closure.unseen == ()
    assert closure.digest != of(text.replace("'none'", "'some'")).digest


def test_the_longest_listed_prefix_decides() -> None:
    assert effect_of("os.path.join") is None
    assert effect_of("os.path.exists") is not None
    assert effect_of("os.remove") is not None
    assert effect_of("osprey.nest") is None


def test_inner_modules_of_the_interpreter_are_told_by_their_public_names() -> None:
    assert settled("nt.getcwd") == "os.getcwd"
    assert settled("pathlib._local.Path") == "pathlib.Path"


FIELDS = """
import dataclasses
from dataclasses import dataclass, fields


@dataclass
class D:
    a: int = 1


def made(fields):
    def inner(d):
        return [getattr(d, f.name) for f in fields(d)]

    return inner


other = made(lambda d: ())


def stage(d):
"""
BY_FIELD = (
    "return {f.name: getattr(d, f.name) for f in fields(d)}",
    "return [getattr(d, f.name) for f in dataclasses.fields(D) if f.name]",
    "out = []\n    for f in fields(d):\n        out.append(getattr(d, f.name, None))\n    return out",
)
BY_ANY_NAME = (
    "return [getattr(d, f.name) for f in d]",
    "return [getattr(d, f.kind) for f in fields(d)]",
    "return [setattr(d, f.name, 1) for f in fields(d)]",
    "return getattr(d, d.name)",
    "fields = d.items\n    return [getattr(d, f.name) for f in fields(d)]",
    "for f in fields(d):\n        f = d\n        return getattr(d, f.name)",
    "return other(d)",
)


@pytest.mark.parametrize("body", BY_FIELD)
def test_the_name_of_a_field_is_no_computed_name(body: str, of: Of) -> None:
    assert of(f"{FIELDS}    {body}\n").unseen == ()


@pytest.mark.parametrize("body", BY_ANY_NAME)
def test_any_other_name_is_a_computed_one(body: str, of: Of) -> None:
    found = of(f"{FIELDS}    {body}\n").unseen
    assert [item.what.partition(" ")[2] for item in found] == ["by a computed name"]
