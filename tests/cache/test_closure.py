"""What a closure reaches, beyond the project of `test_no_stale_hit`."""

import linecache
import sys
import types
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from atelier.cache.callables import external
from atelier.cache.closure import Closure, closure_of
from atelier.cache.definitions import encode
from atelier.cache.sheet import Reach, Sheet

Of = Callable[..., Closure]

# A library that keeps what it is given in closures and objects.
TINY = """
import functools


def scale(times):
    def outer(function):
        @functools.wraps(function)
        def inner(x):
            return function(x) * times

        return inner

    return outer


class Wrapper:
    def __init__(self, function, times):
        self.__wrapped__ = function
        self.times = times

    def __call__(self, x):
        return self.__wrapped__(x) * self.times
"""

# A module and the edit (old, new) that must change the closure of `stage`.
REACHED: dict[str, tuple[str, str, str]] = {
    "parameters of a generic": (
        ("from typing import Generic, TypeVar\nfrom pydantic import BaseModel\n\nT = TypeVar('T')\n\n\n"
        "class Page(BaseModel, Generic[T]):\n    item: T\n\n\nF = [Page[int]]\n\n\n"
        "def stage(x):\n    return F\n"),
        "[int]", "[str]",
    ),
    "field under a condition": (
        ("from pydantic import BaseModel\n\n\nclass A(BaseModel):\n    n: int = 1\n\n\n"
        "class B(BaseModel):\n    if True:\n        a: A\n\n\ndef stage(x: B):\n    return x\n"),
        "n: int = 1", "n: int = 2",
    ),
    "model made by a call": (
        ("from pydantic import create_model\n\nA = create_model('A', n=(int, 1))\n\n\n"
        "def stage(x: A):\n    return x\n"),
        "int, 1", "str, 1",
    ),
    "method of a shared table": (
        "class A:\n    table = {'a': 1}\n\n\nF = A.table.get\n\n\ndef stage(x):\n    return F(x)\n",
        "'a': 1", "'a': 2",
    ),
    "format with two texts": ("def stage(x):\n    return f'a{{b}}' f'{x}c' 'd'\n", "'d'", "'e'"),
    "library module in a value": ("import json\nimport marshal\n\nF = [json]\n\n\ndef stage(x):\n    return F\n", "[json]", "[marshal]"),
    "method of a builtin by name": ("F = str.upper\n\n\ndef stage(x):\n    return F\n", "upper", "lower"),
    "special method of a constant": ("F = 'a'.__add__\n\n\ndef stage(x):\n    return F\n", "'a'", "'b'"),
    "callable type": ("from collections.abc import Callable\n\nF = Callable[[int], str]\n\n\ndef stage(x):\n    return F\n", "[int]", "[str]"),
    "union type": ("F = int | str\n\n\ndef stage(x):\n    return F\n", "| str", "| bytes"),
    "forward reference": ("import typing\n\nF = typing.ForwardRef('A')\n\n\ndef stage(x):\n    return F\n", "'A'", "'B'"),
    "default dictionary": ("from collections import defaultdict\n\nF = defaultdict(list)\n\n\ndef stage(x):\n    return F\n", "(list)", "(dict)"),
    "double-ended queue": ("from collections import deque\n\nF = deque([1], 5)\n\n\ndef stage(x):\n    return F\n", "5", "6"),
    "chain of maps": ("from collections import ChainMap\n\nF = ChainMap({1: 2})\n\n\ndef stage(x):\n    return F\n", "2", "3"),
    "namespace": ("from types import SimpleNamespace\n\nF = SimpleNamespace(a=1)\n\n\ndef stage(x):\n    return F\n", "a=1", "a=2"),
    "text that JSON cannot hold": ("F = '\\ud800'\n\n\ndef stage(x):\n    return F\n", "800", "801"),
    "instance of a library's dataclass": ("from annotated_types import Ge\n\nF = Ge(1)\n\n\ndef stage(x):\n    return F\n", "Ge(1)", "Ge(2)"),
    "instance of a model": ("from pydantic import BaseModel, PrivateAttr\n\n\nclass A(BaseModel):\n    n: int\n    _m: int = PrivateAttr(default=0)\n\n\nF = A(n=1)\nF._m = 2\n\n\ndef stage(x):\n    return F\n", "_m = 2", "_m = 3"),
    "instance of a library's named tuple": ("from urllib.parse import urlsplit\n\nF = urlsplit('http://a/b')\n\n\ndef stage(x):\n    return F\n", "/b", "/c"),
    "instance of a built-in's subclass": ("class A(dict):\n    pass\n\n\nF = A({1: 2})\n\n\ndef stage(x):\n    return F\n", "2", "3"),
    "one slot as a string": ("class A:\n    __slots__ = 'n'\n\n    def __init__(self, n):\n        self.n = n\n\n\nF = A(1)\n\n\ndef stage(x):\n    return F\n", "A(1)", "A(2)"),
    "local variable with an annotation": ("def stage(x):\n    n: int = 1\n    m: str\n    return n\n", "= 1", "= 2"),
    "walrus in a comprehension": ("last = 1\n\n\ndef stage(x):\n    return [last := y for y in x], last\n", "for y in x", "for y in x if y"),
    "documentation by name": ("def stage(x):\n    'Two.'\n    return __doc__\n", "Two", "Three"),
    "import of a submodule": ("def stage(x):\n    import pack.sub\n\n    return pack.sub.f(x)\n", "sub.f", "sub.g"),
    "from a package its submodule": ("def stage(x):\n    from pack import sub\n\n    return sub.f(x), sub.N\n", "sub.N", "sub.M"),
    "constant under a condition": ("try:\n    from helpers import N\nexcept ImportError:\n    N = 0\n\n\ndef stage(x):\n    return N\n", "return N", "return -N"),
    "a name that a module does not have": ("import helpers\n\n\ndef stage(x):\n    return helpers.nothing\n", "helpers.nothing", "helpers.none_such"),
    "compiled pattern of bytes": ("import re\n\nF = re.compile(b'a')\n\n\ndef stage(x):\n    return F\n", "b'a'", "b'b'"),
    "nonlocal": ("def stage(x):\n    n = 1\n\n    def f():\n        nonlocal n\n        n = 2\n\n    f()\n    return n\n", "n = 2", "n = 3"),
    "recursion": ("def stage(x):\n    return stage(x - 1) if x else 1\n", "else 1", "else 2"),
    "what a library's wrapper was given": (
        "import tiny\n\n\ndef raw(x):\n    return x\n\n\nf = tiny.scale(2)(raw)\n\n\ndef stage(x):\n    return f(x)\n",
        "scale(2)", "scale(3)",
    ),
    "what a library's closure was given": (
        "import tiny\n\nf = tiny.scale(2)\n\n\ndef stage(x):\n    return f(x)\n", "2", "3",
    ),
    "what a library's wrapping object was given": (
        "import tiny\n\n\ndef raw(x):\n    return x\n\n\nf = tiny.Wrapper(raw, times=2)\n\n\ndef stage(x):\n    return f(x)\n",
        "times=2", "times=3",
    ),
    "docstring by `getattr`": ("def h():\n    'One.'\n\n\ndef stage(x):\n    return getattr(h, '__doc__')\n", "One", "Two"),
    "docstring by `getdoc`": ("import inspect\n\n\ndef h():\n    'One.'\n\n\ndef stage(x):\n    return inspect.getdoc(h)\n", "One", "Two"),
    "docstring in a schema": (
        "from pydantic import BaseModel\n\n\nclass M(BaseModel):\n    'One.'\n\n\ndef stage(x):\n    return M.model_json_schema()\n", "One", "Two",
    ),
    "mutual recursion": (
        ("def odd(x):\n    return stage(x - 1) if x else False\n\n\n"
        "def stage(x):\n    return odd(x - 1) if x else True\n"),
        "else False", "else None",
    ),
    "default that is a function": (
        "def f():\n    return 1\n\n\ndef stage(x=f):\n    return x()\n", "return 1", "return 2",
    ),
    "function attribute": (
        "def stage(x):\n    return stage.limit\n\n\nstage.limit = 1\n", "limit = 1", "limit = 2",
    ),
    "method of a global instance": (
        ("class A:\n    def __init__(self, n):\n        self.n = n\n\n"
        "    def f(self):\n        return self.n\n\n\nbound = A(3).f\n\n\n"
        "def stage(x):\n    return bound()\n"),
        "A(3)", "A(4)",
    ),
    "bound method of a constant": (
        "import re\n\nfind = re.compile('a').findall\n\n\ndef stage(x):\n    return find(x)\n",
        "'a'", "'b'",
    ),
    "bound method of a table": (
        "look = {'a': 1}.get\n\n\ndef stage(x):\n    return look(x)\n", "1", "2",
    ),
    "slots": (
        ("class A:\n    __slots__ = ('n', '__m')\n\n    def __init__(self, n):\n        self.n = n\n"
        "        self.__m = n\n\n\nHELD = A(3)\n\n\ndef stage(x):\n    return HELD\n"),
        "A(3)", "A(4)",
    ),
    "super without a class in sight": (
        ("class A:\n    def f(self):\n        return 1\n\n\nclass B(A):\n    def f(self):\n"
        "        return super().f()\n\n\ncall = B.f\n\n\ndef stage(x):\n    return call(x)\n"),
        "return 1", "return 2",
    ),
    "metaclass": (
        ("class M(type):\n    def f(cls):\n        return 1\n\n\nclass A(metaclass=M):\n    pass\n\n\n"
        "def stage(x):\n    return A.f()\n"),
        "return 1", "return 2",
    ),
    "class keyword": (
        ("class A:\n    def __init_subclass__(cls, mark):\n        super().__init_subclass__()\n\n\n"
        "class B(A, mark=1):\n    pass\n\n\ndef stage(x):\n    return B\n"),
        "mark=1", "mark=2",
    ),
    "class decorator": (
        ("def add(kind):\n    kind.f = lambda self: 1\n    return kind\n\n\n@add\nclass A:\n    pass\n\n\n"
        "def stage(x):\n    return A().f()\n"),
        "self: 1", "self: 2",
    ),
    "property": (
        "class A:\n    @property\n    def f(self):\n        return 1\n\n\ndef stage(x):\n    return A().f\n",
        "return 1", "return 2",
    ),
    "cached property": (
        ("from functools import cached_property\n\n\nclass A:\n    @cached_property\n    def f(self):\n"
        "        return 1\n\n\ndef stage(x):\n    return A().f\n"),
        "return 1", "return 2",
    ),
    "static method": (
        "class A:\n    @staticmethod\n    def f():\n        return 1\n\n\ndef stage(x):\n    return A.f()\n",
        "return 1", "return 2",
    ),
    "context manager": (
        ("from contextlib import contextmanager\n\n\n@contextmanager\ndef f():\n    yield 1\n\n\n"
        "def stage(x):\n    with f() as g:\n        return g\n"),
        "yield 1", "yield 2",
    ),
    "single dispatch": (
        ("from functools import singledispatch\n\n\n@singledispatch\ndef f(x):\n    return 0\n\n\n"
        "@f.register\ndef _(x: int):\n    return 1\n\n\ndef stage(x):\n    return f(x)\n"),
        "return 1", "return 2",
    ),
    "single dispatch in a class": (
        ("from functools import singledispatchmethod\n\n\nclass A:\n    @singledispatchmethod\n"
        "    def f(self, x):\n        return 0\n\n    @f.register\n    def _(self, x: int):\n"
        "        return 1\n\n\ndef stage(x):\n    return A().f(x)\n"),
        "return 1", "return 2",
    ),
    "partial method": (
        ("from functools import partialmethod\n\n\nclass A:\n    def g(self, n):\n        return n\n\n"
        "    f = partialmethod(g, 1)\n\n\ndef stage(x):\n    return A().f()\n"),
        "(g, 1)", "(g, 2)",
    ),
    "checked call": (
        ("from pydantic import validate_call\n\n\n@validate_call\ndef f(x: int):\n    return 1\n\n\n"
        "def stage(x):\n    return f(x)\n"),
        "return 1", "return 2",
    ),
    "stacked decorators": (
        ("from functools import lru_cache, wraps\n\n\ndef loud(f):\n    @wraps(f)\n    def g(x):\n"
        "        return f(x)\n\n    return g\n\n\n@loud\n@lru_cache\ndef f(x):\n    return 1\n\n\n"
        "def stage(x):\n    return f(x)\n"),
        "return 1", "return 2",
    ),
    "argument of a decorator": (
        ("def tagged(n):\n    def deco(f):\n        return f\n\n    return deco\n\n\n@tagged(1)\n"
        "def f(x):\n    return 1\n\n\ndef stage(x):\n    return f(x)\n"),
        "tagged(1)", "tagged(2)",
    ),
    "getattr by a constant name": (
        ("import types\n\nimport flow\n\n\ndef f():\n    return 1\n\n\n"
        "def stage(x):\n    return getattr(flow, 'f')()\n"),
        "return 1", "return 2",
    ),
    "a module as a value": (
        ("import flow\n\n\ndef f():\n    return 1\n\n\ndef use(m):\n    return m\n\n\n"
        "def stage(x):\n    return use(flow)\n"),
        "return 1", "return 2",
    ),
    "import in a branch": (
        ("def stage(x):\n    if x:\n        from json import dumps as f\n    else:\n"
        "        from json import loads as f\n    return f(x)\n"),
        "import loads", "import JSONDecoder",
    ),
    "import in an enclosing function": (
        "def stage(x):\n    from json import dumps as f\n\n    def g():\n        return f(x)\n\n    return g\n",
        "import dumps", "import loads",
    ),
    "which library function": (
        "from json import dumps as f\n\n\ndef stage(x):\n    return f(x)\n", "dumps", "loads",
    ),
    "which library module": (
        "import json as j\n\n\ndef stage(x):\n    return j.dumps(x)\n", "json as j", "marshal as j",
    ),
    "shadowed builtin": (
        "def one(x):\n    return 1\n\n\nlem = one\n\n\ndef stage(x):\n    return len(x)\n",
        "lem =", "len =",
    ),
    "lambdas on one line": (
        "a, b = lambda x: 1, lambda x: 2\n\n\ndef stage(x):\n    return a(x)\n", "x: 1", "x: 3",
    ),
    "type of a generic": (
        ("from typing import Generic, TypeVar\nfrom pydantic import BaseModel\n\nT = TypeVar('T')\n\n\n"
        "class A(BaseModel):\n    n: int = 1\n\n\nclass Page(BaseModel, Generic[T]):\n    item: T\n\n\n"
        "def stage(x: Page[A]):\n    return x\n"),
        "n: int = 1", "n: int = 2",
    ),
    "type adapter": (
        ("from pydantic import BaseModel, TypeAdapter\n\n\nclass A(BaseModel):\n    n: int = 1\n\n\n"
        "reader = TypeAdapter(list[A])\n\n\ndef stage(x):\n    return reader.validate_python(x)\n"),
        "n: int = 1", "n: int = 2",
    ),
    "new type": (
        "from typing import NewType\n\nName = NewType('Name', int)\n\n\ndef stage(x):\n    return Name(x)\n",
        "int)", "str)",
    ),
    "named tuple": (
        ("from typing import NamedTuple\n\n\nclass A(NamedTuple):\n    n: int = 1\n\n\n"
        "def stage(x):\n    return A()\n"),
        "n: int = 1", "n: int = 2",
    ),
    "instance of a named tuple": (
        ("from typing import NamedTuple\n\n\nclass A(NamedTuple):\n    n: int = 1\n\n\nHELD = A(5)\n\n\n"
        "def stage(x):\n    return HELD\n"),
        "A(5)", "A(6)",
    ),
    "typed dictionary": (
        "from typing import TypedDict\n\n\nclass A(TypedDict):\n    n: int\n\n\ndef stage(x: A):\n    return x\n",
        "n: int", "n: str",
    ),
    "class variable": (
        "class A:\n    n = 1\n\n\ndef stage(x):\n    return A.n\n", "n = 1", "n = 2",
    ),
    "class variable set later": (
        "class A:\n    n = 1\n\n\nA.n = 5\n\n\ndef stage(x):\n    return A.n\n", "A.n = 5", "A.n = 6",
    ),
    "private attribute": (
        ("from pydantic import BaseModel, PrivateAttr\n\n\nclass A(BaseModel):\n"
        "    _n: int = PrivateAttr(default=1)\n\n\ndef stage(x: A):\n    return x\n"),
        "default=1", "default=2",
    ),
    "computed field": (
        ("from pydantic import BaseModel, computed_field\n\n\nclass A(BaseModel):\n    @computed_field\n"
        "    @property\n    def n(self) -> int:\n        return 1\n\n\ndef stage(x: A):\n    return x\n"),
        "return 1", "return 2",
    ),
    "model validator": (
        ("from pydantic import BaseModel, model_validator\n\n\nclass A(BaseModel):\n    n: int = 0\n\n"
        "    @model_validator(mode='after')\n    def f(self):\n        return self\n\n\n"
        "def stage(x: A):\n    return x\n"),
        "return self\n\n\n", "return self.model_copy()\n\n\n",
    ),
    "model configuration": (
        ("from pydantic import BaseModel, ConfigDict\n\n\nclass A(BaseModel):\n"
        "    model_config = ConfigDict(extra='forbid')\n    n: int = 0\n\n\ndef stage(x: A):\n    return x\n"),
        "forbid", "allow",
    ),
    "reused validator": (
        ("from pydantic import BaseModel, field_validator\n\n\ndef f(v):\n    return v\n\n\n"
        "class A(BaseModel):\n    n: int = 0\n    _f = field_validator('n')(f)\n\n\n"
        "def stage(x: A):\n    return x\n"),
        "return v", "return v + 1",
    ),
    "dataclass factory": (
        ("from dataclasses import dataclass, field\n\n\ndef f():\n    return [1]\n\n\n@dataclass\n"
        "class A:\n    n: list = field(default_factory=f)\n\n\ndef stage(x: A):\n    return x\n"),
        "return [1]", "return [2]",
    ),
    "enum method": (
        ("from enum import Enum\n\n\nclass A(Enum):\n    X = 1\n\n    def f(self):\n        return 1\n\n\n"
        "def stage(x):\n    return A.X.f()\n"),
        "return 1", "return 2",
    ),
    "member as a constant": (
        ("from enum import Enum\n\n\nclass A(Enum):\n    X = 1\n    Y = 2\n\n\nHELD = A.X\n\n\n"
        "def stage(x):\n    return HELD\n"),
        "HELD = A.X", "HELD = A.Y",
    ),
    "annotation of a local class": (
        ("def make():\n    class A:\n        n = 1\n\n    def stage(x: A):\n        return x\n\n    return stage\n\n\n"
        "stage = make()\n"),
        "n = 1", "n = 2",
    ),
    "star import": (
        "from helpers import *\n\n\ndef stage(x):\n    return f(x)\n", "stage(x):\n    return f(x)",
        "stage(x):\n    return g(x)",
    ),
    "module-level getattr": (
        "import lazy\n\n\ndef stage(x):\n    return lazy.anything\n", "lazy.anything", "lazy.other",
    ),
    "walrus": ("def stage(x):\n    return [y := 1, y]\n", ":= 1", ":= 2"),
    "match": (
        ("def stage(x):\n    match x:\n        case {'a': b, **rest}:\n            return b, rest\n"
        "        case [first, *others]:\n            return first, others\n        case None:\n"
        "            return 1\n        case True:\n            return 3\n"),
        "case True", "case False",
    ),
    "formatted string": ("def stage(x):\n    return f'a{x!r:>{x}}b'\n", "!r", "!s"),
    "global declared in a body": (
        "n = 1\n\n\ndef stage(x):\n    global n\n    n = n + 1\n", "n + 1", "n + 2",
    ),
    "comprehension": (
        "ys = [1]\n\n\ndef stage(x):\n    return {y: z for y in ys for z in ys if y}\n", "[1]", "[2]",
    ),
    "exception handler": (
        ("class E(Exception):\n    n = 1\n\n\ndef stage(x):\n    try:\n        return x\n"
        "    except E as e:\n        return e\n"),
        "n = 1", "n = 2",
    ),
    "class in a body": (
        ("n = 1\n\n\ndef stage(x):\n    class A:\n        m = n\n\n        def f(self):\n            return n\n\n"
        "    return A\n"),
        "n = 1\n\n\n", "n = 2\n\n\n",
    ),
    "coroutine": ("async def stage(x):\n    async for y in x:\n        await y(1)\n", "y(1)", "y(2)"),
}  # fmt: skip


