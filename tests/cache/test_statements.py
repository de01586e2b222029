"""What modules do when they are imported counts; what they only define counts where it is used."""

from typing import Any

import pytest

STAGE = "\n\ndef stage(x):\n    return x\n"
# A module that is imported and the edit (old, new) of it that must change the closure.
ACTS: dict[str, tuple[str, str, str]] = {
    "dialect": ("import csv\n\ncsv.register_dialect('m', delimiter=' ')\n", "' '", "';'"),
    "attribute of a call": ("import decimal\n\ndecimal.getcontext().prec = 6\n", "6", "9"),
    "name in a namespace": (
        "import xml.etree.ElementTree as ET\n\nET.register_namespace('a', 'urn:x')\n", "'a'", "'b'",
    ),
    "handler": (
        "import codecs\n\n\ndef h(e):\n    return ('1', e.end)\n\n\ncodecs.register_error('m', h)\n",
        "'1'", "'2'",
    ),
    "patched function": (
        ("import textwrap\n\n\ndef f(t, w):\n    return '1'\n\n\nkept = textwrap.shorten\n"
        "textwrap.shorten = f\ntextwrap.shorten = kept\n"), "'1'", "'2'",
    ),
    "virtual subclass": (
        "import abc\n\n\nclass A(abc.ABC):\n    pass\n\n\nA.register(int)\n", "(int)", "(str)",
    ),
    "decorator of a library": (
        "import codecs\n\n\n@codecs.register\ndef f(name):\n    return '1'\n", "'1'", "'2'",
    ),
    "decorator that hands on": (
        ("import codecs\n\n\ndef known(name):\n    def outer(f):\n        codecs.register_error(name, f)\n"
        "        return f\n\n    return outer\n\n\n@known('m')\ndef f(e):\n    return ('1', e.end)\n"),
        "'1'", "'2'",
    ),
    "under a condition": (
        "import mimetypes\n\nif True:\n    for n in ('x/a',):\n        mimetypes.add_type(n, '.foo')\n",
        "x/a", "x/b",
    ),
}  # fmt: skip
# What does nothing beyond the module, with an edit that changes nothing.
QUIET: dict[str, tuple[str, str, str]] = {
    "definition": ("def f():\n    return 1\n", "1", "2"),
    "constant": ("N = dict(a=1)\n", "1", "2"),
    "table": ("T = {}\nT['a'] = 1\nT.update(b=2)\n", "2", "3"),
    "registry of its own": (
        "R = {}\n\n\ndef known(f):\n    R['f'] = f\n    return f\n\n\n@known\ndef f():\n    return 1\n",
        "1",
        "2",
    ),
    "attribute": ("def f():\n    pass\n\n\nf.n = 1\n", "1", "2"),
    "program": ("if __name__ == '__main__':\n    print(1)\n", "1", "2"),
    "comment": ("import csv\n\n# one\ncsv.field_size_limit()\n", "# one", "# two"),
    "docstring": ("'''One.'''\n", "One", "Two"),
    "search path": ("import sys\n\nsys.path.append('/nowhere/1')\n", "1", "2"),
}


@pytest.mark.parametrize("case", ACTS)
def test_what_an_imported_module_does_counts(case: str, project: Any) -> None:
    text, old, new = ACTS[case]
    project.write(flow=f"import between\n{STAGE}", between="import setup\n", setup=text)
    before = project.closure()
    assert before.unseen == ()
    project.edit("setup.py", old, new)
    assert project.closure().digest != before.digest
    assert "setup.py (module statements)" in {part.label for part in before.parts}


SCRIPT = """
import codecs

rest = (n for n in [1])


def main(error):
    return [rest]


codecs.register_error('m', main)
"""


def test_what_only_a_statement_reaches_is_to_be_put_where_scripts_run(project: Any) -> None:
    project.write(flow=f"import setup\n{STAGE}", setup=SCRIPT)
    (unseen,) = project.closure().unseen
    assert unseen.where == "setup.py:4"
    assert unseen.declare.endswith('below `if __name__ == "__main__":`')
    project.write(flow="from setup import rest\n\n\ndef stage(x):\n    return rest\n", setup=SCRIPT)
    (unseen,) = project.closure().unseen
    assert unseen.declare == "use a constant, or build it inside the function"


@pytest.mark.parametrize("case", QUIET)
def test_what_a_module_only_defines_does_not_count(case: str, project: Any) -> None:
    text, old, new = QUIET[case]
    project.write(flow=f"import setup\n{STAGE}", setup=text)
    before = project.closure()
    project.edit("setup.py", old, new)
    assert project.closure() == before or project.closure().digest == before.digest
    assert project.closure().unseen == ()


def test_a_module_that_is_not_imported_does_not_count(project: Any) -> None:
    project.write(flow=STAGE, setup="import csv\n\ncsv.field_size_limit()\n")
    assert [part.label for part in project.closure().parts] == ["flow.py:stage"]
