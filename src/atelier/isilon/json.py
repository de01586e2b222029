"""JSON files as slices."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from atelier.isilon.document import Document
from atelier.isilon.origin import Origin, Record
from atelier.isilon.source import FileSource
from atelier.isilon.strict_json import Fragment, element_offsets, parse_json


@dataclass(frozen=True)
class Json(FileSource):
    """A JSON file: one value, or a record per element of its array."""

    name: ClassVar[str] = "json"
    version: ClassVar[int] = 1

    def parse(self, document: Document) -> Iterable[Record]:
        """A record per element of an array; any other value is one record."""
        value = parse_json(Fragment(document, document.text))
        if not isinstance(value, list):
            yield Record(value, Origin(file=document.path))
            return
        line = 1
        before = 0
        for item, offset in zip(value, element_offsets(document.text), strict=True):
            line += document.text.count("\n", before, offset)
            before = offset
            yield Record(item, Origin(file=document.path, line=line))

    def whole(self, document: Document) -> Record:
        """The value of the file."""
        return Record(parse_json(Fragment(document, document.text)), Origin(file=document.path))