@pytest.fixture
def with_helpers(project: Any) -> Any:
    project.write(
        helpers="N = 1\n\n\ndef f(x):\n    return x\n\n\ndef g(x):\n    return x\n",
        lazy="def __getattr__(name):\n    return name\n",
    )
    project.put("pack/__init__.py", "")
    project.put("pack/sub.py", "N = 1\nM = 2\n\n\ndef f(x):\n    return x\n\n\ng = len\n")
    project.install("tiny", **{"tiny.py": TINY})
    return project


@pytest.mark.parametrize("case", REACHED)
def test_an_edit_is_reached(case: str, with_helpers: Any) -> None:
    text, old, new = REACHED[case]
    assert text.count(old) == 1
    with_helpers.write(flow=text)
    before = with_helpers.closure()
    with_helpers.write(flow=text.replace(old, new))
    after = with_helpers.closure()
    assert before.digest != after.digest


@pytest.mark.parametrize("case", REACHED)
def test_a_second_reading_is_the_same(case: str, with_helpers: Any) -> None:
    with_helpers.write(flow=REACHED[case][0])
    assert with_helpers.closure().digest == with_helpers.closure().digest


def test_a_callable_object_is_its_class_and_its_state(of: Of) -> None:
    text = (
        "class Stage:\n    def __init__(self, n):\n        self.n = n\n\n"
        "    def __call__(self, x):\n        return x + self.n\n\n\nstage = Stage(3)\n"
    )
    before = of(text)
    assert [part.label for part in before.parts] == [
        "flow.py:Stage", "flow.py:Stage.__call__", "flow.py:Stage.__init__",
    ]  # fmt: skip
    assert of(text.replace("Stage(3)", "Stage(4)")).digest != before.digest
    assert of(text.replace("x + self.n", "x - self.n")).digest != before.digest


