"""The people of the demonstration, as `cast.yaml` says who they are and what they are at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

COACH = "Ruth"
_FILE = Path(__file__).with_name("cast.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """One matter that comes back: what was agreed of it, and what is said and written about it."""

    agreed: str
    ask: str
    say: str
    journal: str
    differs: str
    later: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """When somebody's sessions are."""

    count: int
    first: date
    every: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Student:
    """One student; what the example tells of its own three is not told again."""

    id: str
    sessions: Sessions
    strands: Sequence[Strand]
    own: bool = True
    start: int = 1
    last: str = ""
    name: str = ""
    degree: str = ""
    thesis: str = ""
    supervisor: str = ""
    days: Sequence[date] = field(init=False)

    def __post_init__(self) -> None:
        dates = self.sessions
        days = [dates.first + timedelta(days=dates.every * place) for place in range(dates.count)]
        object.__setattr__(self, "days", days)

    def iter_sessions(self) -> Iterator[tuple[int, str, date]]:
        """Each session: how many were before it, its name, its day."""
        for place, day in enumerate(self.days):
            yield place, f"s{place + self.start}", day

    @property
    def first_name(self) -> str:
        """What the transcript calls the student."""
        return (self.name or self.id.title()).split()[0]


def read_cast() -> list[Student]:
    """Everybody, in the order of the file."""
    said: list[dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return [_student(one) for one in said]


def _student(said: dict[str, Any]) -> Student:
    strands = [Strand(**strand) for strand in said["strands"]]
    others = {
        key: value for key, value in said.items() if key not in {"strands", "sessions", "from"}
    }
    return Student(
        **others,
        start=said.get("from", 1),
        sessions=Sessions(**said["sessions"]),
        strands=strands,
    )
