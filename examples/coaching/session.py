"""The evidence of a coaching session: its elements, and what is derived from them."""

from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel


class Turn(BaseModel):
    """One turn of the conversation."""

    speaker: str
    text: str


class Note(BaseModel):
    """The coach's note of an earlier session."""

    session: str
    date: date
    title: str
    text: str


class Commitment(BaseModel):
    """Something that the student took on, in their own words."""

    id: str
    text: str
    made_in: str
    due: date
    status: Literal["open", "done"]


class Entry(BaseModel):
    """One entry of the student's journal."""

    id: int
    day: date
    text: str


class Milestone(BaseModel):
    """A fixed point of the student's program."""

    id: str
    title: str
    due: date
    status: Literal["not started", "on track", "late", "done"]


class Program(BaseModel):
    """Who the student is, when the sessions are, and what has to happen by when."""

    student: str
    coach: str
    degree: str
    thesis: str
    supervisor: str
    sessions: dict[str, date]
    milestones: list[Milestone]

    @property
    def name(self) -> str:
        """The student's first name, as it stands in transcripts."""
        return self.student.split()[0]


class Week(BaseModel):
    """The days from the last session to this one, both included."""

    start: date
    end: date


def week_of(program: Program, session: str) -> Week:
    """The seven days that end with the session."""
    if session not in program.sessions:
        known = ", ".join(program.sessions)
        raise ValueError(f"{program.name} has no session {session}; there are {known}")
    end = program.sessions[session]
    return Week(start=end - timedelta(days=7), end=end)


def before_session(note: Note, week: Week) -> bool:
    """Whether a note was written before the session."""
    return note.date < week.end


def is_open(commitment: Commitment) -> bool:
    """Whether somebody still waits for it."""
    return commitment.status == "open"


def spoken_date(day: date) -> str:
    """A date as people write it.

    Example:
        >>> spoken_date(date(2026, 3, 12))
        '12 March'
    """
    return f"{day.day} {day:%B}"
