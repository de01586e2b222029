"""The evidence that a prompt shows: fenced lines, each a handle and the JSON of an element."""

from collections.abc import Iterator
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder, loads
from re import DOTALL, MULTILINE
from re import compile as pattern
from typing import Any, cast

_FENCE = pattern(
    r"^<evidence (?P<title>[^\n]*) (?P<mark>[0-9a-f]{16})>\n(?P<lines>.*?)\n</evidence (?P=mark)>",
    DOTALL | MULTILINE,
)
_LINE = pattern(r"^\[(?P<handle>[^\]\n]+)\] (?P<value>.*)$", MULTILINE)
_CLAIM = pattern(
    r'\{"id":"(?P<id>[0-9a-f]{8}(?:[0-9a-f]{8})?)","kind":"\w+","span":\{[^{}]*\},'
    r'"text":(?P<text>"(?:[^"\\]|\\.)*")\}'
)
_SENTENCE = pattern(r"[^.!?\n]+[.!?]?")
_WORDS = 3
_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class Shown:
    """One element as a prompt shows it: its handle, and every text in it."""

    handle: str
    texts: tuple[str, ...]

    @property
    def quote(self) -> str:
        """Words that can be cited: a sentence that is long enough, else the longest text."""
        sentences = [found.strip() for text in self.texts for found in _SENTENCE.findall(text)]
        fit = (one for one in sentences if len(one.split()) >= _WORDS and len(one) >= _CHARACTERS)
        return next(fit, max(self.texts, key=len, default=""))


def shown_in(prompt: str) -> list[Shown]:
    """The elements that a prompt shows between its fences, in order.

    Example:
        >>> prompt = '''Cite.
        ... <evidence notes 00112233aabbccdd>
        ... [notes-7f3a09c1] {"day":1,"text":"Slept well. Ran far and fast."}
        ... </evidence 00112233aabbccdd>'''
        >>> [(one.handle, one.quote) for one in shown_in(prompt)]
        [('notes-7f3a09c1', 'Ran far and fast.')]
    """
    return [
        Shown(line["handle"], tuple(_texts(_json(line["value"]))))
        for fence in _FENCE.finditer(prompt)
        for line in _LINE.finditer(fence["lines"])
    ]


def fences_in(prompt: str) -> list[str]:
    """The marks of the fences in a prompt."""
    return [fence["mark"] for fence in _FENCE.finditer(prompt)]


def claims_in(prompt: str) -> list[tuple[str, str]]:
    """The claims that a prompt holds as canonical JSON: the id and the text of each, once.

    Example:
        >>> claims_in('{"id":"0a1b2c3d","kind":"fact","span":{"end":9,"start":0},"text":"She ran."}')
        [('0a1b2c3d', 'She ran.')]
    """
    found = {claim["id"]: str(loads(claim["text"])) for claim in _CLAIM.finditer(prompt)}
    return list(found.items())


def schema_in(prompt: str) -> dict[str, Any] | None:
    r"""The last JSON schema that a prompt spells out behind the word "schema", or None.

    Example:
        >>> schema_in('Answer with this schema:\n{"type": "object", "properties": {}}')
        {'type': 'object', 'properties': {}}
    """
    start = prompt.lower().rfind("schema")
    while start >= 0:
        brace = prompt.find("{", start)
        if brace >= 0:
            try:
                value: Any = JSONDecoder().raw_decode(prompt, brace)[0]
            except (JSONDecodeError, RecursionError):
                value = None
            if isinstance(value, dict) and value.keys() & {"type", "properties", "$ref", "anyOf"}:
                return cast("dict[str, Any]", value)
        start = prompt.lower().rfind("schema", 0, start)
    return None


def _json(text: str) -> Any:
    try:
        return loads(text)
    except (JSONDecodeError, RecursionError):
        return text


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in cast("dict[str, Any]", value).values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _texts(item)
