"""JSON as evidence: one reading only, or a fault with its line and column."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from json import JSONDecodeError, JSONDecoder
from math import isinf
from re import compile as pattern
from typing import Any, Never, cast

import orjson

from atelier.isilon.document import Document
from atelier.kernel.canonical import MAX_DEPTH, MAX_INTEGER, Json

_SPACE = pattern(r"[ \t\n\r]*")
_NUMBER = pattern(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_SURROGATE = pattern("[\ud800-\udfff]")
_WORDS: dict[str, Json] = {"true": True, "false": False, "null": None}
_DECODER = JSONDecoder()


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a document's text that is one JSON value, and where it begins."""

    document: Document
    text: str
    offset: int = 0
    depth: int = MAX_DEPTH

    def refuse(self, why: str, position: int, next_step: str = "") -> Never:
        """Say what is wrong, where.

        Raises:
            EvidenceError: always.
        """
        offset = self.offset + position
        raise self.document.fault("evidence.json", why, offset=offset, next_step=next_step)


def parse_json(fragment: Fragment) -> Json:
    """The one value that a strict reader finds.

    Duplicate keys, NaN and the infinities, integers beyond ±(2^53-1), lone surrogates and nesting
    beyond the limit are refused, as is all that RFC 8259 does not allow.

    Raises:
        EvidenceError: the text is refused; the error names line and column.
    """
    try:
        value: Json = orjson.loads(fragment.text)
    except (orjson.JSONDecodeError, RecursionError):
        return _Reader(fragment).read()
    if _is_proved(value, fragment):
        return value
    return _Reader(fragment).read()


def element_offsets(text: str) -> Iterator[int]:
    """Where each element of a JSON array begins; the text is one that `parse_json` took.

    Example:
        >>> list(element_offsets('[1, {"a": 2}]'))
        [1, 4]
    """
    position = _skip(text, _skip(text, 0) + 1)
    while text[position] != "]":
        yield position
        position = _skip(text, _DECODER.raw_decode(text, position)[1])
        if text[position] == ",":
            position = _skip(text, position + 1)


def _is_proved(value: Json, fragment: Fragment) -> bool:
    r"""Whether a lenient reader's value is the strict one's.

    A duplicate key is lost in the value but its colon is not lost in the text. Every colon of the
    text stands behind a key or within a string, unless one is written as an escape (`\u003a`); so
    the counts are equal just when no key was lost.
    """
    if "\\u003" in fragment.text:
        return False
    counted = _colons(value, fragment.depth)
    return counted is not None and counted == fragment.text.count(":")


def _colons(value: Json, depth: int) -> int | None:
    """The colons that a value is written with; None where it holds what is refused."""
    if isinstance(value, str):
        return value.count(":")
    if isinstance(value, int | float):
        return 0 if -MAX_INTEGER <= value <= MAX_INTEGER else None
    if value is None:
        return 0
    if depth <= 0:
        return None
    total = 0
    items: Any = value
    if isinstance(value, dict):
        total = len(value) + sum(key.count(":") for key in value)
        items = value.values()
    for item in items:
        found = item.count(":") if item.__class__ is str else _colons(item, depth - 1)
        if found is None:
            return None
        total += found
    return total


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


@dataclass
class _Open:
    """A list or an object that is not closed yet."""

    container: dict[str, Json] | list[Json]
    keys: dict[str, int] = field(default_factory=dict[str, int])
    key: str = ""

    @property
    def closer(self) -> str:
        return "}" if isinstance(self.container, dict) else "]"

    def add(self, value: Json) -> None:
        if isinstance(self.container, dict):
            self.container[self.key] = value
        else:
            self.container.append(value)


