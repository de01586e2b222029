"""What a stage changes and a later one can see is named; ordinary code stays silent."""

from typing import Any

import pytest

STAGE = "\n\n\ndef stage(x):\n    return nxt()\n"
COUNTER = "class G:\n    n = 0\n\n    def __init__(self):\n        self.n = 0\n\n    def next(self):\n        self.n += 1\n        return self.n\n\n\n"
# A module that ends in a stage, and what is named of it.
STATE: dict[str, tuple[str, str]] = {
    "alias": ("S = []\n\n\ndef nxt():\n    s = S\n    s.append(1)\n    return len(s)", "S is"),
    "alias by choice": ("S = []\n\n\ndef nxt(o=None):\n    s = o or S\n    s += [1]\n    return s", "S is"),
    "element": ("S = {'a': []}\n\n\ndef nxt():\n    s = S.get('a')\n    s.append(1)", "S[…] is"),
    "element of a loop": (
        "S = {'a': {}}\n\n\ndef nxt():\n    for k, v in S.items():\n        v[k] = 1", "S[…] is",
    ),
    "nested function": (
        "S = []\n\n\ndef nxt():\n    def f():\n        s = S\n        s.append(1)\n\n    f()", "S is",
    ),
    "method of a constant": (f"{COUNTER}g = G()\n\n\ndef nxt():\n    return g.next()", "g is"),
    "method behind a method": (
        (f"{COUNTER}class H(G):\n    def go(self):\n        return self.next()\n\n\n"
        "g = H()\n\n\ndef nxt():\n    return g.go()"), "g is",
    ),
    "bound method": (f"{COUNTER}nxt = G().next", "nxt is"),
    "instance handed on": (
        f"{COUNTER}g = G()\n\n\ndef push(c):\n    return c.next()\n\n\ndef nxt():\n    return push(g)",
        "g is",
    ),
    "callable object": (
        ("class G:\n    def __init__(self):\n        self.n = 0\n\n    def __call__(self):\n"
        "        self.n += 1\n        return self.n\n\n\nnxt = G()"), "nxt is",
    ),
    "class method": (
        ("class G:\n    n = 0\n\n    @classmethod\n    def next(cls):\n        cls.n += 1\n"
        "        return cls.n\n\n\ndef nxt():\n    return G.next()"), "cls is",
    ),
    "class of an instance": (
        ("class G:\n    n = 0\n\n    def next(self):\n        type(self).n += 1\n"
        "        return self.n\n\n\ndef nxt():\n    return G().next()"), "self.__class__ is",
    ),
    "nonlocal": (
        ("def mk():\n    n = 0\n\n    def f():\n        nonlocal n\n        n += 1\n        return n\n\n"
        "    return f\n\n\nnxt = mk()"), "nonlocal n",
    ),
    "default": ("def nxt(seen=[]):\n    seen.append(1)\n    return seen", "seen is"),
    "keyword default": ("def nxt(*, seen={}):\n    seen['a'] = 1\n    return seen", "seen is"),
    "handed on": ("S = []\n\n\ndef push(s):\n    s.append(1)\n\n\ndef nxt():\n    return push(S)", "S is"),
    "handed on by keyword": (
        "S = []\n\n\ndef push(a, *, s):\n    t = s\n    t.append(a)\n\n\ndef nxt():\n    push(1, s=S)", "S is",
    ),
    "handed on twice": (
        ("S = []\n\n\ndef more(s):\n    s.append(1)\n\n\ndef push(s):\n    more(s)\n\n\n"
        "def nxt():\n    push(S)"), "S is",
    ),
    "handed to a partial": (
        ("import functools\n\nS = []\n\n\ndef push(a, s):\n    s.append(a)\n\n\n"
        "p = functools.partial(push, 1)\n\n\ndef nxt():\n    p(S)"), "S is",
    ),
    "heap": ("import heapq\n\nS = [1]\n\n\ndef nxt():\n    return heapq.heappop(S)", "S is"),
}  # fmt: skip
SILENT: dict[str, str] = {
    "local list": "def nxt():\n    s = []\n    s.append(1)\n    return s",
    "copy": "S = [1]\n\n\ndef nxt():\n    s = list(S)\n    s.append(1)\n    t = S.copy()\n    t += [1]\n    return s",
    "instance of this call": f"{COUNTER}def nxt():\n    g = G()\n    g.next()\n    g.n = 4\n    return g.n",
    "text that grows": "S = 'a'\nT = {'a': 'b'}\n\n\ndef nxt():\n    s = S\n    s += 'b'\n    t = T['a']\n    t += s\n    return t",
    "method that only reads": (
        "class G:\n    def __init__(self, n):\n        self.n = n\n\n    def twice(self):\n"
        "        return self.n * 2\n\n\ng = G(1)\n\n\ndef nxt():\n    return g.twice()"
    ),
    "method that changes its own copy": (
        "import copy\n\n\nclass G:\n    n = 0\n\n    def more(self):\n        g = copy.copy(self)\n"
        "        g.n = 3\n        return g\n\n\ng = G()\n\n\ndef nxt():\n    return g.more()"
    ),
    "helper that fills what it is given": (
        "def fill(s):\n    s.append(1)\n\n\ndef nxt():\n    s = []\n    fill(s)\n    return s"
    ),
    "nonlocal within the call": (
        "def nxt():\n    n = 0\n\n    def f():\n        nonlocal n\n        n += 1\n\n    f()\n    return n"
    ),
    "default that is nothing": "def nxt(seen=None):\n    seen = seen or []\n    seen.append(1)\n    return seen",
    "making a subclass": (
        "class A:\n    def __init_subclass__(cls):\n        cls.mark = 1\n\n\nclass B(A):\n    pass\n\n\n"
        "def nxt():\n    return B.mark"
    ),
    "model": (
        "from pydantic import BaseModel\n\n\nclass M(BaseModel):\n    n: int = 1\n\n\nm = M()\n\n\n"
        "def nxt():\n    k = m.model_copy(update={'n': 2})\n    k.n = 3\n    return k"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STATE)
def test_a_change_that_outlives_its_call_is_named(case: str, of: Any) -> None:
    text, told = STATE[case]
    found = {item.what for item in of(text + STAGE).unseen}
    assert any(what.startswith(f"module state: {told}") for what in found), found


@pytest.mark.parametrize("case", SILENT)
def test_a_change_within_the_call_is_silent(case: str, of: Any) -> None:
    assert of(SILENT[case] + STAGE).unseen == ()
