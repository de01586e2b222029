"""No silent stale hit: after any edit, exactly the stages that depend on it run, and say why."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from project import Project, ran, reason

JOURNAL = "\n".join(f'{{"id": {n}, "text": "entry number {n}"}}' for n in range(40)) + "\n"

FILES = {
    "atelier.toml": '[models.writer]\nuse = "offline"\n',
    "flow.py": '''
import re
from typing import Annotated

from pydantic import BaseModel, field_validator

from atelier import Ask, Packet, Workflow, stage
from atelier.isilon import JsonLines, Text, Yaml
from deeper.tidy import tidy
from marks import marked
from helpers import clean
import unused

PROMPT = "in short"
STOP = {"the": 1, "a": 2}
NUMBER = re.compile(r"number \\d")


class Base:
    limit = 3


class Options(Base):
    """How much is kept."""


class Entry(BaseModel):
    id: int
    text: str

    @field_validator("text")
    @classmethod
    def lower(cls, text: str) -> str:
        return text.lower()

    def short(self) -> str:
        return self.text[:40]


class Plan(BaseModel):
    title: str
    goals: list[str]


def suffix_maker(suffix: str):
    def add(text: str) -> str:
        return text + suffix

    return add


ending = suffix_maker(".")


def kept(entry: Entry) -> bool:
    return entry.id < 99


class Evidence(Packet):
    journal: Annotated[list[Entry], JsonLines("journal.jsonl", where=kept)]
    plan: Annotated[Plan, Yaml("plan.yaml")]
    letter: Annotated[str, Text("letter.txt")]


@stage
def first(journal: list[Entry]) -> list[str]:
    # a comment in first
    return [entry.short() for entry in journal[: Options.limit]]


@stage
def second(first: list[str], plan: Plan) -> str:
    """Join what is first."""
    return marked(clean(" | ".join(first))) + f" {plan.title} {PROMPT}"


def stand_in(letter: str) -> str:
    words = [word for word in letter.split() if word not in STOP]
    return tidy(" ".join(words))


@stage(model="writer", prompt="prompts/third.md", offline=stand_in)
async def third(ask: Ask[str], letter: str) -> str:
    return await ask(letter=letter)


@stage
def fourth(second: str, third: str) -> str:
    count = len(NUMBER.findall(second))
    return ending(f"{second} / {third} / {count}")


flow = Workflow("edits", packet=Evidence, stages=[first, second, third, fourth])
''',
    "helpers.py": """
def clean(text, joiner=" "):
    return joiner.join(text.split())
""",
    "marks.py": """
import functools


def loud(function):
    @functools.wraps(function)
    def wrapper(text):
        return function(text) + "!"

    return wrapper


@loud
def marked(text):
    return text
""",
    "deeper/__init__.py": "",
    "deeper/tidy.py": """
from deeper.words import shorten


def tidy(text):
    def strip(part):
        return part.strip(",")

    return " ".join(strip(part) for part in shorten(text).split())
""",
    "deeper/words.py": """
def shorten(text):
    return text[:60]
""",
    "unused.py": "def nobody_calls_this():\n    return 1\n",
    "prompts/third.md": "{{> tone.md}}\nShorten this letter:\n{{letter}}\n",
    "prompts/tone.md": "Be kind.\n",
    "journal.jsonl": JOURNAL,
    "plan.yaml": "title: A plan\ngoals: [one, two]\n",
    "letter.txt": "Dear friend, the day was a long one, and a good one.\n",
}


@dataclass(frozen=True)
class Edit:
    """An edit, the stages that must run after it, and what the first one's reason must name."""

    name: str
    file: str
    old: str
    new: str
    runs: tuple[str, ...] = ()
    names: str = ""


