"""The coaching example as a stranger has it: a copy in a fresh folder, run by the command."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import host
import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "coaching"
COMMAND = Path(__file__).with_name("command.py")
STAGES = {
    "draft",
    "crosscheck",
    "grounded",
    "crosschecked",
    "contested",
    "review",
    "synthesis",
}


@dataclass(frozen=True)
class Example:
    """One copy of the example, with a ledger of its own."""

    folder: Path

    def run(self, *arguments: str) -> dict[str, Any]:
        """What `atelier run --json` prints."""
        environment = {**os.environ, "NO_COLOR": "1"}
        environment.pop("ATELIER_HOME", None)
        done = host.run(COMMAND, ["run", str(self.folder), "--json", *arguments], environment)
        assert done.code == 0, done.err
        return json.loads(done.out)

    def page(self, result: dict[str, Any]) -> str:
        """The artefact of a run."""
        return (self.folder / result["artefact"]["path"]).read_text(encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace one passage of one file; it must stand there exactly once."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} holds {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def make_journal(self) -> None:
        """Make the journal's database anew, as a user does after an edit of the CSV."""
        subprocess.run([sys.executable, str(self.folder / "make_journal.py")], check=True)


def ran(result: dict[str, Any]) -> set[str]:
    """The stages that were executed."""
    return {step["stage"] for step in result["stages"] if step["outcome"] == "ran"}


def copied(folder: Path) -> Example:
    """A copy of the example as it is shipped."""
    ignored = shutil.ignore_patterns(".atelier", "artefacts", "__pycache__")
    return Example(Path(shutil.copytree(EXAMPLE, folder / "coaching", ignore=ignored)))


@pytest.fixture(scope="module")
def page_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], str]:
    """The page of a student's session, made once."""
    example = copied(tmp_path_factory.mktemp("pages"))

    @cache
    def made(student: str, session: str) -> str:
        return example.page(example.run(f"student={student}", f"session={session}"))

    return made


@dataclass(frozen=True)
class After:
    """An example that has run once, and what that run said."""

    example: Example
    run: dict[str, Any]


@pytest.fixture(scope="module")
def _finished(tmp_path_factory: pytest.TempPathFactory) -> After:
    example = copied(tmp_path_factory.mktemp("finished"))
    return After(example, example.run())


@pytest.fixture
def after_one(_finished: After, tmp_path: Path) -> After:
    """A copy of an example that has run once, with its ledger and its page."""
    shutil.copytree(_finished.example.folder, tmp_path / "coaching")
    return After(Example(tmp_path / "coaching"), _finished.run)


def test_first_run_executes_every_stage_and_the_second_is_served(after_one: After) -> None:
    example, first = after_one.example, after_one.run
    assert (first["status"], first["served"], ran(first)) == ("complete", "run", STAGES)
    page = example.page(first)

    second = example.run()
    assert (second["served"], ran(second)) == ("cache", set())
    assert {step["stage"] for step in second["stages"]} == STAGES
    assert example.page(second) == page


@pytest.mark.parametrize(
    ("student", "session", "contested", "avoided"),
    [
        (
            "maya",
            "s12",
            "I sent the methods chapter to Henrik on Monday",
            "ask him for the extension",
        ),
        (
            "tomas",
            "s6",
            "I've done nine nurse interviews at City Hospital",
            "Ring the ethics office",
        ),
        ("ines", "s7", "I've cut the article to nine thousand words", "second reviewer's report"),
    ],
)
def test_page_shows_what_is_contested_and_what_is_put_off(
    page_of: Callable[[str, str], str], student: str, session: str, contested: str, avoided: str
) -> None:
    page = page_of(student, session)
    headings = re.findall(r"^## (.+)$", page, flags=re.MULTILINE)
    assert headings == [
        "What moved",
        "What was agreed",
        "Where the sources disagree",
        "What is being put off",
        "The next question",
    ]
    assert re.search(rf"{re.escape(contested)}”\.(\[\^\d+\])+ \*\*\[contested\]\*\*", page)
    assert avoided in page.partition("## What is being put off")[2].partition("## The next")[0]
    question = page.partition("## The next question")[2].partition("[^1]:")[0]
    assert re.search(r"\?(\[\^\d+\])*\s*$", question)


