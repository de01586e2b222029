"""An instance counts with all that it is: its class, its attributes, and what lies in C."""

from typing import Any

import pytest

IMPORTS = """
import array
import collections
import datetime
import decimal
import enum
import functools
import io
import itertools
import json
import logging
import operator
import pathlib
import queue
import random
import struct
import threading
import types
import weakref
"""
# A base, how an instance of the project's subclass is made, and the edit (old, new) of that.
BASES: dict[str, tuple[str, str, str, str]] = {
    "array": ("array.array", "C('i', [1])", "[1]", "[2]"),
    "text in memory": ("io.StringIO", "C('a')", "'a'", "'b'"),
    "bytes in memory": ("io.BytesIO", "C(b'a')", "b'a'", "b'b'"),
    "partial": ("functools.partial", "C(int, '1')", "'1'", "'2'"),
    "deque": ("collections.deque", "C([1], maxlen=3)", "=3", "=4"),
    "ordered": ("collections.OrderedDict", "C(a=1)", "=1", "=2"),
    "default": ("collections.defaultdict", "C(int, a=1)", "int", "str"),
    "counter": ("collections.Counter", "C('aab')", "'aab'", "'abb'"),
    "chain": ("collections.ChainMap", "C({'a': 1})", "1}", "2}"),
    "adapter": ("logging.LoggerAdapter", "C(logging.getLogger('x'), {'a': 1})", "1}", "2}"),
    "generator": ("random.Random", "C(3)", "(3)", "(4)"),
    "struct": ("struct.Struct", "C('i')", "'i'", "'q'"),
    "moment": ("datetime.datetime", "C(2020, 1, 1)", "2020", "2021"),
    "day": ("datetime.date", "C(2020, 1, 1)", "2020", "2021"),
    "span": ("datetime.timedelta", "C(1)", "(1)", "(2)"),
    "decimal": ("decimal.Decimal", "C('1.0')", "'1.0'", "'1.00'"),
    "decimal context": ("decimal.Context", "C(prec=3)", "=3", "=4"),
    "count": ("itertools.count", "C(3)", "(3)", "(4)"),
    "map": ("map", "C(str, [1])", "[1]", "[2]"),
    "queue": ("queue.SimpleQueue", "C()\n    X.put(1)", "(1)", "(2)"),
    "of a thread": ("threading.local", "C()\n    X.a = 1", "a = 1", "a = 2"),
    "path": ("pathlib.PurePosixPath", "C('a')", "'a'", "'b'"),
    "exception": ("ValueError", "C('a')", "'a'", "'b'"),
    "exception with a number": ("OSError", "C(1, 'a')", "(1", "(2"),
    "set": ("set", "C([1])", "[1]", "[2]"),
    "integer": ("int", "C(1)", "(1)", "(2)"),
    "weak reference": ("weakref.ref", "C(int)", "int", "str"),
}  # fmt: skip
# A method of the subclass that tells its content otherwise does not hide it.
TEXT = """{imports}

class C({base}):
    def __str__(self):
        return "same"

    __iter__ = __repr__ = __reduce__ = items = isoformat = as_posix = __str__


def made():
    X = {made}
    return X  # one


X = made()


def stage(x):
    return X
"""
# Definitions before a stage that reads an expression, and the edit (old, new) of them.
BESIDE: dict[str, tuple[str, str, str, str]] = {
    "constant of a logger": (
        "def made():\n    return logging.LoggerAdapter(logging.getLogger('x'), {'a': 1})\n\n\nX = made()\n",
        "X.extra['a']", "1}", "2}",
    ),
    "property of the project's kind": (
        ("class kept(property):\n    def __get__(self, at, kind=None):\n        return 1\n\n\n"
        "class C:\n    @kept\n    def a(self):\n        return 0\n"),
        "C().a", "return 1", "return 2",
    ),
    "cached property of the project's kind": (
        ("class kept(functools.cached_property):\n    def __get__(self, at, kind=None):\n        return 1\n\n\n"
        "class C:\n    @kept\n    def a(self):\n        return 0\n"),
        "C().a", "return 1", "return 2",
    ),
    "static method of the project's kind": (
        "class kept(staticmethod):\n    def __call__(self):\n        return 1\n\n\nX = kept(len)\n",
        "X()", "return 1", "return 2",
    ),
    "path of the project's kind": (
        "class C(pathlib.PurePosixPath):\n    def a(self):\n        return 1\n\n\nX = C('a')\n",
        "X.a()", "return 1", "return 2",
    ),
    "partial of the project's kind": (
        "class C(functools.partial):\n    def a(self):\n        return 1\n\n\nX = C(len)\n",
        "X.a()", "return 1", "return 2",
    ),
    "event of the project's kind": (
        "class C(threading.Event):\n    def a(self):\n        return 1\n\n\nX = C()\n",
        "X.a()", "return 1", "return 2",
    ),
    "attribute of a partial": (
        "X = functools.partial(len)\nX.a = 1\n", "X.a", "= 1", "= 2",
    ),
    "attribute of a cached function": (
        "@functools.lru_cache\ndef f():\n    return 0\n\n\nf.a = 1\n", "f.a", "= 1", "= 2",
    ),
    "slots without a list": (
        "class C:\n    __slots__ = iter(['a'])\n\n\nX = C()\nX.a = 1\n", "X.a", "a = 1", "a = 2",
    ),
    "state of a semaphore": (
        "X = threading.Semaphore(3)\n", "X._value", "(3)", "(4)",
    ),
    "level of a logger": (
        "X = logging.Logger('x', 10)\n", "X.level", "10", "20",
    ),
    "values held weakly": (
        ("class A:\n    def __init__(self, a):\n        self.a = a\n\n\nK = A(1)\n"
        "X = weakref.WeakValueDictionary({'a': K})\n"),
        "X['a'].a", "A(1)", "A(2)",
    ),
    "keys held weakly": (
        "class A:\n    pass\n\n\nK = A()\nX = weakref.WeakKeyDictionary({K: 1})\n", "list(X.values())", ": 1", ": 2",
    ),
    "a set held weakly": (
        ("class A:\n    def __init__(self, a):\n        self.a = a\n\n\nK = A(1)\n"
        "X = weakref.WeakSet([K])\n"),
        "[k.a for k in X]", "A(1)", "A(2)",
    ),
    "registry held weakly": (
        ("R = weakref.WeakValueDictionary()\n\n\ndef known(kind):\n    R[kind.__name__] = kind\n"
        "    return kind\n\n\n@known\nclass A:\n    a = 1\n"),
        "R['A'].a", "a = 1", "a = 2",
    ),
    "module of the project's kind": (
        "class M(types.ModuleType):\n    a = 1\n\n\nX = M('x')\n", "X.a", "a = 1", "a = 2",
    ),
    "instance that answers to every name": (
        ("class A:\n    __slots__ = ('a',)\n\n    def __init__(self):\n        self.a = 1\n\n"
        "    def __getattr__(self, name):\n        return 3\n\n\nX = A()\n"),
        "X.a + X.b", "a = 1", "a = 2",
    ),
    "instance that tells another class": (
        ("class A:\n    @property\n    def __class__(self):\n        return dict\n\n"
        "    def a(self):\n        return 1\n\n\nX = A()\n"),
        "X.a()", "return 1", "return 2",
    ),
    "flag that only keeps bits": (
        "class F(enum.IntFlag):\n    A = 1\n\n\nX = F(8)\n", "X.value", "F(8)", "F(16)",
    ),
}  # fmt: skip
# Constants that have a form, so that a stage with them is reused: an edit of each counts.
READ: dict[str, tuple[str, str, str]] = {
    "struct": ("struct.Struct('i')", "'i'", "'q'"),
    "item": ("operator.itemgetter('a')", "'a'", "'b'"),
    "attribute": ("operator.attrgetter('a')", "'a'", "'b'"),
    "method": ("operator.methodcaller('a', 1, b=2)", "b=2", "b=3"),
    "encoder": ("json.JSONEncoder(indent=1)", "=1", "=2"),
    "encoder of a type": ("json.JSONEncoder(default=lambda x: 1)", ": 1", ": 2"),
    "adapter of a logger": ("logging.LoggerAdapter(logging.getLogger('x'), {'a': 1})", "1}", "2}"),
}  # fmt: skip