def test_a_partial_and_a_class_are_roots_too(of: Of) -> None:
    text = "from functools import partial\n\n\ndef f(x, n):\n    return x + n\n\n\nstage = partial(f, n=1)\n"
    assert of(text).digest != of(text.replace("n=1", "n=2")).digest
    text = "class stage:\n    n = 1\n"
    assert of(text).digest != of(text.replace("1", "2")).digest


def test_further_roots_are_part_of_the_closure(project: Any) -> None:
    project.write(flow="class A:\n    n = 1\n\n\ndef stage(x):\n    return x\n")
    flow = project.load()
    alone, both = closure_of(flow.stage), closure_of(flow.stage, also=[list[flow.A]])
    assert alone.digest != both.digest
    assert [part.label for part in both.parts] == ["flow.py:stage", "flow.py:A"]


def test_the_harness_is_not_walked_and_its_version_does_not_count(of: Of) -> None:
    closure = of(
        "from atelier.kernel.canonical import canonical\n\n\ndef stage(x):\n    return canonical(x)\n"
    )
    assert [part.label for part in closure.parts] == ["flow.py:stage"]
    assert closure.libraries == {}


def test_the_harness_is_walked_where_it_is_asked_for() -> None:
    from atelier.kernel.canonical import pointer

    labels = [part.label for part in closure_of(pointer, own=True).parts]
    assert labels == ["atelier/kernel/canonical.py:pointer"]
    assert closure_of(pointer).parts == ()


