"""YAML as evidence: the core schema of YAML 1.2, without what makes one text mean two things.

Anchors, aliases, tags and several documents in one file are refused; `no` and `2026-03-01` are text.
"""

from dataclasses import dataclass, field
from math import isinf
from re import compile as pattern
from typing import Any, Never

import yaml
from yaml import events

from atelier.isilon.document import Document
from atelier.kernel.canonical import MAX_DEPTH, MAX_INTEGER, Json

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {word: word[0] in "tT" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_INTEGER = pattern(r"[-+]?[0-9]+\Z")
_OTHER_BASE = pattern(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NO_NUMBER = pattern(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
# YAML 1.1 folds these as line breaks and YAML 1.2 does not; text must not depend on the reader.
_BREAKS = "\x85\u2028\u2029"
_STRANGE = pattern(f"[{_BREAKS}]|[^\t\n\r -~\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Yaml12:
    """A value, and the line of each element where the value is a list."""

    value: Json
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document's text that is one YAML document, and the lines in front of it."""

    document: Document
    text: str
    lines_before: int = 0

    def refuse(self, why: str, mark: Any, next_step: str = "") -> Never:
        """Say what is wrong at a mark of the parser.

        Raises:
            EvidenceError: always.
        """
        line, column = (mark.line, mark.column) if mark else (0, 0)
        raise self.document.fault_at(
            "evidence.yaml",
            why,
            line=line + 1 + self.lines_before,
            column=column + 1,
            next_step=next_step,
        )

    def refuse_strange(self) -> None:
        """Refuse a character that YAML does not allow, or that its versions read differently.

        Raises:
            EvidenceError: there is one.
        """
        found = _STRANGE.search(self.text)
        if not found:
            return
        start = found.start()
        before = self.text.rfind("\n", 0, start) + 1
        raise self.document.fault_at(
            "evidence.yaml",
            f"the character {found[0]!a}, which readers of YAML treat differently",
            line=self.text.count("\n", 0, start) + 1 + self.lines_before,
            column=start - before + 1,
            next_step='Write it as an escape in double quotes, such as "\\u2028".',
        )


def parse_yaml(block: Block) -> Yaml12:
    """The one value of a YAML document.

    Raises:
        EvidenceError: the text is refused; the error names line and column.
    """
    block.refuse_strange()
    reader = _Reader(block)
    try:
        for event in yaml.parse(block.text, Loader=_LOADER):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        why = " ".join(part for part in (error.context, error.problem) if part)
        block.refuse(why, error.problem_mark or error.context_mark)
    except yaml.YAMLError as error:
        block.refuse(str(error).splitlines()[0], None)
    if not reader.documents:
        block.refuse("nothing is here", None, "Write a value, such as `[]` or `{}`.")
    return Yaml12(reader.documents[0], tuple(line + block.lines_before for line in reader.lines))


@dataclass
class _Open:
    """A sequence or a mapping that is not closed yet."""

    container: dict[str, Json] | list[Json]
    key: str | None = None
    keys: dict[str, int] = field(default_factory=dict[str, int])


class _Reader:
    """Builds the value from the parser's events, so that depth and size stay bounded."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._open: list[_Open] = []
        self.documents: list[Json] = []
        self.lines: list[int] = []

    def take(self, event: Any) -> None:
        """One event of the parser."""
        match event:
            case events.DocumentStartEvent():
                self._document(event)
            case events.AliasEvent():
                self._block.refuse(f"the alias *{event.anchor}", event.start_mark, "Write it out.")
            case events.ScalarEvent():
                self._mind(event)
                self._scalar(event)
            case events.CollectionStartEvent():
                self._mind(event)
                self._begin(event)
            case events.CollectionEndEvent():
                self._add(self._open.pop().container, event.start_mark)
            case _:
                pass

    def _document(self, event: Any) -> None:
        if self.documents:
            self._block.refuse("a second document", event.start_mark, "Keep one document a file.")
        if event.version not in (None, (1, 2)) or event.tags:
            self._block.refuse("a directive", event.start_mark, "Remove it: this is YAML 1.2.")

    def _mind(self, event: Any) -> None:
        """Refuse anchors and tags, and note the line of a list's element."""
        if event.anchor:
            self._block.refuse(f"the anchor &{event.anchor}", event.start_mark, "Write it out.")
        if event.tag:
            self._block.refuse(f"the tag {event.tag}", event.start_mark, "Remove the tag.")
        if len(self._open) == 1 and isinstance(self._open[0].container, list):
            self.lines.append(event.start_mark.line + 1)

    def _begin(self, event: Any) -> None:
        self._refuse_as_key(event.start_mark)
        if len(self._open) >= MAX_DEPTH:
            self._block.refuse(f"nested deeper than {MAX_DEPTH}", event.start_mark)
        is_list = isinstance(event, events.SequenceStartEvent)
        self._open.append(_Open([] if is_list else {}))

    def _scalar(self, event: Any) -> None:
        is_plain = event.implicit[0] and not event.style
        value = self._resolve(event.value, event.start_mark) if is_plain else event.value
        opened = self._open[-1] if self._open else None
        if opened and isinstance(opened.container, dict) and opened.key is None:
            self._key(opened, value, event)
        else:
            self._add(value, event.start_mark)

    def _key(self, opened: _Open, key: Json, event: Any) -> None:
        if not isinstance(key, str):
            why = f"the key {event.value!r} is not text"
            self._block.refuse(why, event.start_mark, "Put the key in quotes.")
        if key in opened.keys:
            first = opened.keys[key] + self._block.lines_before
            why = f"the key {key!r} stands twice, first in line {first}"
            self._block.refuse(why, event.start_mark, "Keep one of the two.")
        opened.keys[key] = event.start_mark.line + 1
        opened.key = key

    def _add(self, value: Json, mark: Any) -> None:
        if not self._open:
            self.documents.append(value)
            return
        opened = self._open[-1]
        if isinstance(opened.container, list):
            opened.container.append(value)
            return
        self._refuse_as_key(mark)
        opened.container[opened.key or ""] = value
        opened.key = None

    def _refuse_as_key(self, mark: Any) -> None:
        opened = self._open[-1] if self._open else None
        if opened and isinstance(opened.container, dict) and opened.key is None:
            self._block.refuse("a key that is a list or a mapping", mark, "Use text as the key.")

    def _resolve(self, text: str, mark: Any) -> Json:
        """What a plain scalar means in the core schema."""
        if text in _NULL:
            return None
        if text in _BOOL:
            return _BOOL[text]
        if _NO_NUMBER.match(text):
            self._block.refuse(f"{text} is not JSON", mark, "Write null, or put it in quotes.")
        number = _number(text)
        if number is not None and (isinf(number) or abs(number) > MAX_INTEGER):
            why = f"{text[:20]} is beyond ±(2^53-1)"
            self._block.refuse(why, mark, "Put it in quotes.")
        return text if number is None else number


def _number(text: str) -> int | float | None:
    """The number that a plain scalar is; None where it is text."""
    if len(text) > 400:
        return float(text) if _INTEGER.match(text) or _FLOAT.match(text) else None
    if _INTEGER.match(text):
        return int(text)
    if _OTHER_BASE.match(text):
        return int(text, 0)
    return float(text) if _FLOAT.match(text) else None
