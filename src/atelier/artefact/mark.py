"""The content mark: an artefact's last line, by which it is recognised wherever it lies."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from re import compile as pattern

from atelier.kernel.digest import digest_bytes

_MARK = pattern(rb"<!-- atelier:(sha256:[0-9a-f]{64}) -->")
# Below this share of common characters, an edited line is a new line.
_SAME_SENTENCE = 0.6


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark that a file carries, and whether the file still is what was emitted."""

    digest: str
    intact: bool


def marked(text: str) -> tuple[str, str]:
    r"""A text with its mark as the last line, and the mark's digest: that of everything above it.

    Example:
        >>> whole, digest = marked("She ran.\n")
        >>> read_mark(whole.encode()) == Mark(digest, intact=True)
        True
    """
    digest = digest_bytes(text.encode())
    return f"{text}<!-- atelier:{digest} -->\n", digest


def read_mark(data: bytes) -> Mark | None:
    r"""The last mark in a file's bytes, or None: the file is no artefact.

    An edited, converted or extended file keeps its mark and is not intact.

    Example:
        >>> read_mark(b"# Notes\n") is None
        True
    """
    marks = list(_MARK.finditer(data))
    if not marks:
        return None
    found = marks[-1]
    digest = found[1].decode()
    ends_here = data[found.end() :] == b"\n"
    return Mark(digest, intact=ends_here and digest_bytes(data[: found.start()]) == digest)


def same_line(earlier: str, edited: str, line: int) -> int | None:
    r"""The line of the emitted text that a line of an edited one was, both counted from 1.

    None where the line is the editor's own. A reworded sentence is found again while most of
    its characters are the same.

    Example:
        >>> same_line("a\nShe ran far.\n", "b\na\nShe ran very far.\n", 3)
        2
        >>> same_line("a\nShe ran far.\n", "b\na\nShe ran very far.\n", 1) is None
        True
    """
    found = same_lines(earlier, edited)
    return found[line - 1] if 1 <= line <= len(found) else None


def same_lines(earlier: str, edited: str) -> list[int | None]:
    r"""For each line of an edited text, the line of the emitted one that it was.

    Example:
        >>> same_lines("a\nShe ran far.\n", "b\na\nShe ran very far.\n")
        [None, 1, 2]
    """
    before, after = _lines(earlier), _lines(edited)
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    found: list[int | None] = []
    for tag, start, end, first, last in matcher.get_opcodes():
        for offset, wanted in enumerate(after[first:last]):
            if not wanted:
                found.append(None)
            elif tag == "equal":
                found.append(start + offset + 1)
            else:
                near = _closest(wanted, before[start:end])
                found.append(_elsewhere(wanted, before) if near is None else start + near + 1)
    return found


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def _closest(wanted: str, lines: list[str]) -> int | None:
    ratios = [SequenceMatcher(a=line, b=wanted, autojunk=False).ratio() for line in lines]
    best = max(ratios, default=0.0)
    return ratios.index(best) if best >= _SAME_SENTENCE else None


def _elsewhere(wanted: str, lines: list[str]) -> int | None:
    """A sentence that was moved is found again where it stood, if it stood there once."""
    places = [number for number, line in enumerate(lines, start=1) if line == wanted]
    return places[0] if len(places) == 1 else None