def test_settings_of_the_harness_decorator_are_not_code(of: Of) -> None:
    text = (
        "from atelier.orchestrate.stage import stage as staged\n\n\n@staged(name='one')\n"
        "def draft(x: int) -> int:\n    return x\n\n\nstage = draft.function\n"
    )
    before = of(text)
    assert of(text.replace("'one'", "'two'")).digest == before.digest
    assert of(text.replace("return x", "return x + 1")).digest != before.digest


def test_libraries_are_taken_by_version(of: Of) -> None:
    closure = of(
        "import json\nimport yaml\n\n\ndef stage(x):\n    return yaml.dump(json.loads(x))\n"
    )
    assert list(closure.libraries) == ["PyYAML", "python"]
    assert closure.libraries["python"] == f"{sys.version_info[0]}.{sys.version_info[1]}"


def test_an_installed_stage_is_walked_within_its_own_distribution(project: Any) -> None:
    work = "from acme.aid import f\n\n\ndef stage(x):\n    return f(x)\n"
    aid = "def f(x):\n    return 1\n"
    files = {"acme/__init__.py": "from acme.work import stage\n", "acme/work.py": work}
    project.install("acme", **files, **{"acme/aid.py": aid})
    acme = import_module("acme")

    before = closure_of(acme.stage)
    assert [part.label for part in before.parts] == ["acme/work.py:stage", "acme/aid.py:f"]
    project.write(flow="import acme\n\n\ndef stage(x):\n    return acme.stage(x)\n")
    outside = project.closure()
    assert [part.label for part in outside.parts] == ["flow.py:stage"]
    assert outside.libraries == {"acme": "1.0"}


