"""No silent stale hit: each edit of a whole project, and what it must and must not change."""

from collections.abc import Mapping
from typing import Any

import pytest

from atelier.cache.closure import Closure, closure_of
from atelier.cache.modules import load_file

FLOW = '''"""The flow of a project."""
import functools
import re
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, field_validator

import helpers
from helpers import clean, loud
from prompts import PROMPT
from tools import deep
from tools.text import trim

LIMIT = 3
WORDS = {"a": 1, "b": [1, 2]}
PATTERN = re.compile(r"[a-z]+", re.IGNORECASE)
PAIR = (1, "x")
KINDS = frozenset({"x", "y"})
HANDLERS = {"one": deep.one, "two": deep.two}
half = functools.partial(deep.scale, by=2)
Name = Annotated[str, AfterValidator(deep.checked)]


class Mood(Enum):
    """How it went."""

    GOOD = "good"
    BAD = "bad"


class Base(BaseModel):
    """What all have."""

    shout_mark: str = "!"

    def base_method(self) -> str:
        return "base"


class Turn(Base):
    """One turn."""

    speaker: Name
    text: str
    mood: Mood = Mood.GOOD
    size: int = Field(default=3, ge=0)

    @field_validator("text")
    @classmethod
    def no_shouting(cls, value: str) -> str:
        return value.lower()

    def words(self) -> list[str]:
        return self.text.split()


@dataclass
class Settings:
    depth: int = 2
    name: Literal["x", "y"] = "x"

    def double(self) -> int:
        return self.depth * 2


SETTINGS = Settings(depth=4)


def make(offset: int):
    def inner(value: int) -> int:
        """Adds."""
        return value + offset

    return inner


shift = make(5)
ignored = make(6)


@functools.lru_cache(maxsize=8)
def cached(value: int) -> int:
    return value * 2


@loud
def wrapped(text: str) -> str:
    return text + "?"


def unused() -> int:
    return 1


def pick(turn: Turn, scale: int = 4, *, mode: str = "fast") -> str:
    """Picks."""
    return turn.text[:scale] + mode


def stage(transcript: list[Turn], extra: int = 1) -> list[str]:
    """The stage."""
    # a comment
    from lazily import later

    out = [clean(turn.text) for turn in transcript if PATTERN.match(turn.text)]
    out += [pick(turn) for turn in transcript[:LIMIT]]
    out.append(PROMPT + trim("x") + helpers.join(out) + wrapped("x"))
    out.append(str(WORDS) + str(PAIR) + str(KINDS) + str(SETTINGS.double()))
    out.append(str(half(3)) + str(shift(1)) + str(cached(2)) + str(HANDLERS["one"](1)))
    out.sort(key=lambda item: len(item) + 1)
    return [later(item) for item in out]
'''
FILES = {
    "flow.py": FLOW,
    "helpers.py": '''
import functools
from tools import deep

SEPARATOR = ", "


def clean(text):
    """Cleans."""
    return deep.strip(text)


def join(items):
    return SEPARATOR.join(items)


def loud(function):
    @functools.wraps(function)
    def wrapper(text):
        return function(text).upper()

    return wrapper


def not_used():
    return 1
''',
    "prompts.py": 'PROMPT = "Write."\nOTHER = "Read."\n',
    "lazily.py": "def later(text):\n    return text + '.'\n",
    "tools/__init__.py": "",
    "tools/deep.py": """
MARK = " "


def strip(text):
    def inner(value):
        return value.strip(MARK)

    return inner(text)


def one(value):
    return value + 1


def two(value):
    return value + 2


def scale(value, *, by):
    return value * by


def checked(value):
    return value.strip()
""",
    "tools/text.py": "from .deep import strip as _strip\n\n\ndef trim(text):\n    return _strip(text)\n",
}
# What was edited: file, old, new, and the label that must be named.
MUST: dict[str, tuple[str, str, str, str]] = {
    "own body": ("flow.py", "len(item) + 1", "len(item) + 2", "flow.py:stage"),
    "own default": ("flow.py", "extra: int = 1", "extra: int = 2", "flow.py:stage"),
    "own annotation": ("flow.py", "extra: int", "extra: float", "flow.py:stage"),
    "own name": ("flow.py", "for item in out]\n", "for item in out if item]\n", "flow.py:stage"),
    "helper": ("helpers.py", "deep.strip(text)", "deep.strip(text) + ''", "helpers.py:clean"),
    "helper through a module": ("helpers.py", "SEPARATOR.join(i", "SEPARATOR.join(j for j in i",
                                "helpers.py:join"),
    "helper two modules away": ("tools/deep.py", "inner(text)", "inner(text + '')",
                                "tools/deep.py:strip"),
    "nested function": ("tools/deep.py", "value.strip(MARK)", "value.rstrip(MARK)",
                        "tools/deep.py:strip"),
    "constant two modules away": ("tools/deep.py", 'MARK = " "', 'MARK = "\\t"',
                                  "tools/deep.py:MARK"),
    "relative import": ("tools/text.py", "_strip(text)", "_strip(text) * 1", "tools/text.py:trim"),
    "import inside the body": ("lazily.py", "'.'", "';'", "lazily.py:later"),
    "decorator body": ("helpers.py", ".upper()", ".title()", "helpers.py:loud.wrapper helpers.py:loud"),
    "decorated body": ("flow.py", 'text + "?"', 'text + "??"', "flow.py:wrapped"),
    "cached helper": ("flow.py", "value * 2\n\n\n@loud", "value * 3\n\n\n@loud", "flow.py:cached"),
    "lambda": ("flow.py", "lambda item: len", "lambda item: -len", "flow.py:stage"),
    "helper default": ("flow.py", "scale: int = 4", "scale: int = 5", "flow.py:pick"),
    "helper keyword default": ("flow.py", 'mode: str = "fast"', 'mode: str = "slow"',
                               "flow.py:pick"),
    "closure variable": ("flow.py", "shift = make(5)", "shift = make(7)", "flow.py:make.inner.offset"),
    "partial argument": ("flow.py", "by=2", "by=3", "flow.py:half"),
    "partial function": ("tools/deep.py", "value * by", "value ** by", "tools/deep.py:scale"),
    "table of functions": ("tools/deep.py", "value + 2", "value + 3", "tools/deep.py:two"),
    "table entry": ("flow.py", '"two": deep.two', '"zwei": deep.two', "flow.py:HANDLERS"),
    "imported constant": ("prompts.py", "Write.", "Write!", "prompts.py:PROMPT"),
    "constant": ("flow.py", "LIMIT = 3", "LIMIT = 4", "flow.py:LIMIT"),
    "constant's type": ("flow.py", "LIMIT = 3", "LIMIT = 3.0", "flow.py:LIMIT"),
    "constant to bool": ("flow.py", '"a": 1', '"a": True', "flow.py:WORDS"),
    "dictionary constant": ("flow.py", '"b": [1, 2]', '"b": [2, 1]', "flow.py:WORDS"),
    "tuple constant": ("flow.py", '(1, "x")', '[1, "x"]', "flow.py:PAIR"),
    "set constant": ("flow.py", '{"x", "y"}', '{"x", "z"}', "flow.py:KINDS"),
    "regex": ("flow.py", "[a-z]+", "[a-y]+", "flow.py:PATTERN"),
    "regex flag": ("flow.py", ", re.IGNORECASE", "", "flow.py:PATTERN"),
    "enum member": ("flow.py", 'GOOD = "good"', 'GOOD = "great"', "flow.py:Mood"),
    "base attribute": ("flow.py", 'shout_mark: str = "!"', 'shout_mark: str = "?"', "flow.py:Base"),
    "base method": ("flow.py", '"base"', '"BASE"', "flow.py:Base.base_method"),
    "field default": ("flow.py", "default=3", "default=4", "flow.py:Turn"),
    "field constraint": ("flow.py", "ge=0", "ge=1", "flow.py:Turn"),
    "field type": ("flow.py", "size: int", "size: float", "flow.py:Turn"),
    "validator": ("flow.py", "value.lower()", "value.casefold()", "flow.py:Turn.no_shouting"),
    "annotated validator": ("tools/deep.py", "return value.strip()\n", "return value.lstrip()\n",
                            "tools/deep.py:checked"),
    "method": ("flow.py", "self.text.split()", "self.text.split('.')", "flow.py:Turn.words"),
    "dataclass method": ("flow.py", "self.depth * 2", "self.depth * 3", "flow.py:Settings.double"),
    "dataclass field": ("flow.py", "depth: int = 2", "depth: int = 5", "flow.py:Settings"),
    "instance state": ("flow.py", "Settings(depth=4)", "Settings(depth=5)", "flow.py:SETTINGS"),
    "other import": ("flow.py", "from helpers import clean,", "from tools.text import trim as clean\nfrom helpers import",
                     ""),
}  # fmt: skip
MUST_NOT: dict[str, tuple[str, str, str]] = {
    "comment": ("flow.py", "# a comment", "# another comment\n    # and one more"),
    "docstring": ("flow.py", '"""The stage."""', '"""The stage, told anew."""'),
    "docstring away": ("flow.py", '    """Picks."""\n', ""),
    "helper docstring": ("helpers.py", '"""Cleans."""', '"""Cleans up."""'),
    "nested docstring": ("flow.py", '"""Adds."""', '"""Adds up."""'),
    "class docstring": ("flow.py", '"""One turn."""', '"""One turn of many."""'),
    "module docstring": ("flow.py", '"""The flow of a project."""', '"""Flow."""'),
    "formatting": ("flow.py", "out += [pick(turn) for", "out += [\n        pick( turn )\n        for"),
    "blank lines": ("flow.py", "LIMIT = 3", "\n\n\nLIMIT = 3"),
    "quotes": ("helpers.py", 'SEPARATOR = ", "', "SEPARATOR = ', '"),
    "number's spelling": ("flow.py", "LIMIT = 3", "LIMIT = 0x3"),
    "quoted annotation": ("flow.py", "transcript: list[Turn]", 'transcript: "list[Turn]"'),
    "quoted part": ("flow.py", "transcript: list[Turn]", 'transcript: list["Turn"]'),
    "unused helper": ("helpers.py", "def not_used():\n    return 1", "def not_used():\n    return 2"),
    "unused function": ("flow.py", "def unused() -> int:\n    return 1", "def unused() -> int:\n    return 2"),
    "unused constant": ("prompts.py", "Read.", "Reads."),
    "unused closure": ("flow.py", "ignored = make(6)", "ignored = make(8)"),
    "order of definitions": ("flow.py", "LIMIT = 3\nWORDS", "OTHER = 1\nLIMIT = 3\nWORDS"),
    "set order": ("flow.py", '{"x", "y"}', '{"y", "x"}'),
}  # fmt: skip


