"""A receipt's body as a library is given it: what it says, without what a library stumbles over."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import orjson

from atelier.models.endpoint import Dialect
from atelier.models.events import is_stream, parse_documents
from atelier.models.told import table
from atelier.models.told_openai import whole_response

_USAGE = frozenset({"usage", "usageMetadata"})
# One library looks into the usage of every answer, also where a server tells none.
_NONE_USED = {"input_tokens": 0, "output_tokens": 0}
_TELL_USAGE = frozenset({"message", "message_delta"})


def replayable(body: bytes, dialect: Dialect) -> bytes:
    r"""The body for a library to read: its usage has been read already, and may be anything.

    Where the last event of a stream holds the whole answer, that is the answer: pieces that were
    lost or came twice on the way do not matter.

    Example:
        >>> replayable(b'{"id": "a", "usage": {"prompt_tokens": "many"}}', "openai")
        b'{"id":"a","usage":{"prompt_tokens":0}}'
    """
    if not is_stream(body):
        document = parse_documents(body)[0]
        plain = _plain(document, dialect)
        return body if plain == document else orjson.dumps(plain)
    if dialect == "openai-responses":
        whole = whole_response(parse_documents(body))
        return orjson.dumps(_plain(whole, dialect))
    return b"".join(_lines(body, dialect))


def _lines(body: bytes, dialect: Dialect) -> Iterator[bytes]:
    for line in body.splitlines(keepends=True):
        data = line.removeprefix(b"data:")
        try:
            document: object = orjson.loads(data) if data is not line else None
        except orjson.JSONDecodeError:
            document = None
        plain = _plain(cast("Any", document), dialect) if isinstance(document, dict) else document
        yield line if plain == document else b"data: " + orjson.dumps(plain) + b"\n"


def _plain(document: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    counted = {name: _counted(value, used=name in _USAGE) for name, value in document.items()}
    if dialect == "anthropic":
        if counted.get("type") in _TELL_USAGE and not isinstance(counted.get("usage"), dict):
            counted["usage"] = _NONE_USED
        if "message" in counted and "role" in table(counted["message"]):
            counted["message"] = _plain(table(counted["message"]), dialect)
    return counted


def _counted(value: Any, *, used: bool) -> Any:
    """A part of an answer in which every count of its usage is a count."""
    if not used or not isinstance(value, dict):
        return value
    return {
        name: (item if _is_count(item) else 0)
        if name.lower().endswith(("tokens", "tokencount"))
        else _counted(item, used=True)
        for name, item in cast("dict[str, Any]", value).items()
    }


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
