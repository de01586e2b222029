"""The documents of a receipt's body: one of a plain answer, one for each event of a stream."""

from collections.abc import Iterator
from typing import Any, cast

import orjson

# What a line of a stream of server-sent events may begin with.
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")
DONE = "[DONE]"


class NotAnAnswerError(ValueError):
    """A body that is neither JSON nor a stream of JSON events."""


def is_stream(body: bytes) -> bool:
    """Whether a body is a stream of events; what it is decides, and not what its header says.

    Example:
        >>> is_stream(b"data: {}"), is_stream(b'{"data": 1}'), is_stream(b"<html>")
        (True, False, False)
    """
    return body.lstrip().startswith(_FIELDS)


def parse_documents(body: bytes) -> list[dict[str, Any]]:
    r"""The JSON objects of a body, in order; the marker that ends a stream is `{"": "[DONE]"}`.

    Raises:
        NotAnAnswerError: the body, or an event of it, is no JSON object.

    Example:
        >>> parse_documents(b'data: {"n": 1}\n\ndata: [DONE]\n\n')
        [{'n': 1}, {'': '[DONE]'}]
    """
    if not is_stream(body):
        return [_document(body)]
    return [{"": DONE} if data.strip() == DONE else _document(data) for data in _events(body)]


def is_done(document: dict[str, Any]) -> bool:
    """Whether a document is the marker that ends a stream."""
    return document.get("") == DONE


def _events(body: bytes) -> Iterator[str]:
    """The data of each event that a blank line ends; what follows the last one is cut off."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        message = f"not UTF-8 at byte {error.start}"
        raise NotAnAnswerError(message) from error
    data: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if not line and data:
            yield "\n".join(data)
            data = []
        elif line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))


def _document(data: bytes | str) -> dict[str, Any]:
    try:
        value: object = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        message = f"not JSON: {error}"
        raise NotAnAnswerError(message) from error
    if not isinstance(value, dict):
        message = f"JSON, but no object: {type(value).__name__}"
        raise NotAnAnswerError(message)
    return cast("dict[str, Any]", value)