def test_what_is_installed_and_no_distribution_claims_is_the_projects(project: Any) -> None:
    project.install("acme", **{"acme/__init__.py": "def f(x):\n    return 1\n"})
    project.put(
        "site-packages/loose.py", "from acme import aid\n\n\ndef f(x):\n    return aid.f(x)\n"
    )
    project.put("site-packages/acme/aid.py", "def f(x):\n    return 1\n")
    project.write(flow="import acme, loose\n\n\ndef stage(x):\n    return loose.f(x) + acme.f(x)\n")
    seen = [project.closure()]
    assert seen[0].libraries == {"acme": "1.0"}
    for path, counts in (("loose.py", True), ("acme/aid.py", True), ("acme/__init__.py", False)):
        project.put(
            f"site-packages/{path}",
            (project.folder / "site-packages" / path).read_text().replace("(x)", "(x, *_)"),
        )
        seen.append(project.closure())
        assert (seen[-1].digest != seen[-2].digest) is counts
    project.put("site-packages/loose.py", "import os\n\n\ndef f(x):\n    return os.environ['A']\n")
    assert [item.where for item in project.closure().unseen] == ["loose.py:5"]


def test_a_definition_that_is_replaced_is_noticed(project: Any) -> None:
    project.write(
        flow="N = 1\nTABLE = {'a': [1]}\n\n\ndef f(x):\n    return N\n\n\nclass A:\n    n = 1\n\n\n"
        "def stage(x, y=1):\n    return f(x), TABLE, A.n\n"
    )
    flow = project.load()
    seen = [closure_of(flow.stage).digest]

    def changed() -> bool:
        seen.append(closure_of(flow.stage).digest)
        return seen[-1] not in seen[:-1]

    assert not changed()
    flow.N = 2
    assert changed()
    flow.TABLE["a"].append(2)
    assert changed()
    flow.A.n = 2
    assert changed()
    flow.A.m = 2
    assert changed()
    flow.stage.__defaults__ = (2,)
    assert changed()
    flow.stage.extra = 1
    assert changed()
    flow.f.__code__ = (lambda _: 5).__code__
    assert changed()
    flow.f = len
    assert changed()
    flow.len = flow.stage
    assert not changed()
    del flow.f
    assert changed()