@pytest.mark.parametrize(("student", "session"), [("maya", "s12"), ("tomas", "s6"), ("ines", "s7")])
def test_what_the_sources_dispute_is_contested_wherever_it_is_stated(
    page_of: Callable[[str, str], str], student: str, session: str
) -> None:
    page = page_of(student, session)
    above, _, below = page.partition("## Where the sources disagree")
    disputed = re.findall(r"^- \w+ said “(.+?)”; ", below, flags=re.MULTILINE)
    stated = [line for line in above.splitlines() if any(f"“{it}”" in line for it in disputed)]
    assert len(stated) >= 2
    assert all(line.endswith("**[contested]**") for line in stated), stated


@pytest.mark.parametrize(
    ("student", "session", "hedge", "said"),
    [
        (
            "maya",
            "s12",
            "on three nights. Maybe four",
            "I'd say the laptop was closed by eleven on three nights",
        ),
        (
            "tomas",
            "s6",
            "I haven't coded them so I don't want to say. But I think four",
            "Four out of the nine, at least, say nobody looks at the board",
        ),
    ],
)
def test_a_hedge_beside_a_statement_is_quoted_with_it(
    page_of: Callable[[str, str], str], student: str, session: str, hedge: str, said: str
) -> None:
    page = page_of(student, session)
    lines = page.partition("\n[^1]: ")[0].splitlines()
    (at,) = [number for number, line in enumerate(lines) if said in line]
    item = lines[at - 1 : at + 2]
    assert any(f"“{hedge}”" in line for line in item), item
    assert not any("contested" in line for line in item), item


def test_a_report_that_meets_its_verb_with_nothing_is_a_difference(
    page_of: Callable[[str, str], str],
) -> None:
    page = page_of("ines", "s7")
    above, _, below = page.partition("## Where the sources disagree")
    assert re.search(r"registers for 1865 and 1866, both of them”.*\[contested\]", above)
    assert "says “Photographed nothing, so 1866 has to wait”" in below


def test_every_statement_of_the_page_has_a_footnote_with_speaker_and_time(
    page_of: Callable[[str, str], str],
) -> None:
    page = page_of("maya", "s12")
    body, _, notes = page.partition("\n[^1]: ")
    assert "not grounded" not in page
    statements = [line for line in body.splitlines() if line.startswith(("- ", "  "))]
    assert len(statements) > 15
    assert all("[^" in line for line in statements)
    assert re.search(r"s12\.vtt:\d+ · Maya · 00:\d\d:\d\d", notes)


def test_unrelated_journal_entry_reruns_the_rules_and_no_writing(after_one: After) -> None:
    example, before = after_one.example, after_one.run
    with (example.folder / "evidence" / "journal.csv").open("a", encoding="utf-8") as journal:
        journal.write('115,maya,2026-03-11,"Bought a plant for the kitchen."\n')
    example.make_journal()
    after = example.run()
    assert ran(after) == {"crosscheck", "grounded", "crosschecked", "review"}
    assert example.page(after) == example.page(before)


def test_journal_entry_that_gives_in_settles_the_difference(after_one: After) -> None:
    example = after_one.example
    assert "I did not send the methods chapter" in example.page(after_one.run)
    example.edit("evidence/journal.csv", "I did not send the methods chapter", "I sent the chapter")
    example.make_journal()
    after = example.run()
    assert ran(after) == STAGES - {"draft"}
    assert "did not send" not in example.page(after)


def test_prompt_part_reruns_the_two_stages_that_include_it(after_one: After) -> None:
    example = after_one.example
    example.edit("prompts/house.md", "Short sentences", "Brief sentences")
    assert ran(example.run()) == {"draft", "synthesis"}


def test_rule_of_the_stand_in_reruns_it_and_what_its_output_changes(after_one: After) -> None:
    example = after_one.example
    example.edit("extract.py", "PROMISES = 6", "PROMISES = 2")
    assert ran(example.run()) == {"draft", "grounded", "contested", "review", "synthesis"}


def test_comment_and_docstring_rerun_nothing(after_one: After) -> None:
    example = after_one.example
    example.edit("salience.py", "# Below this a sentence", "# Under this, a sentence")
    example.edit(
        "matters.py", "Every open commitment, and what became", "Open commitments: what became"
    )
    after = example.run()
    assert (after["served"], ran(after)) == ("cache", set())


def test_rules_of_the_stand_ins_keep_to_their_examples() -> None:
    modules = sorted(path.name for path in EXAMPLE.glob("*.py"))
    done = subprocess.run(
        [sys.executable, "-m", "doctest", *modules],
        cwd=EXAMPLE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
