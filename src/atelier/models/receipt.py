"""A receipt: exactly what a provider answered, as bytes that can be kept and read again."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from atelier.kernel.canonical import ValueRefusedError, canonical, read
from atelier.kernel.errors import IntegrityError
from atelier.models.secret import Secret, redact

# Whatever else an answer says in its headers (cookies, organisations, projects) is not ours to keep.
KEPT = frozenset(
    {
        "content-type",
        "date",
        "location",
        "openai-processing-ms",
        "request-id",
        "retry-after",
        "retry-after-ms",
        "x-request-id",
        "x-should-retry",
    }
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """An HTTP answer, whole: its status, the headers that are kept, its decoded body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""

    def as_bytes(self) -> bytes:
        """The canonical JSON in which it is kept."""
        return canonical(
            {"status": self.status, "headers": dict(self.headers), "body": _written(self.body)}
        )


def make_receipt(
    status: int, headers: Iterable[tuple[str, str]], body: bytes, *, secrets: Iterable[Secret]
) -> bytes:
    """The one place where receipts are made, and so the one where credentials are taken out.

    Example:
        >>> make_receipt(200, [("Set-Cookie", "a"), ("Date", "now")], b"{}", secrets=[])
        b'{"body":"{}","headers":{"date":"now"},"status":200}'
    """
    secrets = list(secrets)
    kept = {
        name.lower(): redact(value.encode(), secrets).decode()
        for name, value in headers
        if name.lower() in KEPT
    }
    return Receipt(status, kept, redact(body, secrets)).as_bytes()


def parse_receipt(data: bytes) -> Receipt:
    r"""The answer that a receipt holds.

    Raises:
        IntegrityError: these bytes are no receipt.

    Example:
        >>> parse_receipt(Receipt(200, {}, b"\xff").as_bytes()).body
        b'\xff'
    """
    try:
        value: Any = read(data)
        body = value["body"]
        return Receipt(
            int(value["status"]),
            {str(name): str(said) for name, said in value["headers"].items()},
            body.encode() if isinstance(body, str) else b64decode(body["base64"], validate=True),
        )
    except (
        AttributeError,
        KeyError,
        NotBase64,
        TypeError,
        ValueError,
        ValueRefusedError,
    ) as error:
        raise IntegrityError(
            "models.receipt",
            "These bytes are not the receipt of a model's answer.",
            facts={"bytes": len(data), "why": type(error).__name__},
            next_step="Run `atelier verify`: a stored answer was altered.",
        ) from error


def _written(body: bytes) -> Any:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(body).decode()}
