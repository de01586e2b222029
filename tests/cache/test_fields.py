"""What a class keeps beside its body: contents of fields, attributes of members, configurations."""

from typing import Any

import pytest

from atelier.cache.closure import closure_of

IMPORTS = """
import dataclasses
import enum
from dataclasses import dataclass, field
from pydantic import AliasPath, BaseModel, ConfigDict, Field, TypeAdapter, create_model
"""
# Definitions, what a stage reads of them, and the edit (old, new) that must change the closure.
KEPT: dict[str, tuple[str, str, str, str]] = {
    "metadata by value": (
        "U = 'a'\n\n\n@dataclass\nclass D:\n    a: int = field(default=1, metadata={'u': U})\n",
        "D.__dataclass_fields__['a'].metadata", "'a'\n", "'b'\n",
    ),
    "metadata that calls": (
        ("def f():\n    return 1\n\n\n@dataclass\nclass D:\n"
        "    a: int = field(default=0, metadata={'u': f})\n"),
        "D.__dataclass_fields__['a'].metadata['u']()", "return 1", "return 2",
    ),
    "metadata of an instance": (
        ("class U:\n    def __init__(self, u):\n        self.u = u\n\n\nK = U(1)\n\n\n@dataclass\nclass D:\n"
        "    a: int = field(default=0, metadata={'u': K})\n"),
        "D.__dataclass_fields__['a'].metadata['u'].u", "U(1)", "U(2)",
    ),
    "metadata of a base": (
        ("U = 'a'\n\n\n@dataclass\nclass B:\n    a: int = field(default=1, metadata={'u': U})\n\n\n"
        "@dataclass\nclass D(B):\n    b: int = 1\n"),
        "D.__dataclass_fields__['a'].metadata", "'a'\n", "'b'\n",
    ),
    "factory by name": (
        "def f():\n    return 1\n\n\n@dataclass\nclass D:\n    a: int = field(default_factory=f)\n",
        "D().a", "return 1", "return 2",
    ),
    "factory of a table": (
        "F = {'a': lambda: 1}\n\n\n@dataclass\nclass D:\n    a: int = field(default_factory=F['a'])\n",
        "D().a", ": 1", ": 2",
    ),
    "default of a class that is made": (
        "D = dataclasses.make_dataclass('D', [('a', int, field(default=1))])\n", "D().a", "=1", "=2",
    ),
    "setting of a class that is made": (
        "D = dataclasses.make_dataclass('D', ['a'], eq=True)\n", "D(1) == D(1)", "True", "False",
    ),
    "setting of a field that is made": (
        "D = dataclasses.make_dataclass('D', [('a', int, field(compare=True))])\n",
        "D(1) == D(2)", "True", "False",
    ),
    "method of a class that is made": (
        "D = dataclasses.make_dataclass('D', ['a'], namespace={'f': lambda self: 1})\n",
        "D(1).f()", ": 1", ": 2",
    ),
    "instance of a class that is made": (
        "D = dataclasses.make_dataclass('D', ['a'], namespace={'f': lambda self: 1})\nX = D(0)\n",
        "X.f()", ": 1", ": 2",
    ),
    "attribute from __new__": (
        ("L = 'a'\n\n\nclass E(enum.Enum):\n    A = (1, L)\n\n    def __new__(cls, value, label):\n"
        "        made = object.__new__(cls)\n        made._value_, made.label = value, label\n"
        "        return made\n"),
        "E.A.label", "'a'", "'b'",
    ),
    "attribute from __init__": (
        ("L = 'a'\n\n\nclass E(enum.Enum):\n    A = (1, L)\n\n    def __init__(self, value, label):\n"
        "        self._value_, self.label = value, label\n"),
        "E.A.label", "'a'", "'b'",
    ),
    "attribute added later": (
        ("L = {'A': 'a'}\n\n\nclass E(enum.Enum):\n    A = 1\n\n\nfor each in E:\n"
        "    each.label = L[each.name]\n"),
        "E.A.label", "'a'", "'b'",
    ),
    "attribute of a flag": (
        "class E(enum.Flag):\n    A = 1\n\n\nE.A.label = 'a'\n", "E.A.label", "'a'", "'b'",
    ),
    "text beside the value": (
        ("L = 'a'\n\n\nclass E(str, enum.Enum):\n    A = (L, 1)\n\n    def __new__(cls, text, value):\n"
        "        made = str.__new__(cls, text)\n        made._value_ = value\n        return made\n"),
        "E.A.upper()", "'a'", "'b'",
    ),
    "number beside the value": (
        ("L = 1\n\n\nclass E(int, enum.Enum):\n    A = (L, 5)\n\n    def __new__(cls, number, value):\n"
        "        made = int.__new__(cls, number)\n        made._value_ = value\n        return made\n"),
        "E.A + 0", "L = 1", "L = 2",
    ),
    "fields of a member": (
        ("N = 1\n\n\n@dataclass(frozen=True)\nclass D:\n    n: int\n\n\nclass E(D, enum.Enum):\n    A = N\n"),
        "E.A.n", "N = 1", "N = 2",
    ),
    "configuration of an adapter": (
        "X = TypeAdapter(str, config=ConfigDict(str_max_length=3))\n", "X", "=3", "=4",
    ),
    "function in a configuration": (
        ("def f(name):\n    return name + '1'\n\n\nclass M(BaseModel):\n"
        "    model_config = ConfigDict(alias_generator=f)\n    a: int\n"),
        "M", "'1'", "'2'",
    ),
    "function in a field": (
        "def f(extra):\n    extra['a'] = 1\n\n\nclass M(BaseModel):\n    a: int = Field(json_schema_extra=f)\n",
        "M", "= 1", "= 2",
    ),
    "path in a field": (
        "class M(BaseModel):\n    a: int = Field(validation_alias=AliasPath('a', 1))\n", "M", "1)", "2)",
    ),
    "configuration of a model that is made": (
        "M = create_model('M', __config__=ConfigDict(str_max_length=3), a=(str, ''))\n", "M", "=3", "=4",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", KEPT)
def test_what_a_class_keeps_counts(case: str, project: Any) -> None:
    text, read, old, new = KEPT[case]
    project.write(flow=f"{IMPORTS}\n{text}\n\ndef stage(x):\n    return {read}  # one\n")
    before = project.closure()
    assert before.unseen == ()
    project.edit("flow.py", "  # one", "")
    assert project.closure().digest == before.digest
    project.edit("flow.py", old, new)
    assert project.closure().digest != before.digest


def test_a_member_that_is_changed_in_the_process_is_noticed(project: Any) -> None:
    project.write(
        flow="import enum\n\n\nclass E(enum.Enum):\n    A = 1\n\n\ndef stage(x):\n    return E.A\n"
    )
    module = project.load()
    before = closure_of(module.stage)
    assert closure_of(module.stage) is before
    module.E.A.label = "a"
    assert closure_of(module.stage).digest != before.digest
