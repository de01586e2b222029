"""A small packet type and a substrate for it, for the tests beside."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import apsw
from pydantic import BaseModel

from atelier.aggregate import Derived, Obligation, Packet, Subject, Substrate
from atelier.isilon import Markdown, Sql, WebVtt, Yaml


class Turn(BaseModel):
    speaker: str
    text: str
    start: str = ""


class Week(BaseModel):
    start: date
    end: date


class Note(BaseModel):
    session: str
    date: date
    text: str


class Commitment(BaseModel):
    id: str
    text: str
    status: str


class Entry(BaseModel):
    id: int
    day: date
    text: str


class Milestone(BaseModel):
    name: str
    due: date


class Program(BaseModel):
    coach: str
    milestones: list[Milestone]


def week_of(session: str) -> Week:
    start = date(2026, 3, 2) + timedelta(weeks=int(session[1:]) - 12)
    return Week(start=start, end=start + timedelta(days=6))


def before_session(note: Note, session: str) -> bool:
    return note.session < session


def is_open(commitment: Commitment) -> bool:
    return commitment.status == "open"


JOURNAL = (
    "select id, day, text from journal"
    " where student = :student and day between :week_start and :week_end order by day, id"
)


class Session(Packet):
    student: Annotated[str, Subject()]
    session: str
    week: Annotated[Week, Derived(week_of)]
    transcript: Annotated[list[Turn], WebVtt("students/{student}/{session}.vtt")]
    notes: Annotated[list[Note], Markdown("students/{student}/notes/*.md", where=before_session)]
    commitments: Annotated[
        list[Commitment],
        Yaml("students/{student}/commitments.yaml", key="id"),
        Obligation(when=is_open),
    ]
    journal: Annotated[list[Entry], Sql(JOURNAL)]
    program: Annotated[Program, Yaml("programs/{student}.yaml")]
    wishes: Annotated[list[str] | None, Yaml("students/{student}/wishes.yaml")] = None


PARAMETERS: dict[str, object] = {"student": "maya", "session": "s12"}


def write_substrate(root: Path) -> Substrate:
    """Evidence of one student, below a root."""
    student = root / "students" / "maya"
    (student / "notes").mkdir(parents=True)
    (root / "programs").mkdir()
    (student / "s12.vtt").write_text(
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Ana>How was the week?\n\n"
        "00:00:03.000 --> 00:00:04.000\n<v Maya>Fine.\n\n"
        "00:00:05.000 --> 00:00:06.000\n<v Ana>How was the week?\n"
    )
    for number in (10, 11, 12):
        (student / "notes" / f"s{number}.md").write_text(
            f"---\nsession: s{number}\ndate: 2026-02-{number}\n---\n\nNote {number}.\n"
        )
    (student / "commitments.yaml").write_text(
        "- {id: c1, text: run, status: open}\n- {id: c2, text: sleep, status: done}\n"
    )
    (root / "programs" / "maya.yaml").write_text(
        "coach: Ana\nmilestones:\n- {name: five, due: 2026-04-01}\n- {name: ten, due: 2026-05-01}\n"
    )
    connection = apsw.Connection(str(root / "journal.db"))
    connection.execute("create table journal (id integer, student text, day text, text text)")
    days = ["2026-03-01", "2026-03-02", "2026-03-05", "2026-03-09"]
    for number, day in enumerate(days):
        entry = (number, "maya", day, f"entry {number}")
        connection.execute("insert into journal values (?, ?, ?, ?)", entry)
    connection.close()
    return Substrate(root, {"default": root / "journal.db"})


class MemoryMemo:
    """A collection memo in memory, with the names of functions and types for their code."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.hits = 0
        self.unidentified: set[Any] = set()
        self.is_whole = True

    def find(self, key: str) -> bytes | None:
        found = self.kept.get(key)
        self.hits += found is not None
        return found

    def keep(self, key: str, data: bytes) -> None:
        self.kept[key] = data

    def identify(self, thing: object) -> str:
        return "" if thing in self.unidentified else str(thing)

    def watch(self) -> AbstractContextManager[Callable[[], bool]]:
        return nullcontext(lambda: self.is_whole)
