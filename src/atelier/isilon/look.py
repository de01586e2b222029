"""What one source may look at, within one visit to the substrate."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from atelier.isilon.confinement import Root
from atelier.isilon.database import Snapshot, refuse_unknown_database
from atelier.isilon.document import Document
from atelier.isilon.errors import MissingEvidenceError
from atelier.isilon.names import Names
from atelier.isilon.template import fill
from atelier.kernel.canonical import Json
from atelier.kernel.errors import printable


class Visit:
    """The open root and at most one snapshot of each database, for one collection."""

    def __init__(self, root: Path, databases: Mapping[str, Path]) -> None:
        self.root = Root(root)
        self._databases = databases
        self._snapshots: dict[str, Snapshot] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for snapshot in self._snapshots.values():
            snapshot.close()
        self.root.close()

    def snapshot(self, name: str) -> Snapshot:
        """The one snapshot of a database, taken when it is first asked for.

        Raises:
            EvidenceError: no database of this name is configured, or it cannot be opened.
        """
        if name not in self._snapshots:
            if name not in self._databases:
                refuse_unknown_database(name, self._databases)
            self._snapshots[name] = Snapshot(name, self._databases[name])
        return self._snapshots[name]

    def look(self, values: Mapping[str, object]) -> "Look":
        """What one source may see, given the parameters and what was read before it."""
        return Look(self, values)


class Look:
    """All that a source may look at: files below the root, databases, parameters; all confined."""

    def __init__(self, visit: Visit, values: Mapping[str, object]) -> None:
        self._visit = visit
        self.parameters: Mapping[str, object] = Names(values)

    def fill(self, template: str) -> str:
        """A path template with the parameters in place.

        Raises:
            EvidenceError: a name is unknown, or its value is not one plain name.
        """
        return fill(template, self.parameters)

    def file(self, path: str) -> Document:
        """The file at a path below the root, read once.

        Raises:
            MissingEvidenceError: there is no such file.
            EvidenceError: the path leaves the root, or its file is refused.
        """
        with self._naming_the_root():
            return self._visit.root.read(path)

    def files(self, pattern: str) -> list[Document]:
        """The files that match a pattern, sorted by path.

        Raises:
            MissingEvidenceError: the folder in front of the first wildcard does not exist.
            EvidenceError: the pattern leaves the root, or one of the files is refused.
        """
        with self._naming_the_root():
            return [self._visit.root.read(path) for path in self._visit.root.glob(pattern)]

    def rows(self, query: str, database: str = "default") -> list[dict[str, Json]]:
        """The rows of an ordered SELECT, its `:name`s bound to parameters.

        Every query of one collection sees the same snapshot of a database.

        Raises:
            EvidenceError: the query is refused or fails, or a column holds what JSON cannot.
        """
        return self._visit.snapshot(database).rows(query, self.parameters)

    @contextmanager
    def _naming_the_root(self) -> Generator[None]:
        """What is not there is not there below the root: say which folder that is."""
        try:
            yield
        except MissingEvidenceError as error:
            error.facts["below"] = printable(str(self._visit.root.path.absolute()))
            raise