@pytest.mark.parametrize("case", BASES)
def test_what_a_built_in_base_keeps_is_read_or_named(case: str, project: Any) -> None:
    base, made, old, new = BASES[case]
    project.write(flow=TEXT.format(imports=IMPORTS, base=base, made=made))
    before = project.closure()
    project.edit("flow.py", "  # one", "")
    assert project.closure().digest == before.digest
    project.edit("flow.py", f"X = {made}", f"X = {made.replace(old, new)}")
    after = project.closure()
    # By content, or as opaque: the call that makes it is at the level of the module, out of reach.
    assert {part.label for part in after.parts} == {
        "flow.py:stage",
        "flow.py:X",
        "flow.py:C",
        "flow.py:C.__str__",
    }
    assert after.digest != before.digest or all("opaque" in item.what for item in after.unseen)
    assert after.digest != before.digest or after.unseen
    project.edit("flow.py", "same", "other")
    assert project.closure().digest != after.digest


@pytest.mark.parametrize("case", BESIDE)
def test_an_edit_of_an_instance_is_seen_or_named(case: str, project: Any) -> None:
    text, read, old, new = BESIDE[case]
    project.write(flow=f"{IMPORTS}\n{text}\n\ndef stage(x):\n    return {read}  # one\n")
    before = project.closure()
    project.edit("flow.py", "  # one", "")
    assert project.closure().digest == before.digest
    project.edit("flow.py", old, new)
    after = project.closure()
    assert after.digest != before.digest or after.unseen


@pytest.mark.parametrize("case", READ)
def test_a_constant_that_says_what_it_is_made_of_is_read(case: str, project: Any) -> None:
    made, old, new = READ[case]
    project.write(flow=f"{IMPORTS}\nX = {made}\n\n\ndef stage(x):\n    return X\n")
    before = project.closure()
    assert before.unseen == ()
    project.edit("flow.py", old, new)
    assert project.closure().digest != before.digest
