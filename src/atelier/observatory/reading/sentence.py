"""The line of an artefact as which a sentence was printed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from re import compile as pattern

from atelier.ledger.rows import ArtefactRow
from atelier.observatory.reading.archive import Archive

# Without an index, in how many of the newest maps of lines a sentence is looked for.
LOOKED_THROUGH = 500
# What Markdown and the printer put around a sentence, and what they put before a character.
_AROUND = pattern(r"(?<!\\)\[\^\d+\]|\*+\[[^\]]*\]\*+|^[\s>#*-]+")
_ESCAPE = pattern(r"\\([\\`*\[~|_#>=+\-:.)])")


@dataclass(frozen=True, slots=True)
class Said:
    """Where a sentence stands: an emission, and the line of what was emitted."""

    row: ArtefactRow
    line: int


# The emissions that may say a sentence, which is as it was said; the likeliest first.
Saying = Callable[[Archive, str], Iterable[ArtefactRow]]


def newest(archive: Archive, sentence: str) -> Iterator[ArtefactRow]:
    """The newest emissions, whatever they say; of those with the same lines, the newest alone."""
    del sentence
    seen: set[str] = set()
    for row in archive.ledger.iter_artefacts():
        if row.lines not in seen:
            if len(seen) == LOOKED_THROUGH:
                return
            seen.add(row.lines)
            yield row


def find_said(archive: Archive, asked: str, saying: Saying = newest) -> Said | None:
    """Where a sentence stands that was pasted, as it is printed or as a passage has it."""
    bare = plain(asked)
    wanted = {bare, unescaped(bare)}
    if not bare:
        return None
    for row in saying(archive, unescaped(bare)):
        for entry in archive.value(row.lines) or ():
            if entry["part"] != "footnote" and _forms(entry["sentence"]) & wanted:
                return Said(row, entry["first"])
    return None


def _forms(sentence: str) -> set[str]:
    """A sentence as it was said, and without what it says that looks as if it were printed around it."""
    return {" ".join(sentence.split()), plain(sentence)}


def plain(text: str) -> str:
    """A sentence without what is printed around it.

    Example:
        >>> plain("- Maya **[contested]** ran.[^2]") == plain("Maya ran.")
        True
    """
    return " ".join(_AROUND.sub("", text).split())


def unescaped(text: str) -> str:
    r"""A printed line as its passage has it.

    Example:
        >>> unescaped(r"&lt;b> 5 \* 3 &amp;lt;")
        '<b> 5 * 3 &lt;'
    """
    return _ESCAPE.sub(r"\1", text).replace("&lt;", "<").replace("&amp;", "&")
