"""A credential: read from the environment when it is needed, and never shown."""

import json
import os
from collections.abc import Iterable
from urllib.parse import quote

SHOWN = "***"
# Shorter ones protect nothing, and their letters stand in every answer.
_SHORTEST = 8


class Secret:
    """A credential that prints as `***`; `reveal` is called where it leaves, and nowhere else.

    Example:
        >>> Secret("sk-very-secret")
        ***
        >>> f"{Secret('sk-very-secret')}"
        '***'
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The credential itself."""
        return self._value

    def is_sendable(self) -> bool:
        """Whether it can stand in a header; a library that refused it would repeat it."""
        return self._value.isascii() and self._value.isprintable()

    def __repr__(self) -> str:
        return SHOWN

    def __reduce__(self) -> str:
        message = "a credential is not stored"
        raise TypeError(message)


def find_secret(variable: str) -> Secret | None:
    """The credential in an environment variable, without the line end that a shell may leave."""
    value = os.environ.get(variable, "").strip()
    return Secret(value) if value else None


def redact(data: bytes, secrets: Iterable[Secret]) -> bytes:
    """Bytes in which no credential stands: neither as it is, nor as JSON or an address writes it.

    Example:
        >>> redact(b"Incorrect API key: sk-very-secret.", [Secret("sk-very-secret")])
        b'Incorrect API key: ***.'
    """
    for secret in secrets:
        for form in sorted(_forms(secret.reveal()), key=len, reverse=True):
            data = data.replace(form, SHOWN.encode())
    return data


def _forms(value: str) -> set[bytes]:
    if len(value) < _SHORTEST:
        return set()
    written = (value, json.dumps(value)[1:-1], quote(value, safe=""), quote(value))
    return {form.encode() for form in written}
