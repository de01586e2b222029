"""Timed cues of a transcript: who says what, from when to when."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from re import compile as pattern

from atelier.isilon.document import Document
from atelier.isilon.origin import Origin, Record

_LINE = pattern(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
_VOICE = pattern(r"<v(?:\.[^\s>]*)?[ \t]+([^>]*)>")
_TAG = pattern(r"</?[A-Za-z0-9][^<>]*>|\{\\an?\d\}")
_ENTITY = pattern(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);")
# A name is one to four capitalised words, so that "two things: sleep" is speech and no speaker.
_WORD = r"[^\W\d_a-zß-öø-ÿ][\w.'\u2019\-]*"
_NAMED = pattern(rf"(?:-\s*)?({_WORD}(?: (?:{_WORD}|\d+|\([^)]*\))){{0,3}}):[ \t]+(\S.*)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file, without its end."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Cue:
    """A span of time and the lines that are shown in it."""

    start: str
    end: str
    lines: tuple[Line, ...]
    number: int


@dataclass(frozen=True, slots=True)
class _Utterance:
    """What one speaker says within one cue; a continued line has no speaker of its own."""

    speaker: str
    line: int
    parts: tuple[str, ...]


def blocks(document: Document) -> Iterator[list[Line]]:
    r"""The runs of lines between blank lines; `\n`, `\r\n` and `\r` end a line."""
    block: list[Line] = []
    for number, match in enumerate(_LINE.finditer(document.text), start=1):
        if match[1].strip():
            block.append(Line(number, match[1]))
        elif block:
            yield block
            block = []
    if block:
        yield block


def timestamp(hours: str | None, minutes: str, seconds: str) -> str:
    """A time as it is kept: `HH:MM:SS.mmm`.

    Example:
        >>> timestamp(None, "1", "02,500")
        '00:01:02.500'
    """
    return f"{int(hours or 0):02d}:{int(minutes):02d}:{seconds.replace(',', '.'):0>6}"


def records(document: Document, cues: Iterable[Cue]) -> Iterator[Record]:
    """A record per speaker and cue, with the speaker that a voice tag or `Name:` gives."""
    listed = list(cues)
    has_voices = any(_VOICE.search(line.text) for cue in listed for line in cue.lines)
    known = set[str]() if has_voices else _speakers(listed)
    for cue in listed:
        said = _voices(cue) if has_voices else _names(cue, known)
        for utterance in said:
            text = " ".join(part for part in utterance.parts if part)
            yield Record(
                {"speaker": utterance.speaker, "text": text, "start": cue.start, "end": cue.end},
                Origin(
                    file=document.path,
                    line=utterance.line,
                    speaker=utterance.speaker,
                    time=cue.start.partition(".")[0],
                ),
            )


def _voices(cue: Cue) -> Iterator[_Utterance]:
    """The parts of a cue by its voice tags."""
    current = _Utterance("", _first_line(cue), ())
    for line in cue.lines:
        # split gives: text before the first tag, then name and text by turns
        before, *tagged = _VOICE.split(line.text)
        if _plain(before):
            current = _Utterance(current.speaker, current.line, (*current.parts, _plain(before)))
        for name, text in zip(tagged[::2], tagged[1::2], strict=True):
            if current.parts:
                yield current
            current = _Utterance(_plain(name), line.number, (_plain(text),))
    yield current


def _names(cue: Cue, known: set[str]) -> Iterator[_Utterance]:
    """The parts of a cue by its `Name:` lines; a name that no cue begins with is speech."""
    current = _Utterance("", _first_line(cue), ())
    for line in cue.lines:
        found = _NAMED.fullmatch(_plain(line.text))
        if found and found[1] in known:
            if current.parts:
                yield current
            current = _Utterance(found[1], line.number, (found[2],))
        else:
            parts = (*current.parts, _plain(line.text))
            current = _Utterance(current.speaker, current.line, parts)
    yield current


def _speakers(cues: Sequence[Cue]) -> set[str]:
    """The names that cues begin with."""
    found = (_NAMED.fullmatch(_plain(cue.lines[0].text)) for cue in cues if cue.lines)
    return {match[1] for match in found if match}


def _first_line(cue: Cue) -> int:
    return cue.lines[0].number if cue.lines else cue.number


def _plain(text: str) -> str:
    """The words of a line: tags are left out, entities are the characters that they stand for."""
    return _ENTITY.sub(lambda match: unescape(match[0]), _TAG.sub("", text)).strip()
