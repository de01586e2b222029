"""SubRip transcripts as slices."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from re import compile as pattern
from typing import ClassVar

from atelier.isilon.cue import Cue, Line, blocks, records, timestamp
from atelier.isilon.document import Document
from atelier.isilon.errors import EvidenceError
from atelier.isilon.origin import Record
from atelier.isilon.source import FileSource

_TIME = r"(\d{1,3}):([0-5]\d):([0-5]\d[,.]\d{3})"
_TIMING = pattern(rf"\s*{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t]+\S.*)?\s*\Z")


@dataclass(frozen=True)
class Srt(FileSource):
    """A SubRip transcript: a record `{"speaker", "text", "start", "end"}` per cue and speaker."""

    name: ClassVar[str] = "srt"
    version: ClassVar[int] = 1
    gives_lists: ClassVar[bool] = True

    def parse(self, document: Document) -> Iterable[Record]:
        """A record per cue and speaker."""
        return records(document, _cues(document))


def _cues(document: Document) -> Iterator[Cue]:
    for block in blocks(document):
        number, *rest = block
        if not number.text.strip().isdecimal():
            raise _fault(document, "a cue without its number", number)
        timing = _TIMING.match(rest[0].text) if rest else None
        if not timing:
            at = rest[0] if rest else number
            raise _fault(document, "not a timing line: `00:00:01,000 --> 00:00:04,000`", at)
        start, end = timestamp(*timing.group(1, 2, 3)), timestamp(*timing.group(4, 5, 6))
        if end < start:
            raise _fault(document, "the cue ends before it starts", rest[0])
        for line in rest[1:]:
            if "-->" in line.text:
                raise _fault(document, "a second timing line; a blank line is missing", line)
        yield Cue(start, end, tuple(rest[1:]), rest[0].number)


def _fault(document: Document, why: str, line: Line) -> EvidenceError:
    return document.fault_at("evidence.srt", why, line=line.number)
