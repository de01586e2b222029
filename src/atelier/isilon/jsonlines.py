"""JSON Lines files as slices."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from atelier.isilon.document import Document
from atelier.isilon.origin import Origin, Record
from atelier.isilon.source import FileSource
from atelier.isilon.strict_json import Fragment, parse_json
from atelier.kernel.canonical import MAX_DEPTH


@dataclass(frozen=True)
class JsonLines(FileSource):
    """A file of one JSON value a line; a blank line is a fault, since it may be a lost one."""

    name: ClassVar[str] = "jsonlines"
    version: ClassVar[int] = 1
    gives_lists: ClassVar[bool] = True

    def parse(self, document: Document) -> Iterable[Record]:
        """A record per line."""
        offset = 0
        lines = document.text.split("\n")
        if lines[-1] == "":
            lines.pop()
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                raise document.fault_at(
                    "evidence.json", "a blank line", line=number, next_step="Remove the line."
                )
            # One level less than a file, since the slice is a list around the lines.
            value = parse_json(Fragment(document, line, offset, MAX_DEPTH - 1))
            yield Record(value, Origin(file=document.path, line=number, row=number))
            offset += len(line) + 1
