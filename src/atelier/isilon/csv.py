"""CSV files as slices."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import StringIO
from typing import Any, ClassVar

from atelier.isilon.document import Document
from atelier.isilon.errors import EvidenceError
from atelier.isilon.origin import Origin, Record
from atelier.isilon.source import FileSource


@dataclass(frozen=True)
class Csv(FileSource):
    """A CSV file with a header: a record per row, every value a string; the field's type converts."""

    delimiter: str = field(default=",", kw_only=True)

    name: ClassVar[str] = "csv"
    version: ClassVar[int] = 1
    gives_lists: ClassVar[bool] = True

    @property
    def options(self) -> dict[str, Any]:
        """The delimiter decides how a document is parsed."""
        return {"delimiter": self.delimiter}

    def parse(self, document: Document) -> Iterable[Record]:
        """A record per row below the header."""
        header: list[str] = []
        for number, (line, row) in enumerate(self._rows(document)):
            if not number:
                _check_header(document, row)
                header = row
                continue
            if len(row) != len(header):
                why = f"{len(row)} of {len(header)} columns"
                raise document.fault_at("evidence.csv", why, line=line)
            value = dict(zip(header, row, strict=True))
            yield Record(value, Origin(file=document.path, line=line, row=number))
        if not header:
            raise _no_header(document)

    def _rows(self, document: Document) -> Iterable[tuple[int, list[str]]]:
        """Each row and the line it begins on; a quoted field may hold line breaks."""
        text = document.text
        reader = csv.reader(StringIO(text, newline=""), delimiter=self.delimiter, strict=True)
        line = 1
        try:
            for row in reader:
                yield line, row
                line = reader.line_num + 1
        except csv.Error as error:
            raise document.fault_at("evidence.csv", str(error), line=line) from error


def _check_header(document: Document, header: list[str]) -> None:
    if not header:
        raise _no_header(document)
    for column, name in enumerate(header, start=1):
        if not name.strip() or header.count(name) > 1:
            raise document.fault_at(
                "evidence.csv",
                f"column {column} is called {name!r}, which is empty or stands twice",
                line=1,
                next_step="Give every column a name of its own.",
            )


def _no_header(document: Document) -> EvidenceError:
    return document.fault_at(
        "evidence.csv", "no header", line=1, next_step="Name the columns in the first line."
    )
