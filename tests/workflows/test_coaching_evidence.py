"""The example's evidence is believable only while it is consistent where it means to be."""

import csv
import re
from datetime import date
from pathlib import Path
from typing import Any

import apsw
import pytest
import yaml

EVIDENCE = Path(__file__).resolve().parents[2] / "examples" / "coaching" / "evidence"
STUDENTS = {"maya": "s12", "tomas": "s6", "ines": "s7"}
_WORDS = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth
"""
_ORDINALS = {word: number for number, word in enumerate(_WORDS.split(), start=1)} | {
    "thirtieth": 30
}
_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_MONTHS = {"January": 1, "February": 2, "March": 3, "April": 4}
_DAY = re.compile(
    rf"\b({'|'.join(_WEEKDAYS)}),? (?:the )?({'|'.join(_ORDINALS)}|\d{{1,2}})\b"
    rf"(?: (?:of )?({'|'.join(_MONTHS)}))?"
)


def program(student: str) -> dict[str, Any]:
    return yaml.safe_load((EVIDENCE / "programs" / f"{student}.yaml").read_text())


def transcript(student: str) -> str:
    path = EVIDENCE / "students" / student / f"{STUDENTS[student]}.vtt"
    return path.read_text(encoding="utf-8")


def journal() -> list[dict[str, str]]:
    with (EVIDENCE / "journal.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("student", STUDENTS)
def test_session_has_150_turns_in_order_of_time(student: str) -> None:
    text = transcript(student)
    times = re.findall(r"^(\S+) --> (\S+)$", text, flags=re.MULTILINE)
    assert len(times) == len(re.findall(r"^<v \w+>\S", text, flags=re.MULTILINE)) >= 150
    assert all(start < end for start, end in times)
    assert [start for start, _ in times] == sorted(start for start, _ in times)


@pytest.mark.parametrize("suffix", ["csv", "md", "vtt", "yaml"])
def test_named_weekdays_are_the_right_ones(suffix: str) -> None:
    paths = sorted(EVIDENCE.rglob(f"*.{suffix}"))
    found = [(path, day) for path in paths for day in _DAY.findall(path.read_text("utf-8"))]
    assert found or suffix in {"csv", "yaml"}
    for path, (weekday, day, month) in found:
        number = int(day) if day.isdigit() else _ORDINALS[day]
        named = date(2026, _MONTHS[month or "March"], number)
        assert f"{named:%A}" == weekday, f"{weekday} {day} {month} in {path.name}"


@pytest.mark.parametrize("student", STUDENTS)
def test_notes_and_commitments_belong_to_sessions_of_the_program(student: str) -> None:
    sessions = program(student)["sessions"]
    folder = EVIDENCE / "students" / student
    for note in sorted(folder.glob("notes/*.md")):
        front = yaml.safe_load(note.read_text(encoding="utf-8").split("---")[1])
        assert sessions[front["session"]] == front["date"], note.name
    for commitment in yaml.safe_load((folder / "commitments.yaml").read_text(encoding="utf-8")):
        assert sessions[commitment["made_in"]] < commitment["due"], commitment["id"]


def test_journal_database_holds_what_the_csv_says() -> None:
    database = apsw.Connection(str(EVIDENCE / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        rows = list(database.execute("select id, student, day, text from journal order by id"))
    finally:
        database.close()
    assert rows == [(int(e["id"]), e["student"], e["day"], e["text"]) for e in journal()]


@pytest.mark.parametrize("student", STUDENTS)
def test_one_open_commitment_is_overdue_and_written_about(student: str) -> None:
    session = program(student)["sessions"][STUDENTS[student]]
    folder = EVIDENCE / "students" / student
    commitments = yaml.safe_load((folder / "commitments.yaml").read_text(encoding="utf-8"))
    waiting = [it for it in commitments if it["status"] == "open" and it["due"] < session]
    assert waiting
    assert 7 <= sum(entry["student"] == student for entry in journal()) <= 15