@pytest.fixture
def before(project: Any) -> Closure:
    for path, text in FILES.items():
        project.put(path, text)
    return project.closure()


def parts(closure: Closure) -> Mapping[str, str]:
    return {part.label: part.digest for part in closure.parts}


def changed(before: Closure, after: Closure) -> set[str]:
    old, new = parts(before), parts(after)
    return {label for label in old.keys() | new.keys() if old.get(label) != new.get(label)}


def test_a_correct_project_has_nothing_unseen(before: Closure) -> None:
    assert before.unseen == ()


@pytest.mark.parametrize("edit", MUST)
def test_an_edit_changes_the_digest_and_names_the_edited_object(
    edit: str, project: Any, before: Closure
) -> None:
    path, old, new, label = MUST[edit]
    project.edit(path, old, new)
    after = project.closure()
    assert after.digest != before.digest
    if label:
        assert changed(before, after) == set(label.split())


@pytest.mark.parametrize("edit", MUST_NOT)
def test_what_means_nothing_changes_nothing(edit: str, project: Any, before: Closure) -> None:
    path, old, new = MUST_NOT[edit]
    project.edit(path, old, new)
    after = project.closure()
    assert changed(before, after) == set()
    assert after.digest == before.digest
    assert after.unseen == ()


def test_renaming_a_module_leaves_the_digest(project: Any, before: Closure) -> None:
    (project.folder / "helpers.py").rename(project.folder / "aids.py")
    text = FLOW.replace("import helpers", "import aids").replace("from helpers", "from aids")
    project.put("flow.py", text.replace("helpers.join", "aids.join"))
    after = project.closure()
    assert after.digest == before.digest
    assert "aids.py:clean" in parts(after)


