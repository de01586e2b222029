"""Who a unit of a draft says spoke, and what is left of it without that frame."""

from collections.abc import Iterable, Mapping
from re import compile as pattern

from atelier.terra.dates import clocks, dates
from atelier.terra.lexicon import FRAME, NEGATIONS, REPORTING, STOP_WORDS, TIMES
from atelier.terra.marks import Quotation
from atelier.terra.names import names
from atelier.terra.numbers import amounts
from atelier.terra.words import stem, words

# Verbs whose noun behind them is spoken to, not the speaker.
_ADDRESSING = frozenset(
    ["told", "tells", "tell", "asked", "asks", "ask", "called", "calls", "promised"]
)
# "Maya said that …", "she told the coach that …": who, a verb of saying, and the joint.
_THAT = pattern(
    r"(?i)^(?:[^\W\d_]+\s+){1,3}(?:said|says|mentioned|mentions|noted|notes|reported|reports|stated"
    r"|states|added|adds|explained|explains|admitted|admits|acknowledged|recalled|remarked|confirmed"
    r"|(?:told|tells)(?:\s+[^\W\d_]+){1,2})\s*(?:that\s+|:\s*)"
)
_TALK = pattern(r"(?i)^(?:(?:well|okay|ok|oh)\b[\s,.!]+)+")
_FRAME_STEMS = frozenset(stem(word) for word in FRAME)


def outside(text: str, quoted: Iterable[Quotation]) -> str:
    """The text around its quotations, each of them a single dash."""
    kept: list[str] = []
    at = 0
    for quotation in quoted:
        kept += [text[at : quotation.outer.start], " — "]
        at = quotation.outer.end
    return "".join([*kept, text[at:]])


def attributed(text: str, speakers: Mapping[str, str]) -> list[str]:
    """The speakers of the packet to whom a text, without its quotations, gives words.

    Example:
        >>> attributed("Maya told the coach —", {"maya": "Maya", "coach": "Coach"})
        ['Maya']
    """
    found = words(text)
    given: list[tuple[int, str]] = []
    for folded, written in _aliases(speakers).items():
        parts = words(folded)
        given.extend(
            (at, written)
            for at in range(len(found) - len(parts) + 1)
            if found[at : at + len(parts)] == parts and _speaks(found, at, at + len(parts))
        )
    if not given and (bare := _before_colon(text)):
        given = [(0, written) for folded, written in _aliases(speakers).items() if folded == bare]
    return list(dict.fromkeys(written for _, written in sorted(given)))


def _aliases(speakers: Mapping[str, str]) -> dict[str, str]:
    """Each speaker by full name, and by any part of it that no other speaker has."""
    parts: dict[str, list[str]] = {}
    for folded, written in speakers.items():
        for part in {folded, *folded.split()}:
            parts.setdefault(part, []).append(written)
    return {part: owners[0] for part, owners in sorted(parts.items()) if len(owners) == 1}


def _speaks(found: list[str], start: int, end: int) -> bool:
    before = found[start - 1] if start else ""
    if before == "the" and start > 1:
        before = found[start - 2]
    if before in _ADDRESSING:
        return False
    if before in REPORTING or found[max(start - 2, 0) : start] == ["according", "to"]:
        return True
    return bool(REPORTING.intersection(found[end : end + 3]))


def _before_colon(text: str) -> str:
    head, colon, _ = text.partition(":")
    return " ".join(words(head)) if colon else ""


def without_frame(text: str) -> str:
    """A statement without who reports it, and without a word of talk before it.

    Example:
        >>> without_frame("Maya said that she slept four hours.")
        'she slept four hours.'
    """
    for frame in (_TALK, _THAT):
        found = frame.match(text)
        if found and found.end() < len(text):
            text = text[found.end() :]
    return text


def residue(frame: str, vocabulary: Iterable[str]) -> list[str]:
    """The stems that a frame asserts beyond who spoke, where and when.

    Example:
        >>> residue("On 12 March Maya, who hates essays, wrote in her journal:", ())
        ['hate', 'essay']
    """
    blank = list(frame)
    taken = [item.span for item in amounts(frame).quantities]
    taken += [item.span for item in dates(frame)]
    taken += [item.span for item in clocks(frame)]
    taken += [item.span for item in names(frame)]
    for span in taken:
        blank[span.start : span.end] = " " * (span.end - span.start)
    allowed = {stem(word) for name in vocabulary for word in words(name.replace("_", " "))}
    return [
        stem(word)
        for word in words("".join(blank))
        if word in NEGATIONS
        or not (word in STOP_WORDS or word in TIMES or stem(word) in _FRAME_STEMS | allowed)
    ]
