"""Where sentences end: safe for abbreviations, decimals, initials, ellipses and quotations."""

from re import Match
from re import compile as pattern

from atelier.terra.lexicon import ABBREVIATIONS, FINAL_ABBREVIATIONS, REPORTING
from atelier.terra.marks import Quotation, quotations

_CANDIDATE = pattern(r"[。\uff01\uff1f]+[」』”\u2019\uff09]*|[.!?…]+[\"'”\u2019»)\]*_]*(?=\s|$)")
_WORD_BEFORE = pattern(r"[^\W\d_](?:[^\W\d_]|\.(?=[^\W\d_]))*\s?$")
_NEXT = pattern(r"\s*[\"'“\u2018«(\[*_]*(.)", 16)  # DOTALL
_REPORTED = pattern(r"\s*(?:[^\W\d_]+\s+){0,2}([^\W\d_]+)")
_INTRODUCES = pattern(r"[^.!?…“„«\"]*[:,]?\s*[“„«\"]")
_LOOK = 80
_PRONOUNS = frozenset(["he", "she", "they", "i", "we", "you"])


def sentence_ends(text: str) -> list[int]:
    """Offsets behind each sentence of one paragraph, its closing marks included.

    Example:
        >>> text = "Dr. Smith slept 4.5 hours. “I ran. I won,” he said."
        >>> [text[:end] for end in sentence_ends(text)][0]
        'Dr. Smith slept 4.5 hours.'
    """
    quoted = quotations(text)
    cased = any(char.isupper() for char in text)
    ends = [
        found.end()
        for found in _CANDIDATE.finditer(text)
        if not _is_inside(found, quoted) and _is_end(text, found, cased=cased)
    ]
    if not ends or text[ends[-1] :].strip():
        ends.append(len(text.rstrip()) or len(text))
    return ends


def sentences(text: str) -> list[str]:
    r"""The sentences of a text, trimmed, in order; blank lines end one too.

    Example:
        >>> sentences("She ran. He slept 4.5 hours, e.g. on Monday.\n\nFine")
        ['She ran.', 'He slept 4.5 hours, e.g. on Monday.', 'Fine']
    """
    return [text[start:end] for start, end in sentence_spans(text)]


_PARAGRAPH = pattern(r"\S.*?(?=\n\s*\n|\Z)", 16)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """The spans of the sentences of a text, trimmed, in order."""
    spans: list[tuple[int, int]] = []
    for paragraph in _PARAGRAPH.finditer(text):
        at = 0
        for end in sentence_ends(paragraph[0]):
            piece = paragraph[0][at:end]
            start = at + len(piece) - len(piece.lstrip())
            if piece.strip():
                spans.append((paragraph.start() + start, paragraph.start() + end))
            at = end
    return spans


def _is_inside(found: Match[str], quoted: list[Quotation]) -> bool:
    # The marks that close a quotation are part of the candidate, so its end counts.
    return any(
        quote.outer.start < found.start() and found.end() < quote.outer.end for quote in quoted
    )


def _is_end(text: str, found: Match[str], *, cased: bool) -> bool:
    if not text[found.end() : found.end() + _LOOK].strip() and not text[found.end() :].strip():
        return True
    if found[0][0] in "。\uff01\uff1f":
        return True
    following = _NEXT.match(text, found.end())
    after = following[1] if following else ""
    if _closes_speech(found[0]) and _is_reporting(text[found.end() : found.end() + 2 * _LOOK]):
        return False
    if found[0][0] == "." and found[0].count(".") == 1:
        return _full_stop_ends(text, found.start(), after, cased=cased)
    if "…" in found[0] or ".." in found[0]:
        return after.isupper() and text[found.end() : found.end() + _LOOK].lstrip()[:2] not in {
            "I ",
            "I'",
            "I\u2019",
        }
    return not after.islower() or not cased


def _full_stop_ends(text: str, dot: int, after: str, *, cased: bool) -> bool:
    nearby = text[max(dot - _LOOK, 0) : dot]
    before = _WORD_BEFORE.search(nearby)
    word = before[0].strip() if before else ""
    spaced = text[dot - 1 : dot].isspace()  # tokenised text, in which every mark stands alone
    if word.lower() in ABBREVIATIONS:
        return word.lower() in FINAL_ABBREVIATIONS and after.isupper()
    if len(word) == 1 and word.isupper() and word != "I" and after.isupper():
        earlier = nearby[:-1].split()
        return bool(earlier) and not earlier[-1][0].isupper()
    return not after.islower() or not cased or spaced


def _closes_speech(mark: str) -> bool:
    return mark[-1] in "\"'”\u2019»"


def _is_reporting(rest: str) -> bool:
    """Whether what follows a quotation says who spoke."""
    found = _REPORTED.match(rest)
    if found is None:
        return False
    # "…” She wrote: “…": what introduces the next quotation belongs to that one.
    if _INTRODUCES.match(rest):
        return False
    lead = [word.lower() for word in found[0].split()]
    return bool(REPORTING.intersection(lead)) and (
        lead[0] in _PRONOUNS or lead[0] in REPORTING or rest.split(maxsplit=1)[0][0].isupper()
    )
