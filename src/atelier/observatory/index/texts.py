"""The strings of a stored value, each with where it stands: what can be found by its words."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, cast

import orjson

from atelier.kernel.canonical import pointer

# A text is found by what stands in its first 200,000 characters.
LONGEST = 200_000
# Under these names a provider's answer says something to a reader.
_SAID = frozenset({"text", "content", "arguments", "partial_json", "thinking", "refusal", "delta"})

Leaf = tuple[str, str]


def leaves(value: Any) -> Iterator[Leaf]:
    """The pointer and the text of every string, names in order; however deep it is nested.

    Example:
        >>> list(leaves({"b": ["x"], "a": "y", "n": 1}))
        [('/a', 'y'), ('/b/0', 'x')]
    """
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        place, item = waiting.pop()
        kind = item.__class__  # JSON as it is read: of no other classes than these
        if kind is str:
            yield place, item
        elif kind is dict:
            waiting += [(place + _step(name), item[name]) for name in sorted(item, reverse=True)]
        elif kind is list:
            waiting += [(f"{place}/{at}", item[at]) for at in range(len(item) - 1, -1, -1)]


@lru_cache(maxsize=4096)
def _step(name: str) -> str:
    """One step of a pointer: the same few names come in every value of a kind."""
    return pointer((name,))


def joined(found: Iterator[Leaf]) -> tuple[str, list[tuple[str, int]]]:
    r"""Texts in one, a line each, and where each of them begins.

    Example:
        >>> joined(iter([("/a", "one"), ("/b", "two")]))
        ('one\ntwo', [('/a', 0), ('/b', 4)])
    """
    texts: list[str] = []
    parts: list[tuple[str, int]] = []
    length = 0
    for place, text in found:
        if not text:
            continue
        if length + len(text) > LONGEST:
            text = text[: LONGEST - length]  # noqa: PLW2901 - the rest is not looked at
        if not text:
            break
        parts.append((place, length))
        texts.append(text)
        length += len(text) + 1
    return "\n".join(texts), parts


def value_of(data: bytes | None) -> Any:
    """The JSON value of stored bytes; None where they are gone, or no JSON."""
    if data is None:
        return None
    try:
        return orjson.loads(data)
    except ValueError:
        return None


def prompt_leaves(request: Any) -> Iterator[Leaf]:
    """What a request says to a model: its system text and its turns."""
    if not isinstance(request, dict):
        return
    request = cast("Mapping[str, Any]", request)
    for place, text in leaves({name: request.get(name) for name in ("system", "messages")}):
        if place == "/system" or place.endswith("/text"):
            yield place, text


def answer_leaves(receipt: Any) -> Iterator[Leaf]:
    """What a model said, out of the receipt of its answer, whichever way it was sent."""
    if not isinstance(receipt, dict):
        return
    body = cast("Mapping[str, Any]", receipt).get("body")
    if isinstance(body, str):
        yield from _opened(_said_in(body))
    elif body is None:
        for _, text in leaves(receipt):
            yield from _opened(text)


def _said_in(body: str) -> str:
    whole = value_of(body.encode())
    if whole is not None:
        return "\n".join(_said(whole))
    # A stream: its pieces follow one another with nothing in between.
    lines = (line[5:] for line in body.splitlines() if line.startswith("data:"))
    return "".join(piece for line in lines for piece in _said(value_of(line.encode())))


def _said(value: Any) -> Iterator[str]:
    for place, text in leaves(value):
        steps = [step for step in place.split("/") if not step.isdecimal()]
        if steps and steps[-1] in _SAID:
            yield text


def _opened(text: str) -> Iterator[Leaf]:
    """An answer that is JSON by the strings that it holds, any other as it is."""
    value = value_of(text.encode())
    if isinstance(value, (dict, list)):
        yield from leaves(value)
    else:
        yield "", text
