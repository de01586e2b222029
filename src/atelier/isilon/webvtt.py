"""WebVTT transcripts as slices."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from re import compile as pattern
from typing import ClassVar

from atelier.isilon.cue import Cue, Line, blocks, records, timestamp
from atelier.isilon.document import Document
from atelier.isilon.errors import EvidenceError
from atelier.isilon.origin import Record
from atelier.isilon.source import FileSource

_HEADER = pattern(r"WEBVTT(?:[ \t].*)?\Z")
_TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d\.\d{3})"
_TIMING = pattern(rf"\s*{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t]+\S.*)?\s*\Z")
_SKIPPED = pattern(r"(?:NOTE|STYLE|REGION)(?:\s|\Z)")


@dataclass(frozen=True)
class WebVtt(FileSource):
    """A WebVTT transcript: a record `{"speaker", "text", "start", "end"}` per cue and speaker."""

    name: ClassVar[str] = "webvtt"
    version: ClassVar[int] = 1
    gives_lists: ClassVar[bool] = True

    def parse(self, document: Document) -> Iterable[Record]:
        """A record per cue and speaker."""
        return records(document, _cues(document))


def _cues(document: Document) -> Iterator[Cue]:
    header, *rest = list(blocks(document)) or [[Line(1, "")]]
    if header[0].number != 1 or not _HEADER.match(header[0].text):
        raise document.fault_at(
            "evidence.webvtt",
            "no header",
            line=1,
            next_step="Begin the file with a line `WEBVTT`; use Srt for a SubRip file.",
        )
    for line in header[1:]:
        if "-->" in line.text:
            raise _fault(document, "a cue in the header; a blank line is missing", line)
    for block in rest:
        if not _SKIPPED.match(block[0].text):
            yield _cue(document, block)


def _cue(document: Document, block: list[Line]) -> Cue:
    # An identifier may stand above the timing.
    at = next((index for index, line in enumerate(block[:2]) if "-->" in line.text), None)
    if at is None:
        raise _fault(document, "a cue without a timing line", block[0])
    timing = _TIMING.match(block[at].text)
    if not timing:
        raise _fault(document, "not a timing line: `00:00:01.000 --> 00:00:04.000`", block[at])
    start, end = timestamp(*timing.group(1, 2, 3)), timestamp(*timing.group(4, 5, 6))
    if end < start:
        raise _fault(document, "the cue ends before it starts", block[at])
    for line in block[at + 1 :]:
        if "-->" in line.text:
            raise _fault(document, "a second timing line; a blank line is missing", line)
    return Cue(start, end, tuple(block[at + 1 :]), block[at].number)


def _fault(document: Document, why: str, line: Line) -> EvidenceError:
    return document.fault_at("evidence.webvtt", why, line=line.number)