def test_a_closure_cell_that_is_filled_anew_is_noticed(project: Any) -> None:
    project.write(
        flow="def make():\n    n = 1\n\n    def put(value):\n        nonlocal n\n        n = value\n\n"
        "    def stage(x):\n        return n\n\n    return put, stage\n\n\nput, stage = make()\n"
    )
    flow = project.load()
    before = closure_of(flow.stage).digest
    flow.put(2)
    assert closure_of(flow.stage).digest != before
    flow.put(1)
    assert closure_of(flow.stage).digest == before


def test_two_cells_of_one_name_are_two_constants(of: Of) -> None:
    text = (
        "def make(n):\n    def f(x):\n        return x + n\n\n    return f\n\n\n"
        "a = make(1)\nb = make(2)\n\n\ndef stage(x):\n    return a(x) * b(x)\n"
    )
    assert of(text).digest != of(text.replace("make(2)", "make(3)")).digest
    labels = [part.label for part in of(text).parts]
    assert labels == [
        "flow.py:stage", "flow.py:make.f", "flow.py:make.f (2)",
        "flow.py:make.f.n", "flow.py:make.f.n (2)",
    ]  # fmt: skip


def test_code_without_source_is_known_by_its_bytecode() -> None:
    def of_text(text: str) -> Closure:
        names: dict[str, Any] = {"__name__": "typed_in"}
        exec(text, names)  # noqa: S102 - what a prompt does
        return closure_of(names["stage"])

    text = (
        "import time\nn = 1\ndef f(x):\n    return (n, 2.0, x in {1, 5}, x in (1, 2), lambda: x)\n"
        "def stage(x):\n    import json\n    return f(json.dumps(x))\n"
    )
    before = of_text(text)
    assert [part.kind for part in before.parts] == ["bytecode", "bytecode", "constant"]
    assert before.unseen == ()
    assert "LOAD_CONST" in before.parts[1].text
    assert before.libraries["python"]
    for old, new in (
        ("n = 1", "n = 2"),
        ("2.0", "2"),
        ("{1, 5}", "{True, 5}"),
        ("(1, 2)", "(1, 3)"),
        ("dumps", "loads"),
    ):
        assert of_text(text.replace(old, new)).digest != before.digest
    clocked = of_text(text.replace("json.dumps(x)", "time.time()"))
    assert [item.what for item in clocked.unseen] == ["clock: time.time"]
    computed = of_text(text.replace("json.dumps(x)", "getattr(x, str(x))"))
    assert [item.what for item in computed.unseen] == ["getattr in code without source"]


def test_a_file_that_changed_since_its_import_is_named(tmp_path: Any) -> None:
    file = tmp_path / "early.py"
    file.write_text("def stage(x):\n    return 1\n")
    module = types.ModuleType("early")
    module.__file__ = str(file)
    sys.modules["early"] = module
    exec(compile(file.read_bytes(), str(file), "exec"), vars(module))  # noqa: S102 - as a script is
    fine = closure_of(module.stage)
    assert (fine.unseen, fine.parts[0].kind) == ((), "function")
    file.write_text("def other(x):\n    return 1\n\n\ndef stage(x):\n    return 2\n")
    exec(compile(b"def stage(x):\n    return 3\n", str(file), "exec"), vars(module))  # noqa: S102
    changed = closure_of(module.stage)
    del sys.modules["early"]
    assert [item.what for item in changed.unseen] == [
        "source of early.py:stage changed since it was imported"
    ]
    assert changed.digest != fine.digest


def test_a_class_of_a_file_that_changed_since_the_process_began_is_named(tmp_path: Any) -> None:
    file = tmp_path / "early_class.py"
    file.write_text("class A:\n    n: int\n\n\ndef stage(x: A):\n    return x\n")
    module = types.ModuleType("early_class")
    module.__file__ = str(file)
    sys.modules["early_class"] = module
    exec(compile(file.read_bytes(), str(file), "exec"), vars(module))  # noqa: S102 - as a script is
    closure = closure_of(module.stage)
    del sys.modules["early_class"]
    assert [item.what for item in closure.unseen] == [
        "source of early_class.py:A may have changed since its import"
    ]


