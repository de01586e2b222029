"""A text without the accidents of how it is spelled, with a map back to where each letter stands."""

from base64 import b64decode
from binascii import Error as EncodingError
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import unescape
from re import IGNORECASE, Match
from re import compile as pattern
from string import ascii_lowercase, ascii_uppercase
from unicodedata import category, normalize
from urllib.parse import unquote

# Scripts that are written without spaces: each character is a word.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# A value within a value within a value: what is deeper was written to be hidden.
_DEPTH = 4
_ESCAPES = pattern(
    r"\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\[^\w\s]|\\_|\\[bfnrt]|(?:%[0-9a-f]{2})+|&(?:#\w{1,8}|\w{2,32});",
    IGNORECASE,
)
_FOREIGN = pattern(r"[^\x00-\x7f]")
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_UNSEEN = frozenset({"Cf", "Mn", "Me"})
# Letters of one stroke more, which no normal form takes apart; fillers that show nothing.
_RESPELT = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ħ": "h",
        "\u0131": "i",
    }
    | dict.fromkeys("\u115f\u1160\u2800\u3164\uffa0", "")
)
_ENCODED = pattern(r"[0-9A-Za-z+/_-]{12,}={0,2}")
_WEB_SAFE = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it is read; what is written at `starts[n]` up to `ends[n]` is read as letter n."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where that stands which is read from `start` up to, not including, `end`."""
        return self.starts[start], self.ends[end - 1]


def spelled(text: str) -> Reading:
    """A text without case, accents and invisible characters; its escapes stay as they are.

    Example:
        >>> spelled("Zo\u00eb").text, spelled("ZOE\u0308").span(1, 3)
        ('zoe', (1, 3))
    """
    return _letters(Reading(text, range(len(text)), range(1, len(text) + 1)))


def readings(text: str) -> list[Reading]:
    r"""The ways in which a text is read: as it stands, and with its escapes resolved.

    Both count: `C:\nathan` is a path, or the end of a line before another name.

    Example:
        >>> [one.text for one in readings(r"C:\nathan")]
        ['c:\\nathan', 'c: athan']
    """
    plain = Reading(text, range(len(text)), range(1, len(text) + 1))
    resolved = plain
    for _ in range(_DEPTH):
        before, resolved = resolved, _rewritten(resolved, _ESCAPES.finditer, _resolved)
        if resolved is before:
            break
    return [_letters(one) for one in ([plain] if resolved is plain else [plain, resolved])]


def encoded_texts(text: str) -> Iterator[tuple[tuple[int, int], str]]:
    """What stands in a text as base64: where, and what it says.

    Example:
        >>> list(encoded_texts("Basic bWF5YTpzZWNyZXQ="))
        [((6, 22), 'maya:secret')]
    """
    for found in _ENCODED.finditer(text):
        digits = found[0].rstrip("=").translate(_WEB_SAFE)
        try:
            yield found.span(), b64decode(digits + "=" * (-len(digits) % 4)).decode()
        except (EncodingError, UnicodeDecodeError):
            continue


def _letters(reading: Reading) -> Reading:
    if reading.text.isascii():
        return replace(reading, text=reading.text.lower())
    found = _rewritten(reading, _FOREIGN.finditer, lambda match: _letter(match[0]))
    return replace(found, text=found.text.translate(_LOWER))


@lru_cache(maxsize=4096)
def _letter(char: str) -> str:
    """A letter as it is looked for; empty where it is a mark on another, or shows nothing."""
    if category(char) in _UNSEEN:
        return ""
    parts = normalize("NFKD", normalize("NFKD", char).casefold())
    return "".join(part for part in parts if category(part) not in _UNSEEN).translate(_RESPELT)


def _rewritten(
    reading: Reading,
    find: Callable[[str], Iterator[Match[str]]],
    told: Callable[[Match[str]], str],
) -> Reading:
    """A reading in which what is found is read as something else; itself where nothing is."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in find(reading.text):
        instead = told(match)
        first, last = reading.span(*match.span())
        parts += [reading.text[at : match.start()], instead]
        starts += [*reading.starts[at : match.start()], *[first] * len(instead)]
        ends += [*reading.ends[at : match.start()], *[last] * len(instead)]
        at = match.end()
    if not parts:
        return reading
    parts.append(reading.text[at:])
    return Reading("".join(parts), [*starts, *reading.starts[at:]], [*ends, *reading.ends[at:]])


def _resolved(match: Match[str]) -> str:
    written = match[0]
    match written[0], written[1:2].lower():
        case "%", _:
            return unquote(written)
        case "&", _:
            return unescape(written)
        case _, "u" | "x" if len(written) > 2:
            return chr(int.from_bytes(bytes.fromhex(written[2:])))
        case _, "b" | "f" | "n" | "r" | "t":
            return " "
        case _, char:
            return char