MUST = [
    Edit(
        "body, same output",
        "flow.py",
        "return [entry.short() for",
        "return [e.short() for e in journal[:0]] + [entry.short() for",
        ("first",),
        "first",
    ),
    Edit(
        "body, other output",
        "flow.py",
        "for entry in journal[: Options.limit]]",
        "for entry in journal[: Options.limit + 1]]",
        ("first", "second", "fourth"),
        "first",
    ),
    Edit(
        "helper",
        "helpers.py",
        "joiner.join(text.split())",
        "joiner.join(text.upper().split())",
        ("second", "fourth"),
        "clean",
    ),
    Edit(
        "helper two modules away",
        "deeper/words.py",
        "text[:60]",
        "text[:20]",
        ("third", "fourth"),
        "shorten",
    ),
    Edit(
        "nested function",
        "deeper/tidy.py",
        'part.strip(",")',
        'part.strip(",.")',
        ("third", "fourth"),
        "tidy",
    ),
    Edit("module constant", "flow.py", '"in short"', '"at length"', ("second", "fourth"), "PROMPT"),
    Edit(
        "dictionary constant",
        "flow.py",
        '{"the": 1, "a": 2}',
        '{"the": 1, "day": 2}',
        ("third", "fourth"),
        "STOP",
    ),
    Edit("regex constant", "flow.py", 'r"number \\d"', 'r"number 1"', ("fourth",), "NUMBER"),
    Edit(
        "closure variable",
        "flow.py",
        'suffix_maker(".")',
        'suffix_maker("?")',
        ("fourth",),
        "suffix",
    ),
    Edit(
        "default argument", "helpers.py", 'joiner=" "', 'joiner="_"', ("second", "fourth"), "clean"
    ),
    Edit("decorator's body", "marks.py", '+ "!"', '+ "?"', ("second", "fourth"), "loud"),
    Edit(
        "base-class attribute",
        "flow.py",
        "limit = 3",
        "limit = 4",
        ("first", "second", "fourth"),
        "Base",
    ),
    Edit(
        "method of an annotated type",
        "flow.py",
        "self.text[:40]",
        "self.text[:9]",
        ("first", "second", "fourth"),
        "short",
    ),
    Edit(
        "validator of an annotated type",
        "flow.py",
        "text.lower()",
        "text.title()",
        ("first", "second", "fourth"),
        "",
    ),
    Edit("prompt", "prompts/third.md", "Shorten", "Summarise", ("third",), "prompts/third.md"),
    Edit("prompt include", "prompts/tone.md", "kind", "brief", ("third",), "prompts/tone.md"),
    Edit("YAML field", "plan.yaml", "A plan", "B plan", ("second", "fourth"), "/title"),
    Edit(
        "YAML field that changes nothing",
        "plan.yaml",
        "[one, two]",
        "[one, six]",
        ("second",),
        "/goals/1",
    ),
    Edit(
        "one entry of 40",
        "journal.jsonl",
        '"entry number 2"',
        '"entry number x"',
        ("first", "second", "fourth"),
        "journal/2",
    ),
    Edit(
        "an entry that is not used",
        "journal.jsonl",
        '"entry number 33"',
        '"entry number xx"',
        ("first",),
        "journal/33",
    ),
    Edit(
        "where function",
        "flow.py",
        "entry.id < 99",
        "entry.id != 1",
        ("first", "second", "fourth"),
        "journal",
    ),
    Edit("same size, same second", "letter.txt", "good", "dull", ("third", "fourth"), "letter"),
]