def test_a_class_of_a_file_older_than_the_process_is_certain() -> None:
    closure = closure_of(import_module("pygments.lexer").Lexer)  # imported the normal way
    assert not [item for item in closure.unseen if "may have changed" in item.what]


def test_a_class_without_source_is_its_live_state() -> None:
    def made(default: int, kind: type) -> Closure:
        names: dict[str, Any] = {"__name__": "typed_in_class", "kind": kind}
        text = f"class A:\n    n: kind = {default}\n    def f(self):\n        return 1\n"
        exec(text, names)  # noqa: S102 - what a prompt does
        return closure_of(names["A"])

    digests = {made(1, int).digest, made(2, int).digest, made(1, str).digest}
    assert len(digests) == 3
    assert made(1, int).parts[0].text == ""


def test_compiled_code_of_the_project_is_named(tmp_path: Any) -> None:
    module = types.ModuleType("compiled_by_hand")
    module.__file__ = str(tmp_path / "compiled_by_hand.so")
    sys.modules["compiled_by_hand"] = module
    sheet = Sheet(Reach(), encode)
    external("compiled_by_hand", "scan", sheet)
    del sys.modules["compiled_by_hand"]
    assert [item.what for item in sheet.unseen] == ["compiled code of module compiled_by_hand"]


def test_an_object_of_the_harness_is_its_fields_without_paths(of: Of) -> None:
    text = (
        "from atelier.orchestrate.stage import stage as staged\n\n\n@staged\n"
        "def other(x: int) -> int:\n    return x\n\n\ndef stage(x):\n    return other.call(x)\n"
    )
    before = of(text)
    assert before.unseen == ()
    assert of(text.replace("return x\n\n", "return x + 1\n\n")).digest != before.digest


def test_a_cell_that_is_not_filled_yet_is_no_fault(of: Of) -> None:
    text = (
        "def make():\n    def stage(x):\n        return later\n\n    out = stage\n    if 0:\n"
        "        later = 1\n    return out\n\n\nstage = make()\n"
    )
    assert of(text).unseen == ()


def test_a_notebook_cell_is_read_from_where_notebooks_keep_it() -> None:
    main = sys.modules["__main__"]
    kept = dict(vars(main))
    file = vars(main).pop("__file__", None)

    def cell(number: int, text: str) -> None:
        name = f"<ipython-input-{number}>"
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        exec(compile(text, name, "exec"), vars(main))  # noqa: S102 - as a notebook does

    try:
        cell(1, "from pydantic import BaseModel\nclass A(BaseModel):\n    n: int = 1\n")
        cell(2, "def stage(x: A):\n    '''Doc.'''\n    return x\n")
        before = closure_of(vars(main)["stage"])
        cell(3, "def stage(x: A):\n    return x  # same\n")
        assert closure_of(vars(main)["stage"]).digest == before.digest
        cell(4, "class A(BaseModel):\n    n: int = 2\n")
        after = closure_of(vars(main)["stage"])
        assert after.digest != before.digest
        assert (after.unseen, [part.kind for part in after.parts]) == ((), ["function", "class"])
        assert "n: int = 2" in after.parts[1].text
    finally:
        vars(main).clear()
        vars(main).update(kept)
        if file is not None:
            vars(main)["__file__"] = file


def test_a_failing_import_in_a_body_is_named(project: Any) -> None:
    project.write(
        flow="def stage(x):\n    import broken\n    return broken.f(x)\n",
        broken="raise ImportError('no')\n",
    )
    assert [item.what for item in project.closure().unseen] == [
        "import of broken fails: ImportError: no"
    ]


@pytest.mark.parametrize(
    "fault",
    [
        "{}['token']",
        "raise RuntimeError('no device')",
        "raise SystemExit(3)",
        "raise type('Own', (Exception,), {})",
        "raise type('Own', (BaseException,), {})",
    ],
)
def test_whatever_an_import_in_a_body_raises_is_named_and_breaks_nothing(
    project: Any, fault: str
) -> None:
    project.write(gpu=f"{fault}\n")
    project.write(flow="def stage(x):\n    import gpu\n\n    return gpu.f(x)\n")
    (unseen,) = project.closure().unseen
    assert unseen.what.startswith("import of gpu fails: ")


def test_a_missing_library_is_its_name(of: Of) -> None:
    closure = of("def stage(x):\n    import not_there\n    return not_there.f(x)\n")
    assert closure.unseen == ()
    assert closure.libraries == {"not_there": "(no distribution)"}


def test_a_cycle_of_values_ends(of: Of) -> None:
    text = "ring = [1]\nring.append(ring)\n\n\ndef stage(x):\n    return ring\n"
    assert of(text).unseen == ()
    assert of(text).digest != of(text.replace("[1]", "[2]")).digest


def test_a_graph_of_objects_costs_its_size(of: Of) -> None:
    text = (
        "class Node:\n    def __init__(self, before):\n        self.before = before\n\n\n"
        "nodes = []\nfor _ in range(30):\n    nodes.append(Node(nodes[-2:]))\n\n\n"
        "def stage(x):\n    return nodes\n"
    )
    assert of(text).unseen == ()
    assert of(text).digest != of(text.replace("[-2:]", "[-1:]")).digest


