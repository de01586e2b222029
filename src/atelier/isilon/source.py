"""What a source is: one method; and what the built-in file sources share."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from atelier.isilon.confinement import has_wildcard
from atelier.isilon.document import Document
from atelier.isilon.errors import EvidenceError
from atelier.isilon.look import Look
from atelier.isilon.origin import Record
from atelier.isilon.template import placeholders


class Source(Protocol):
    """Where a slice comes from; a user's own source is a small class with this one method."""

    def read(self, look: Look) -> Iterable[Record]:
        """The elements in order, each with its origin.

        A slice that is not a list takes exactly one.
        """
        ...


@dataclass(frozen=True)
class FileSource:
    """A source of files: the documents are read first, so that unchanged ones need no parsing."""

    path: str
    where: Callable[..., bool] | None = field(default=None, kw_only=True)
    key: str = field(default="", kw_only=True)

    name: ClassVar[str]
    version: ClassVar[int]
    gives_lists: ClassVar[bool] = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the path takes."""
        return placeholders(self.path)

    @property
    def is_glob(self) -> bool:
        """Whether the path is a pattern that may match any number of files."""
        return has_wildcard(self.path)

    @property
    def options(self) -> dict[str, Any]:
        """What else decides how a document is parsed, as JSON."""
        return {}

    def documents(self, look: Look) -> list[Document]:
        """The files, each read once.

        Raises:
            MissingEvidenceError: there is no such file.
            EvidenceError: the path or the file is refused.
        """
        path = look.fill(self.path)
        return look.files(path) if self.is_glob else [look.file(path)]

    def parse(self, document: Document) -> Iterable[Record]:
        """The elements of one document.

        Raises:
            EvidenceError: the document is malformed.
        """
        raise NotImplementedError

    def whole(self, document: Document) -> Record:
        """A document as one element, for a slice that is not a list.

        Raises:
            EvidenceError: the document is malformed, or holds a list by its nature.
        """
        raise EvidenceError(
            "evidence.list",
            f"A {self.name} file holds a list.",
            facts={"at": document.path},
            next_step="Declare the slice as a list: `list[...]`.",
        )

    def read(self, look: Look) -> Iterable[Record]:
        """The elements of every document, in order of path."""
        for document in self.documents(look):
            yield from self.parse(document)
