"""Every member of a project's class counts, whatever its name and its kind."""

from typing import Any

import pytest

# A module and the edit (old, new) of it that must change the closure of `stage`.
MEMBERS: dict[str, tuple[str, str, str]] = {
    "making an instance": (
        ("class A(str):\n    def __new__(cls, t):\n        return super().__new__(cls, t + '1')\n\n\n"
        "def stage(x):\n    return A(x)\n"),
        "'1'", "'2'",
    ),
    "making a subclass": (
        ("class A:\n    def __init_subclass__(cls, **k):\n        cls.mark = 1\n\n\n"
        "def stage(x):\n    class B(A):\n        pass\n    return B.mark\n"),
        "mark = 1", "mark = 2",
    ),
    "subscript of a class": (
        ("class A:\n    def __class_getitem__(cls, k):\n        return k + '1'\n\n\n"
        "def stage(x):\n    return A[x]\n"),
        "'1'", "'2'",
    ),
    "schema for pydantic": (
        ("from pydantic import BaseModel\nfrom pydantic_core import core_schema as cs\n\n\n"
        "class A(str):\n    @classmethod\n    def __get_pydantic_core_schema__(cls, s, h):\n"
        "        return cs.no_info_after_validator_function(lambda v: v + '1', cs.str_schema())\n\n\n"
        "class B(BaseModel):\n    a: A\n\n\ndef stage(x: B):\n    return x.a\n"),
        "'1'", "'2'",
    ),
    "cached special method": (
        ("import functools\n\n\nclass A:\n    @functools.lru_cache\n    def __getitem__(self, k):\n"
        "        return k + '1'\n\n\ndef stage(x):\n    return A()[x]\n"),
        "'1'", "'2'",
    ),
    "static special method": (
        ("class A:\n    @staticmethod\n    def __call__(k):\n        return k + '1'\n\n\n"
        "def stage(x):\n    return A()(x)\n"),
        "'1'", "'2'",
    ),
    "special attribute": (
        "N = 'a'\n\n\nclass A:\n    __table__ = N\n\n\ndef stage(x):\n    return A.__table__\n",
        "'a'", "'b'",
    ),
    "special attribute set later": (
        "class A:\n    pass\n\n\nA.__table__ = 'a'\n\n\ndef stage(x):\n    return A.__table__\n",
        "'a'", "'b'",
    ),
    "special attribute from a table": (
        ("class A:\n    pass\n\n\nfor name, value in {'__table__': 'a'}.items():\n"
        "    setattr(A, name, value)\n\n\ndef stage(x):\n    return A.__table__\n"),
        "'a'", "'b'",
    ),
    "what a missing member is": (
        ("import enum\n\n\nclass A(enum.Enum):\n    X = 1\n    Y = 2\n\n    @classmethod\n"
        "    def _missing_(cls, value):\n        return cls.X\n\n\ndef stage(x):\n    return A(x)\n"),
        "cls.X", "cls.Y",
    ),
    "what the next member is": (
        ("import enum\n\n\nclass A(enum.Enum):\n    @staticmethod\n"
        "    def _generate_next_value_(name, start, count, last):\n        return name + '1'\n\n"
        "    X = enum.auto()\n\n\ndef stage(x):\n    return A(x)\n"),
        "'1'", "'2'",
    ),
}  # fmt: skip
# Ordinary classes, in which libraries keep much of their own.
ORDINARY: dict[str, str] = {
    "enum": "import enum\n\n\nclass A(str, enum.Enum):\n    X = 'x'\n",
    "flag": "import enum\n\n\nclass A(enum.IntFlag):\n    X = 1\n    Y = 2\n",
    "named tuple": "from typing import NamedTuple\n\n\nclass A(NamedTuple):\n    n: int = 1\n",
    "typed dictionary": "from typing import TypedDict\n\n\nclass A(TypedDict, total=False):\n    n: int\n",
    "protocol": (
        "from typing import Protocol, runtime_checkable\n\n\n@runtime_checkable\n"
        "class A(Protocol):\n    n: int\n\n    def f(self) -> int: ...\n"
    ),
    "generic": (
        "from typing import Generic, TypeVar\n\nT = TypeVar('T')\n\n\nclass A(Generic[T]):\n    n: T\n"
    ),
    "generic model": (
        "from typing import Generic, TypeVar\nfrom pydantic import BaseModel\n\nT = TypeVar('T')\n\n\n"
        "class A(BaseModel, Generic[T]):\n    n: T\n"
    ),
    "abstract": (
        "import abc\n\n\nclass A(abc.ABC):\n    @property\n    @abc.abstractmethod\n"
        "    def f(self): ...\n"
    ),
    "ordered dataclass": (
        "import dataclasses\nimport functools\n\n\n@functools.total_ordering\n"
        "@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, repr=True)\nclass A:\n"
        "    n: int = 1\n\n    def __lt__(self, other):\n        return self.n < other.n\n"
    ),
    "slots": "class A:\n    __slots__ = ('n',)\n    __hash__ = None\n",
}


@pytest.mark.parametrize("case", MEMBERS)
def test_every_member_of_a_class_counts(case: str, of: Any) -> None:
    text, old, new = MEMBERS[case]
    before = of(text)
    assert before.unseen == ()
    assert text.count(old) == 1
    assert of(text.replace(old, new)).digest != before.digest


@pytest.mark.parametrize("case", ORDINARY)
def test_an_ordinary_class_has_nothing_unseen_and_reads_the_same_again(case: str, of: Any) -> None:
    text = f"{ORDINARY[case]}\n\ndef stage(x):\n    return A\n"
    before = of(text)
    assert before.unseen == ()
    assert of(text).digest == before.digest