def test_an_object_in_its_own_set_ends(of: Of) -> None:
    text = (
        "class Node:\n    def __init__(self, n):\n        self.n = n\n        self.all = {self}\n\n\n"
        "held = Node(1)\n\n\ndef stage(x):\n    return held\n"
    )
    assert of(text).digest != of(text.replace("Node(1)", "Node(2)")).digest


def test_a_registration_that_comes_later_is_noticed(project: Any) -> None:
    project.write(
        flow="from functools import singledispatch\n\n\n@singledispatch\ndef f(x):\n"
        "    return 0\n\n\ndef g(x: int):\n    return 1\n\n\ndef stage(x):\n    return f(x)\n"
    )
    flow = project.load()
    before = closure_of(flow.stage).digest
    flow.f.register(flow.g)
    assert closure_of(flow.stage).digest != before


def test_a_value_nested_too_deep_is_opaque(of: Of) -> None:
    text = (
        "deep = []\nfor _ in range(100):\n    deep = [deep]\n\n\ndef stage(x):\n    return deep\n"
    )
    assert [item.what for item in of(text).unseen] == ["opaque value of type list"]


def test_a_deep_expression_is_no_problem(of: Of) -> None:
    text = "def stage(x):\n    return " + " + ".join(["x"] * 900) + "\n"
    assert of(text).digest != of(text.replace("x + x\n", "x - x\n")).digest


def test_a_thousand_functions_are_read_without_recursion(of: Of) -> None:
    text = "".join(f"def f{i}(x):\n    return f{i + 1}(x)\n\n\n" for i in range(1500))
    closure = of(f"{text}def f1500(x):\n    return x\n\n\ndef stage(x):\n    return f0(x)\n")
    assert len(closure.parts) == 1502


def test_parts_keep_the_text_for_a_later_difference(of: Of) -> None:
    closure = of(
        "import re\n\nPROMPT = 'Write.'\nP = re.compile('a')\n\n\nclass A:\n    n = 1\n\n"
        "    def f(self):\n        return 2\n\n\n@staticmethod\ndef stage(x: A):\n    return PROMPT, P\n"
    )
    texts = {part.label: part.text for part in closure.parts}
    assert texts["flow.py:PROMPT"] == '"Write."'
    assert texts["flow.py:P"] == '["pattern","a",32]'
    assert texts["flow.py:A"].strip() == "class A:\n    n = 1"
    assert texts["flow.py:A.f"] == "    def f(self):\n        return 2"
    assert texts["flow.py:stage"].startswith("@staticmethod\ndef stage(x: A):")


def test_the_class_that_a_module_takes_counts(project: Any) -> None:
    project.write(
        flow="import config\n\n\ndef stage(x):\n    return config.depth\n",
        config="import sys\nimport types\n\n\nclass Config(types.ModuleType):\n    @property\n"
        "    def depth(self):\n        return 1\n\n\nsys.modules[__name__].__class__ = Config\n",
    )
    before = project.closure()
    project.edit("config.py", "return 1", "return 2")
    assert project.closure().digest != before.digest


@pytest.mark.parametrize(
    "body", ["import config\n    return config.depth", "from config import depth\n    return depth"]
)
def test_an_object_in_the_place_of_a_module_counts(body: str, project: Any) -> None:
    project.write(
        flow=f"def stage(x):\n    {body}\n",
        config="import sys\n\n\nclass Config:\n    depth = 1\n\n\nsys.modules[__name__] = Config()\n",
    )
    before = project.closure()
    project.edit("config.py", "depth = 1", "depth = 2")
    sys.modules.pop("config")  # it has no file by which the project could forget it
    after = project.closure()
    sys.modules.pop("config")
    assert before.unseen == ()
    assert after.digest != before.digest


def test_subclasses_by_no_name_are_named(of: Of) -> None:
    found = of("class A:\n    pass\n\n\ndef stage(x):\n    return A.__subclasses__()\n")
    assert [item.what for item in found.unseen] == ["the interpreter's state: .__subclasses__"]


def test_the_module_of_a_definition_counts_where_it_is_read(project: Any) -> None:
    text = "class A:\n    pass\n\n\ndef stage(x):\n    return A.__module__\n"
    project.write(flow=text, moved=text)
    assert project.closure().digest != project.closure(path="moved.py").digest
    text = text.replace("A.__module__", "A.__name__")
    project.write(flow=text, moved=text)
    assert project.closure().digest == project.closure(path="moved.py").digest


HELD = {
    "wrapper of the project's": (
        "class W:\n    def __init__(self, f):\n        functools.update_wrapper(self, f)\n"
        "        self.a = 1\n\n\n@W\ndef f():\n    pass\n"
    ),
    "cached function": "@functools.cache\ndef f():\n    pass\n\n\nf.a = 1\n",
    "partial": "f = functools.partial(len)\nf.a = 1\n",
    "function": "def f():\n    pass\n\n\nf.a = 1\n",
    "adapter": "f = logging.LoggerAdapter(logging.getLogger('x'), {})\nf.a = 1\n",
}


@pytest.mark.parametrize("case", HELD)
def test_an_attribute_that_is_set_in_the_process_is_noticed(case: str, project: Any) -> None:
    project.write(
        flow=f"import functools, logging\n\n\n{HELD[case]}\n\ndef stage(x):\n    return f.a\n"
    )
    flow = project.load()
    before = closure_of(flow.stage)
    assert closure_of(flow.stage) is before
    flow.f.a = 2
    assert closure_of(flow.stage).digest != before.digest