class _Reader:
    """The reader that decides: character by character, without recursion."""

    def __init__(self, fragment: Fragment) -> None:
        self._fragment = fragment
        self._text = fragment.text
        self._open: list[_Open] = []

    def read(self) -> Json:
        position = _skip(self._text, 0)
        if position == len(self._text):
            self._fragment.refuse("nothing is here", 0, "Write a JSON value, such as `[]`.")
        while True:
            value, position, is_complete = self._start(position)
            if not is_complete:
                continue
            value, position, is_done = self._close(value, position)
            if is_done:
                return value

    def _start(self, position: int) -> tuple[Json, int, bool]:
        """The value that begins here; a container with content is only opened."""
        char = self._char(position)
        if char not in {"[", "{"}:
            value, position = self._scalar(position)
            return value, position, True
        if len(self._open) >= self._fragment.depth:
            self._fragment.refuse(f"nested deeper than {self._fragment.depth}", position)
        opened = _Open([] if char == "[" else {})
        position = _skip(self._text, position + 1)
        if self._char(position) == opened.closer:
            return opened.container, position + 1, True
        self._open.append(opened)
        return None, self._key(opened, position), False

    def _close(self, value: Json, position: int) -> tuple[Json, int, bool]:
        """Put a finished value where it belongs, and go to where the next one begins."""
        while self._open:
            opened = self._open[-1]
            opened.add(value)
            position = _skip(self._text, position)
            char = self._char(position)
            if char == ",":
                comma = position
                position = _skip(self._text, position + 1)
                if self._char(position) == opened.closer:
                    self._fragment.refuse("a trailing comma", comma, "Remove the comma.")
                return None, self._key(opened, position), False
            if char != opened.closer:
                self._fragment.refuse(f"expected `,` or `{opened.closer}`{_found(char)}", position)
            value = self._open.pop().container
            position += 1
        position = _skip(self._text, position)
        if position < len(self._text):
            self._fragment.refuse("more follows after the value", position)
        return value, position, True

    def _key(self, opened: _Open, position: int) -> int:
        """Read the key of an object's next item; where its value begins."""
        if not isinstance(opened.container, dict):
            return position
        if self._char(position) != '"':
            self._fragment.refuse(
                f"expected a key in quotes{_found(self._char(position))}", position
            )
        opened.key, end = self._string(position)
        if opened.key in opened.keys:
            first = self._fragment.offset + opened.keys[opened.key]
            text = self._fragment.document.text
            line = text.count("\n", 0, first) + 1
            column = first - text.rfind("\n", 0, first)
            self._fragment.refuse(
                f"the key {opened.key!r} stands twice, first at {line}:{column}",
                position,
                "Keep one of the two.",
            )
        opened.keys[opened.key] = position
        end = _skip(self._text, end)
        if self._char(end) != ":":
            self._fragment.refuse(f"expected `:`{_found(self._char(end))}", end)
        return _skip(self._text, end + 1)

    def _scalar(self, position: int) -> tuple[Json, int]:
        if self._char(position) == '"':
            return self._string(position)
        for word, value in _WORDS.items():
            if self._text.startswith(word, position):
                return value, position + len(word)
        for word in ("NaN", "Infinity", "-Infinity"):
            if self._text.startswith(word, position):
                self._fragment.refuse(f"{word} is not JSON", position, "Write null, or a string.")
        found = _NUMBER.match(self._text, position)
        if not found:
            self._fragment.refuse(f"expected a value{_found(self._char(position))}", position)
        return self._number(found[0], position, is_whole=found[1] is None and found[2] is None)

    def _number(self, digits: str, position: int, *, is_whole: bool) -> tuple[Json, int]:
        end = position + len(digits)
        number = float(digits)
        if isinf(number):
            self._fragment.refuse(f"{digits[:20]} is too large", position, "Write it as a string.")
        # Of 17 digits and more, only the comparison of integers is exact; of 400, none is needed.
        exact = int(digits) if is_whole and len(digits) < 400 else number
        if abs(exact) > MAX_INTEGER:
            why = f"{digits[:20]} is beyond ±(2^53-1)"
            self._fragment.refuse(why, position, "Write it as a string.")
        return exact, end

    def _string(self, position: int) -> tuple[str, int]:
        try:
            value, end = cast("tuple[str, int]", _DECODER.raw_decode(self._text, position))
        except JSONDecodeError as error:
            self._fragment.refuse(error.msg.lower(), min(error.pos, len(self._text)))
        if _SURROGATE.search(value):
            self._fragment.refuse("a string holds a lone surrogate", position)
        return value, end

    def _char(self, position: int) -> str:
        return self._text[position : position + 1]


def _found(char: str) -> str:
    return f", found {char!r}" if char else ", found the end"
