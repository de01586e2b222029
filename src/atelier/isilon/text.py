"""Plain text files as slices."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from atelier.isilon.document import Document
from atelier.isilon.origin import Origin, Record
from atelier.isilon.source import FileSource


@dataclass(frozen=True)
class Text(FileSource):
    """A text file as one string, never normalised; of a pattern, one string per file."""

    name: ClassVar[str] = "text"
    version: ClassVar[int] = 1

    def parse(self, document: Document) -> Iterable[Record]:
        """One record: the text."""
        yield self.whole(document)

    def whole(self, document: Document) -> Record:
        """The text of the file."""
        return Record(document.text, Origin(file=document.path, line=1))