MUST_NOT = [
    Edit("comment", "flow.py", "# a comment in first", "# another comment, longer than before"),
    Edit("docstring", "flow.py", '"""Join what is first."""', '"""Join."""'),
    Edit(
        "formatting",
        "flow.py",
        "[entry.short() for entry in journal[: Options.limit]]",
        "[\n        entry.short()\n        for entry in journal[:Options.limit]\n    ]",
    ),
    Edit("unused module", "unused.py", "return 1", "return 2"),
    Edit("class docstring of a pure stage", "flow.py", '"""How much is kept."""', '"""Kept."""'),
    Edit("YAML comment", "plan.yaml", "title: A plan", "title: A plan  # the first"),
    Edit("JSON spacing", "journal.jsonl", '{"id": 7, "text"', '{"id":  7,  "text"'),
]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has run once."""
    project = Project(tmp_path_factory.mktemp("finished"), FILES)
    run = project.run()
    assert ran(run) == ["first", "third", "second", "fourth"] or len(ran(run)) == 4
    return project.folder


def copied(finished: Path, tmp_path: Path) -> Project:
    """A copy with its ledger: an edit must not depend on where the project lies."""
    folder = tmp_path / "copy"
    shutil.copytree(finished, folder)
    return Project(folder, {})


def test_nothing_runs_when_nothing_changed(finished: Path, tmp_path: Path) -> None:
    run = copied(finished, tmp_path).run()
    assert (run["served"], ran(run)) == ("cache", [])


@pytest.mark.parametrize("edit", MUST, ids=lambda edit: edit.name)
def test_edit_runs_exactly_what_depends_on_it(finished: Path, tmp_path: Path, edit: Edit) -> None:
    project = copied(finished, tmp_path)
    project.edit(edit.file, edit.old, edit.new)
    run = project.run()
    assert sorted(ran(run)) == sorted(edit.runs)
    assert edit.names in reason(run, edit.runs[0])
    fresh = project.run(home=tmp_path / "fresh")
    assert run["values"] == fresh["values"]
    assert project.run()["served"] == "cache"


@pytest.mark.parametrize("edit", MUST_NOT, ids=lambda edit: edit.name)
def test_edit_that_changes_no_meaning_runs_nothing(
    finished: Path, tmp_path: Path, edit: Edit
) -> None:
    project = copied(finished, tmp_path)
    project.edit(edit.file, edit.old, edit.new)
    run = project.run()
    assert ran(run) == []


HIDDEN = [
    (
        "importlib",
        "import importlib\n",
        'importlib.import_module("helpers").clean(first[0])',
        "import_module",
    ),
    (
        "getattr",
        "import helpers\nNAME = 'clean'\n",
        "getattr(helpers, NAME.lower())(first[0])",
        "getattr",
    ),
    ("open", "", 'open(__file__.replace("flow.py", "letter.txt")).read()', "open"),
    ("environment", "import os\n", 'os.environ.get("MOOD", "none")', "environ"),
    ("clock", "import time\n", "str(time.time() > 0)", "time"),
]


@pytest.mark.parametrize(
    ("imports", "expression", "named"),
    [case[1:] for case in HIDDEN],
    ids=[case[0] for case in HIDDEN],
)
def test_hidden_reads_serve_one_run_only_and_are_named(
    tmp_path: Path, imports: str, expression: str, named: str
) -> None:
    project = Project(tmp_path / "hidden", FILES)
    project.edit("flow.py", "import re\n", f"import re\n{imports}")
    project.edit("flow.py", '{PROMPT}"', f'{{PROMPT}}" + {expression}')
    first = project.run()
    unseen = next(item for item in first["stages"] if item["stage"] == "second")["unseen"]
    assert any(named in item["what"] for item in unseen), unseen
    assert all(item["where"].startswith("flow.py:") and item["declare"] for item in unseen)
    project.edit("letter.txt", "Dear", "Hard")
    project.edit("helpers.py", "text.split()", "text.upper().split()")
    second = project.run()
    assert second["served"] == "run"
    assert "second" in ran(second)
    assert second["values"] == project.run(home=tmp_path / "fresh")["values"]


def test_a_changed_environment_variable_is_seen(tmp_path: Path) -> None:
    project = Project(tmp_path / "hidden", FILES)
    project.edit("flow.py", "import re\n", "import os\nimport re\n")
    project.edit("flow.py", '{PROMPT}"', '{PROMPT}" + os.environ["MOOD"]')
    assert project.run(MOOD="calm")["values"]["second"].endswith("calm")
    again = project.run(MOOD="cross")
    assert again["values"]["second"].endswith("cross")
    assert ran(again) == ["second", "fourth"]


def test_what_a_library_reads_for_a_where_function_is_read_every_time(tmp_path: Path) -> None:
    project = Project(tmp_path / "hidden", {**FILES, "limits.ini": "[journal]\nlast = 99\n"})
    read = f"found.read({str(project.folder / 'limits.ini')!r})"
    project.edit(
        "flow.py",
        "import re\n",
        "import re\nfrom configparser import ConfigParser\n\n\ndef last() -> int:\n"
        f"    found = ConfigParser()\n    {read}\n    return found.getint('journal', 'last')\n\n\n",
    )
    project.edit("flow.py", "entry.id < 99", "entry.id < last()")
    before = project.run()
    project.edit("limits.ini", "99", "1")
    again = project.run()
    assert again["values"] != before["values"]
    assert again["values"] == project.run(home=tmp_path / "fresh")["values"]
