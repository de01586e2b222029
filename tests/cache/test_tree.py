import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.cache.tree import Reading, canonical_tree, constant, settle_annotations

INTERPRETERS = [
    path
    for version in ("3.12.1", "3.13.0")
    if (path := Path(sys.base_prefix).parent / version / "bin/python").exists()
]
SAMPLE = '''
"""A module."""
import a.b as c
from .d import (e, f as g)
@deco(1, k="v")
async def h(x: "list[T]", /, y: 'int | None' = -1, *args: Annotated["T", "x"], z=..., **kw) -> "T":
    """Doc.

        Indented.
    """
    local: "T" = 1
    bare: int
    async with x as y, z: pass
    return f"a{x!r:>{width}}b" "c" f"{y=}" f"{{}}{z:%Y-%m}" 'd'
class K(Base, metaclass=M, flag=True):
    """Class doc."""
    n: "int" = 1
    def m(self): return [i for i in self if i] + [*self] or {**self, 'a': 1} or {1, 2}
match v:
    case {"a": 1, **rest} | K(x=1) | [1, *_] if rest: pass
    case None | True | -1.5 | 1j: pass
    case "a.b" as z: pass
try:
    x = yield
except* ValueError as e: raise X from e
lambda a, *b, c=1, **d: (a := b'\\x00\\xff', 10**3, 0x1F, 1_000, 1e300, -0.0, 1e-7, True, None, "\\ud800")
x[1:2, ..., ::3] @= y if z else not w
global_ = a < b <= c != d is not e
del x.y, z[0]
assert x, "message"
while 1:
    break
else:
    continue
'''
PROGRAM = """
import json, sys
from atelier.cache.tree import Reading, canonical_tree, settle_annotations
import ast
tree = ast.parse(sys.stdin.read())
settle_annotations(tree)
print(json.dumps([canonical_tree(tree), canonical_tree(tree, Reading(class_docs=True, function_docs=True))]))
"""


def of(text: str, reading: Reading | None = None) -> list[str | int]:
    tree = ast.parse(text)
    settle_annotations(tree)
    return canonical_tree(tree, reading)


@pytest.mark.parametrize("python", [Path(sys.executable), *INTERPRETERS], ids=str)
def test_every_python_gives_the_same_tree(python: Path) -> None:
    source = Path(__file__).parents[2] / "src"
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONHASHSEED": "7"}
    done = subprocess.run(
        [python, "-c", PROGRAM],
        input=SAMPLE,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    told = Reading(class_docs=True, function_docs=True)
    assert json.loads(done.stdout) == [of(SAMPLE), of(SAMPLE, told)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x=1", "x  =  (1)  # comment"),
        ("x = 'a'", 'x = "a"'),
        ("x = u'a'", "x = 'a'"),
        ("x = 0x10", "x = 16"),
        ("x = 'a' 'b'", "x = 'ab'"),
        ("x = f'a' 'b'", "x = f'ab'"),
        ("def f():\n  'doc'\n  return 1", "def f():\n    return 1"),
        ("def f():\n  'doc'", "def f(): pass"),
        ("def f(x: 'A'): 0", "def f(x: A): 0"),
        ("def f(x: list['A']): 0", "def f(x: 'list[A]'): 0"),
        ("def f(x: 'A' | None) -> 'B': 0", "def f(x: A | None) -> B: 0"),
        ("def f(x: Annotated['A', 'B']): 0", "def f(x: Annotated[A, 'B']): 0"),
        ("def f(x: dict['A', 'B']): 0", "def f(x: dict[A, B]): 0"),
        ("def f():\n  x: int = 1", "def f():\n  x: str = 1"),
        ("class A:\n  x: 'B'", "class A:\n  x: B"),
        ("class A:\n  x = 1\n  'doc of x'", "class A:\n  x = 1"),
        ("import a.b as c", "import d as c"),
        ("from a import b", "from c import b"),
    ],
)
def test_spelling_does_not_count(one: str, other: str) -> None:
    assert of(one) == of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 1.0"),
        ("x = 1", "x = True"),
        ("x = 1", "x = '1'"),
        ("x = '1'", "x = b'1'"),
        ("x = 1.0", "x = 1j"),
        ("x = 0.0", "x = -0.0"),
        ("x = None", "x = ..."),
        ("x = (1,)", "x = [1]"),
        ("x", "return_"),
        ("def f(a, /): 0", "def f(a): 0"),
        ("def f(a): 0", "async def f(a): 0"),
        ("def f(*, a): 0", "def f(a): 0"),
        ("def f(a=1, *, b): 0", "def f(a, *, b=1): 0"),
        ("def f(*, a, b=1): 0", "def f(*, a=1, b): 0"),
        ("f(*a)", "f(a)"),
        ("{**a}", "{None: a}"),
        ("class A:\n  x: int", "class A:\n  x: str"),
        ("class A:\n  x: Literal['A']", "class A:\n  x: Literal[A]"),
        ("class A:\n  x: '1'", "class A:\n  x: 1"),
        ("class A:\n  x: 'no type here'", "class A:\n  x: 'none here'"),
        ("f'{x}'", "f'{x!s}'"),
        ("f'{x}a'", "f'a{x}'"),
        ("match x:\n  case None: 0", "match x:\n  case True: 0"),
        ("global a, b", "global ab"),
        ("from a import b", "from a import b as c"),
        ("x = '\\ud800'", "x = '\\ud801'"),
        ("a - (b - c)", "a - b - c"),
    ],
)
def test_meaning_counts(one: str, other: str) -> None:
    assert of(one) != of(other)


def test_docstrings_count_where_they_are_told() -> None:
    text = "class A:\n    'one'\n    def f(self):\n        'two'\n        return 1\n"
    plain = of(text)
    assert of(text.replace("one", "x"), Reading(class_docs=True)) != of(
        text, Reading(class_docs=True)
    )
    assert of(text.replace("two", "x"), Reading(class_docs=True)) == of(
        text, Reading(class_docs=True)
    )
    assert of(text.replace("two", "x"), Reading(function_docs=True)) != of(
        text, Reading(function_docs=True)
    )
    assert of(text.replace("one", "x").replace("two", "y")) == plain


def test_a_named_node_and_a_left_out_one() -> None:
    tree = ast.parse("class A:\n    x = a.b.c\n    def f(self): 0\n")
    kind = tree.body[0]
    assert isinstance(kind, ast.ClassDef)
    value = kind.body[0].value  # pyright: ignore[reportAttributeAccessIssue]
    told = canonical_tree(tree, Reading({id(value.value): "@0"}, {id(kind.body[1])}))
    assert "@0" in told
    assert "b" not in told
    assert "FunctionDef" not in told


@given(
    st.lists(
        st.one_of(st.integers(), st.floats(), st.booleans(), st.text(), st.binary()), min_size=2
    )
)
def test_two_constants_are_told_apart_as_python_tells_them(values: list[object]) -> None:
    for one in values:
        for other in values:
            same = type(one) is type(other) and repr(one) == repr(other)
            assert (constant(one) == constant(other)) is same
