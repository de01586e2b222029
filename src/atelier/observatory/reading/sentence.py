"""The line of an artefact as which a sentence was printed, or a part of one."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from re import compile as pattern

from atelier.ledger.rows import ArtefactRow
from atelier.observatory.reading.archive import Archive

# Without an index, in how many of the newest maps of lines a sentence is looked for.
LOOKED_THROUGH = 500
# Of the sentences that have a part in them, how many are told.
TOLD = 20
# What is shorter stands in too many sentences; scripts without spaces say more in a character.
_LETTERS, _WORDS, _SIGNS = 12, 3, 4
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
    yield from _apart(archive.ledger.iter_artefacts())


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


def find_parts(archive: Archive, asked: str, saying: Saying = newest) -> dict[str, Said]:
    """The sentences that have in them what was pasted, letter by letter, and where each stands.

    Of one that was printed several times it is the newest; what is too short is in none.
    """
    bare = plain(asked)
    found: dict[str, Said] = {}
    if not _is_enough(bare):
        return found
    # Where somebody cut through its first or last word, an index knows the words between alone.
    for words in filter(None, dict.fromkeys((bare, " ".join(bare.split()[1:-1])))):
        for row in _apart(saying(archive, unescaped(words))):
            for entry in archive.value(row.lines) or ():
                if entry["part"] != "footnote" and _holds(entry["sentence"], bare):
                    found.setdefault(entry["sentence"], Said(row, entry["first"]))
            if len(found) >= TOLD:
                return dict(islice(found.items(), TOLD))
        if found:
            break
    return found


def _apart(rows: Iterable[ArtefactRow]) -> Iterator[ArtefactRow]:
    """Emissions with other lines each, and no more than are looked through."""
    seen: set[str] = set()
    for row in rows:
        if row.lines not in seen:
            if len(seen) == LOOKED_THROUGH:
                return
            seen.add(row.lines)
            yield row


def _is_enough(part: str) -> bool:
    signs = sum(not sign.isascii() for sign in part)
    return len(part) >= _LETTERS or len(part.split()) >= _WORDS or signs >= _SIGNS


def _holds(sentence: str, part: str) -> bool:
    return any(one in form for form in _forms(sentence) for one in (part, unescaped(part)))


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
