"""What every dialect of a provider can do, and how its documents are written."""

from collections.abc import Iterator
from json import dumps
from re import Match, Pattern
from typing import Any, Protocol

from atelier.testing.provider.asked import Asked
from atelier.testing.provider.failure import Failure
from atelier.testing.provider.reply import Reply
from atelier.testing.provider.wire import Event

CREATED = 1_767_225_600  # when every answer was made: equal requests are answered equally
_PIECE = 12  # code points of an answer in one event of a stream


class Dialect(Protocol):
    """One way to ask a provider: reads requests, writes answers and errors."""

    name: str
    route: Pattern[str]

    def asked(self, route: Match[str], body: dict[str, Any], /) -> Asked:
        """The request, read out of the dialect."""
        ...

    def document(self, asked: Asked, reply: Reply) -> Any:
        """The answer as one document."""
        ...

    def events(self, asked: Asked, reply: Reply) -> Iterator[Event]:
        """The answer as a stream, to its end."""
        ...

    def failure(self, failure: Failure, asked: Asked) -> tuple[int, Any]:
        """The status and the document of an error."""
        ...

    def failure_event(self, failure: Failure, asked: Asked) -> Event:
        """The error as it is reported inside a stream."""
        ...


def written(document: Any) -> str:
    """A document as JSON text; characters stay themselves, so that they can be cut apart.

    Example:
        >>> written({"a": "é"})
        '{"a":"é"}'
    """
    return dumps(document, ensure_ascii=False, separators=(",", ":"))


def pieces(text: str) -> list[str]:
    """A text in the pieces that a stream brings.

    Example:
        >>> pieces("The quick fox jumps.")
        ['The quick fo', 'x jumps.']
    """
    return [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]


def identity(prefix: str, asked: Asked) -> str:
    """An id of a response, made from the request: equal requests are answered equally."""
    return f"{prefix}{asked.digest.removeprefix('sha256:')[:24]}"
