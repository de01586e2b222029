"""Words, as the index has them and as somebody asks for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from re import IGNORECASE, Pattern, escape
from re import compile as pattern
from unicodedata import combining, normalize

# Scripts that put no spaces between words, and signs: every character is a word by itself, so that
# a part of a sentence is found in it. Words of other scripts stay whole, which keeps the index small.
_ALONE = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff"
    "\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\uff66-\uff9f\U0001f000-\U0001faff\U00020000-\U0003ffff"
)
_EACH = pattern(f"([{_ALONE}])")
_TOKEN = pattern(f"[{_ALONE}]|[^\\W_{_ALONE}]+")
_PIECE = pattern(r'"([^"]*)"?|([^\s"]+)')
# A letter of nobody's script: no text and no question has a word that begins with it.
_KIND = "\ue000"
# More than anybody types, and than an answer in time allows.
_PIECES = 24
LONGEST = 400
# With fewer letters, too many words begin like that.
_BEGUN = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A word or a phrase that was asked for, as its words; the last may be only begun."""

    words: tuple[str, ...]
    begun: bool = False


def spaced(text: str) -> str:
    """A text whose words have spaces between them, as the index takes it.

    Example:
        >>> spaced("Maya は眠い")
        'Maya  は  眠  い '
    """
    return text if text.isascii() else _EACH.sub(r" \1 ", text)


def marked(kind: str, text: str) -> str:
    """A text as the index takes it, behind the word of its kind."""
    return f"{_KIND}{kind} {spaced(text.replace(_KIND, ' '))}"


def parse_words(text: str) -> tuple[Piece, ...]:
    """What somebody asks for: words and "phrases", all of which must be there.

    A word of three letters or more also stands for those that it begins; a phrase, in quotes, for itself alone.
    Whatever else is written has no meaning.

    Example:
        >>> parse_words('slept "methods chapter" NOT*')
        (Piece(words=('slept',), begun=True), Piece(words=('methods', 'chapter'), begun=False), \
Piece(words=('NOT',), begun=True))
    """
    found: list[Piece] = []
    for phrase, word in _PIECE.findall(text[:LONGEST]):
        words = tuple(_TOKEN.findall(phrase or word))
        if words:
            begun = bool(word) and len(words[-1]) >= _BEGUN and not _EACH.match(words[-1])
            found.append(Piece(words, begun=begun))
    return tuple(found[:_PIECES])


def phrase(text: str) -> str:
    """What to ask for to find a text word by word: its beginning, as one phrase.

    Example:
        >>> phrase('She said "no", and left.'), phrase("…")
        ('"She said no and left"', '')
    """
    words: list[str] = []
    room = LONGEST
    for word in _TOKEN.findall(text):
        room -= len(word) + 1
        if room < 2:
            break
        words.append(word)
    return f'"{" ".join(words)}"' if words else ""


def match_text(pieces: tuple[Piece, ...], kinds: tuple[str, ...] = ()) -> str:
    """The full-text question; every word stands in quotes, so that none is an operator.

    Example:
        >>> match_text(parse_words("NEAR slept"))
        '"NEAR" * AND "slept" *'
    """
    asked = " AND ".join(f'"{" ".join(one.words)}"{" *" if one.begun else ""}' for one in pieces)
    among = " OR ".join(f'"{_KIND}{kind}"' for kind in kinds)
    return f"({among}) AND {asked}" if kinds else asked


def finder(pieces: tuple[Piece, ...]) -> Pattern[str]:
    """What finds the pieces in a text that is `plain`; each is a group of its own."""
    return pattern("|".join(f"({_written(piece)})" for piece in pieces), IGNORECASE)


def find_spans(asked: str, text: str) -> Iterator[tuple[int, int]]:
    """Where the words that are asked for stand in a text, in order.

    Example:
        >>> list(find_spans("cafe ran", "Ran to the café."))
        [(0, 3), (11, 15)]
    """
    pieces = parse_words(asked)
    if pieces:
        yield from (match.span() for match in finder(pieces).finditer(plain(text)))


def plain(text: str) -> str:
    """A text without the marks on its letters, every character in its place.

    Example:
        >>> plain("Café, 東京")
        'Cafe, 東京'
    """
    return text if text.isascii() else text.translate(_BARE)


class _Bare(dict[int, int]):
    """What a character is without its marks."""

    def __missing__(self, code: int) -> int:
        letter, *marks = list(normalize("NFD", chr(code)))
        bare = ord(letter) if all(combining(mark) for mark in marks) else code
        self[code] = bare
        return bare


_BARE = _Bare()


def _written(piece: Piece) -> str:
    words = [plain(word) for word in piece.words]
    parts = [_edge(words[0], before=True), escape(words[0])]
    for earlier, word in pairwise(words):
        touching = _EACH.match(earlier) or _EACH.match(word)
        parts += [r"[\W_]*" if touching else r"[\W_]+", escape(word)]
    return "".join(parts) + ("" if piece.begun else _edge(words[-1], before=False))


def _edge(word: str, *, before: bool) -> str:
    """Where a word ends, unless its characters are words by themselves."""
    if _EACH.match(word):
        return ""
    inside = f"[^\\W_{_ALONE}]"
    return f"(?<!{inside})" if before else f"(?!{inside})"
