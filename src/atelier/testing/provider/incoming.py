"""A request as it comes over a connection: read to its end, or to where the client left."""

from asyncio import IncompleteReadError, LimitOverrunError, StreamReader
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_CREDENTIALS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "x-api-key",
        "api-key",
        "x-goog-api-key",
        "cookie",
    }
)
MASK = "***"
LIMIT = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A request with its body; `complete` says whether all of it arrived."""

    method: str = ""
    target: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    complete: bool = False

    @property
    def path(self) -> str:
        """The path without its query, which may hold a credential."""
        return urlsplit(self.target).path

    @property
    def masked(self) -> dict[str, str]:
        """The headers without the credential."""
        return {
            name: MASK if name in _CREDENTIALS else value for name, value in self.headers.items()
        }

    @property
    def secrets(self) -> tuple[str, ...]:
        """The credentials that came with the request."""
        values = [value for name, value in self.headers.items() if name in _CREDENTIALS]
        return tuple(value.removeprefix("Bearer ") for value in values)

    @property
    def keeps(self) -> bool:
        """Whether the client will use the connection again."""
        return self.complete and self.headers.get("connection", "").lower() != "close"


async def read_incoming(reader: StreamReader) -> Incoming | None:
    """The next request of a connection, or None where the client is done with it."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except IncompleteReadError as error:
        return Incoming() if error.partial else None
    except (LimitOverrunError, ConnectionError):
        return None
    line, *lines = head.decode("latin-1").split("\r\n")
    method, _, rest = line.partition(" ")
    pairs = [line.partition(":") for line in lines if line]
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    body, complete = await _body(reader, headers)
    return Incoming(
        method=method,
        target=rest.rpartition(" ")[0],
        headers=headers,
        body=body,
        complete=complete,
    )


async def _body(reader: StreamReader, headers: Mapping[str, str]) -> tuple[bytes, bool]:
    parts: list[bytes] = []
    try:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            while size := int(await reader.readuntil(b"\r\n"), 16):
                parts.append((await reader.readexactly(size + 2))[:-2])
            await reader.readuntil(b"\r\n")
        else:
            parts.append(await reader.readexactly(int(headers.get("content-length") or 0)))
    except IncompleteReadError as error:
        return b"".join([*parts, error.partial]), False
    except (ConnectionError, LimitOverrunError, ValueError):
        return b"".join(parts), False
    return b"".join(parts), True
