"""Where an element stood, beside its value and never inside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atelier.kernel.canonical import Json


@dataclass(frozen=True, slots=True)
class Origin:
    """The place of an element: what a reader needs to find it again, and no part of any digest.

    `key` is the `id` of a database's row, which stays when the rows around it change.

    Example:
        >>> print(Origin(file="maya/s12.vtt", line=118, speaker="Maya", time="00:12:31"))
        maya/s12.vtt:118 · Maya · 00:12:31
        >>> print(Origin(file="default", row=3))
        default row 3
        >>> print(Origin(file="default", row=3, key="113"))
        default id 113
    """

    file: str = ""
    line: int | None = None
    row: int | None = None
    speaker: str = ""
    time: str = ""
    key: str = ""

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f":{self.line}"
        elif self.key:
            place += f" id {self.key}"
        elif self.row is not None:
            place += f" row {self.row}"
        return " · ".join(part for part in (place.strip(), self.speaker, self.time) if part)

    def as_json(self) -> dict[str, Any]:
        """The fields that are known.

        Example:
            >>> Origin(file="a.json", line=2).as_json()
            {'file': 'a.json', 'line': 2}
        """
        found: dict[str, Any] = {}
        if self.file:
            found["file"] = self.file
        if self.line is not None:
            found["line"] = self.line
        if self.row is not None:
            found["row"] = self.row
        if self.speaker:
            found["speaker"] = self.speaker
        if self.time:
            found["time"] = self.time
        if self.key:
            found["key"] = self.key
        return found

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Origin":
        """The origin that `as_json` wrote.

        Example:
            >>> Origin.from_json({"file": "a.json", "line": 2})
            Origin(file='a.json', line=2, row=None, speaker='', time='', key='')
        """
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Record:
    """One element as a source gives it: a JSON value, and where it stood."""

    value: Json
    origin: Origin
