"""YAML files as slices."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from atelier.isilon.document import Document
from atelier.isilon.origin import Origin, Record
from atelier.isilon.source import FileSource
from atelier.isilon.strict_yaml import Block, parse_yaml


@dataclass(frozen=True)
class Yaml(FileSource):
    """A YAML file by the core schema of YAML 1.2: one value, or a record per element of its list."""

    name: ClassVar[str] = "yaml"
    version: ClassVar[int] = 1

    def parse(self, document: Document) -> Iterable[Record]:
        """A record per element of a list; any other value is one record."""
        read = parse_yaml(Block(document, document.text))
        if not isinstance(read.value, list):
            yield Record(read.value, Origin(file=document.path))
            return
        for item, line in zip(read.value, read.lines, strict=True):
            yield Record(item, Origin(file=document.path, line=line))

    def whole(self, document: Document) -> Record:
        """The value of the file."""
        read = parse_yaml(Block(document, document.text))
        return Record(read.value, Origin(file=document.path))
