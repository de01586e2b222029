"""Where `atelier serve` listens, and by which names it may be called."""

import errno
from dataclasses import dataclass
from ipaddress import ip_address
from socket import AF_INET, AF_INET6, SO_REUSEADDR, SOL_SOCKET, socket
from typing import Protocol

from atelier.kernel.errors import SetupError
from atelier.observatory.doors.host import Host, Hosts, parse_host

PORT = 8765
_PORTS = {"http": 80, "https": 443}


class Asked(Protocol):
    """The part of the command line that says where to listen."""

    @property
    def port(self) -> int | None:
        """The port that was named."""
        ...

    @property
    def bind(self) -> str:
        """The address."""
        ...

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names that were allowed."""
        ...

    @property
    def is_secure(self) -> bool:
        """Whether browsers speak HTTPS, to this server or to a proxy before it."""
        ...

    @property
    def speaks_tls(self) -> bool:
        """Whether this server speaks HTTPS itself."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen, and by which names to be called."""

    bind: str
    port: int | None
    names: tuple[tuple[str, int | None], ...]
    is_secure: bool
    is_proxied: bool

    @property
    def scheme(self) -> str:
        """The scheme that browsers see."""
        return "https" if self.is_secure else "http"

    def hosts(self, port: int) -> Hosts:
        """The Host headers that are let in: the machine's own names, and those that were named."""
        own = {_bracketed(self.bind), *(("127.0.0.1", "localhost") if self.is_loopback else ())}
        allowed = {Host(name, port) for name in own}
        for name, given in self.names:
            ports = {given} if given else {port, _PORTS[self.scheme]}
            allowed |= {Host(name, item) for item in ports}
        return Hosts(frozenset(allowed), self.scheme)

    def url(self, port: int) -> str:
        """The address to open: the first name that was given, else the machine's own."""
        if not self.names:
            return Host(_bracketed(self.bind), port).origin(self.scheme)
        name, given = self.names[0]
        default = _PORTS[self.scheme] if self.is_proxied else port
        return Host(name, given or default).origin(self.scheme)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return ip_address(self.bind).is_loopback


def address_of(asked: Asked) -> Address:
    """Where to listen.

    Raises:
        SetupError: the address is open to others without TLS, or nobody could call it.
    """
    bind = "127.0.0.1" if asked.bind == "localhost" else asked.bind
    try:
        own = ip_address(bind)
    except ValueError as error:
        raise SetupError(
            "serve.address",
            "The address to listen at is not an IP address of this machine.",
            facts={"bind": asked.bind},
            next_step="Bind 127.0.0.1, and let names in with --host NAME.",
        ) from error
    if not own.is_loopback and not asked.is_secure:
        raise SetupError(
            "serve.public",
            "This address is open to others, and what goes over it would be readable.",
            facts={"bind": bind},
            next_step="Give --tls-cert and --tls-key, or say --i-terminate-tls if a proxy does.",
        )
    names = tuple(_name(text) for text in asked.hosts)
    if own.is_unspecified and not names:
        raise SetupError(
            "serve.nameless",
            "Nobody could call this server: no name is allowed.",
            facts={"bind": bind},
            next_step="Name it as browsers do: --host NAME[:PORT]",
        )
    return Address(
        bind=bind,
        port=asked.port,
        names=names,
        is_secure=asked.is_secure,
        is_proxied=asked.is_secure and not asked.speaks_tls,
    )


def listen(address: Address) -> socket:
    """A socket that listens.

    Raises:
        SetupError: the port is taken, or is not this user's to take.
    """
    if address.port is not None:
        return _bound(address, address.port)
    try:
        return _bound(address, PORT)
    except SetupError as error:
        if error.code != "serve.port":
            raise
        return _bound(address, 0)


def _bound(address: Address, port: int) -> socket:
    found = socket(AF_INET6 if ":" in address.bind else AF_INET)
    try:
        found.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        found.bind((address.bind, port))
        found.listen(128)
    except OSError as error:
        found.close()
        if error.errno == errno.EADDRINUSE:
            raise SetupError(
                "serve.port",
                "The port is taken.",
                facts={"address": f"{address.bind}:{port}"},
                next_step="Name another with --port N, or leave it out and take what is free.",
            ) from error
        raise SetupError(
            "serve.address",
            "This machine cannot listen there.",
            facts={"address": f"{address.bind}:{port}", "why": error.strerror},
            next_step="Bind 127.0.0.1, and a port from 1024 upward.",
        ) from error
    return found


def _name(text: str) -> tuple[str, int | None]:
    found = parse_host(text, scheme="https")
    if found is None:
        raise SetupError(
            "serve.name",
            "A name to be called by is not written as one.",
            facts={"host": text},
            next_step="Write NAME or NAME:PORT, without a scheme and without a path.",
        )
    bare = found.name.lower() == text.lower()
    return found.name, None if bare else found.port


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
