"""Markdown files with YAML front matter as slices."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from re import compile as pattern
from typing import Any, ClassVar

from atelier.isilon.document import Document
from atelier.isilon.origin import Origin, Record
from atelier.isilon.source import FileSource
from atelier.isilon.strict_yaml import Block, parse_yaml

_FENCE = pattern(r"---[ \t]*\r?\n")
_END = pattern(r"^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", 8)  # re.MULTILINE
_BLANK = pattern(r"(?:[ \t]*\r?\n)*")


@dataclass(frozen=True)
class Markdown(FileSource):
    """A Markdown file as `{"text", "path"}` and the fields of its front matter.

    `path` is the file's name without its suffix, unless the front matter says otherwise; `text` is
    the body without blank lines around it.
    """

    name: ClassVar[str] = "markdown"
    version: ClassVar[int] = 1

    def parse(self, document: Document) -> Iterable[Record]:
        """One record: the note."""
        yield self.whole(document)

    def whole(self, document: Document) -> Record:
        """The note of the file."""
        fields, start = _front_matter(document)
        blank = _BLANK.match(document.text, start)
        start = blank.end() if blank else start
        value = {
            "path": PurePosixPath(document.path).stem,
            **fields,
            "text": document.text[start:].rstrip(),
        }
        line = document.text.count("\n", 0, start) + 1
        return Record(value, Origin(file=document.path, line=line))


def _front_matter(document: Document) -> tuple[dict[str, Any], int]:
    """The fields between the first two `---`, and where the body begins."""
    text = document.text
    opening = _FENCE.match(text)
    if not opening:
        return {}, 0
    closing = _END.search(text, opening.end())
    if not closing:
        raise document.fault_at(
            "evidence.markdown",
            "the front matter has no end",
            line=1,
            next_step="Close the front matter with a line `---`.",
        )
    block = text[opening.end() : closing.start()]
    if not block.strip():
        return {}, closing.end()
    fields = parse_yaml(Block(document, block, 1)).value
    if not isinstance(fields, dict) or "text" in fields:
        raise document.fault_at(
            "evidence.markdown",
            "the front matter is not a mapping, or has a field `text`",
            line=2,
            next_step="Write `name: value` lines; `text` is the body.",
        )
    return fields, closing.end()