def test_moving_the_folder_leaves_the_digest(project: Any, before: Closure) -> None:
    for path, text in FILES.items():
        project.put(f"elsewhere/below/{path}", text)
    project.forget()
    below = project.folder / "elsewhere/below"
    assert closure_of(load_file(below / "flow.py", project=below).stage).digest == before.digest


def test_moving_a_function_to_another_module_leaves_the_digest(
    project: Any, before: Closure
) -> None:
    text = (project.folder / "lazily.py").read_text()
    project.put("moved.py", text)
    project.edit("flow.py", "from lazily import later", "from moved import later")
    after = project.closure()
    assert after.digest == before.digest
    assert changed(before, after) == {"lazily.py:later", "moved.py:later"}


def test_an_edit_of_the_same_size_in_the_same_second_is_seen(project: Any, before: Closure) -> None:
    import os

    file = project.folder / "helpers.py"
    stat = file.stat()
    project.edit("helpers.py", '", "', '"; "')
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert file.stat().st_size == stat.st_size
    assert changed(before, project.closure()) == {"helpers.py:SEPARATOR"}


def test_no_bytecode_is_written(project: Any, before: Closure) -> None:
    assert list(project.folder.rglob("*.pyc")) == []


def test_class_docstrings_count_where_a_model_sees_them(project: Any, before: Closure) -> None:
    seen = project.closure(docs=True)
    project.edit("flow.py", '"""One turn."""', '"""One turn of many."""')
    assert changed(seen, project.closure(docs=True)) == {"flow.py:Turn"}


def test_docstrings_count_where_the_code_reads_them(of: Any) -> None:
    text = 'def stage():\n    """One."""\n    return stage.__doc__\n'
    assert of(text).digest != of(text.replace("One", "Two")).digest
