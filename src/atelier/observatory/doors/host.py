"""The Host header: on a loopback address it alone tells a rebound name from the real one."""

from collections.abc import Iterable
from dataclasses import dataclass
from re import compile as pattern

from atelier.observatory.doors.refusal import RefusalError

_HOST = pattern(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9](?:[a-z0-9.-]{0,252}))(?::([0-9]{1,5}))?\Z")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Host:
    """A host and its port; names are lower case, an IPv6 address stands in its brackets."""

    name: str
    port: int

    def origin(self, scheme: str) -> str:
        """The origin of pages that this host serves, as a browser writes it.

        Example:
            >>> Host("localhost", 8765).origin("http"), Host("a.example", 443).origin("https")
            ('http://localhost:8765', 'https://a.example')
        """
        return f"{scheme}://{self.name}{'' if self.port == _PORTS[scheme] else f':{self.port}'}"


def parse_host(text: str, *, scheme: str) -> Host | None:
    """A Host header's value; None where it is not written as one.

    Example:
        >>> parse_host("[::1]:8765", scheme="http")
        Host(name='[::1]', port=8765)
        >>> parse_host("LOCALHOST", scheme="http"), parse_host("a:b:1", scheme="http")
        (Host(name='localhost', port=80), None)
    """
    found = _HOST.match(text.lower()) if text.isascii() else None
    if found is None:
        return None
    port = int(found[2]) if found[2] else _PORTS[scheme]
    return Host(found[1], port) if 0 < port < 65536 else None


@dataclass(frozen=True, slots=True)
class Hosts:
    """The names by which this server may be called, exactly; and the scheme that browsers see."""

    allowed: frozenset[Host]
    scheme: str = "http"

    @property
    def origins(self) -> frozenset[str]:
        """The origins of our own pages."""
        return frozenset(host.origin(self.scheme) for host in self.allowed)

    def check(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Refuse a request that names another host, several, or none.

        Raises:
            RefusalError: 421; says which setting lets a name in.
        """
        given = [value.decode("latin-1") for name, value in headers if name == b"host"]
        found = parse_host(given[0], scheme=self.scheme) if len(given) == 1 else None
        if found in self.allowed:
            return
        named = given[0][:80] if len(given) == 1 else f"{len(given)} Host headers"
        raise RefusalError(
            "door.host",
            "This server is not called by that name.",
            status=421,
            facts={
                "host": named or "(empty)",
                "allowed": ", ".join(sorted(_written(host) for host in self.allowed)),
            },
            next_step="If the name is yours, start with it: atelier serve --host NAME[:PORT]",
        )


def _written(host: Host) -> str:
    return f"{host.name}:{host.port}"
