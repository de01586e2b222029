"""Where a provider is reached, and what is spoken there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Literal, cast, get_args
from urllib.parse import urlsplit

from atelier.models.limits import Limits, parse_limits
from atelier.models.section import Section

Dialect = Literal["openai", "openai-responses", "anthropic", "google"]
DIALECTS: tuple[str, ...] = get_args(Dialect)
_KNOWN = frozenset({"url", "key", "dialect", "limits"})
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An address, the dialect that is spoken there, and the environment variable with its key.

    `name` is what a key holds of it; the address may change without anything being made again.
    """

    name: str
    url: str
    key: str = ""
    dialect: Dialect = "openai"
    limits: Limits = field(default_factory=Limits)

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine: on a loopback address.

        Example:
            >>> Endpoint(name="", url="http://127.0.0.1:80/v1").is_local
            True
            >>> Endpoint(name="", url="https://localhost.example").is_local
            False
        """
        host = urlsplit(self.url).hostname or ""
        try:
            return host == "localhost" or ip_address(host).is_loopback
        except ValueError:
            return False


# Where `provider:name` goes when no endpoint is named.
PROVIDERS: Mapping[str, Endpoint] = {
    "openai": Endpoint(name="", url="https://api.openai.com/v1", key="OPENAI_API_KEY"),
    "openai-responses": Endpoint(
        name="",
        url="https://api.openai.com/v1",
        key="OPENAI_API_KEY",
        dialect="openai-responses",
    ),
    "anthropic": Endpoint(
        name="", url="https://api.anthropic.com", key="ANTHROPIC_API_KEY", dialect="anthropic"
    ),
    "google": Endpoint(
        name="",
        url="https://generativelanguage.googleapis.com",
        key="GOOGLE_API_KEY",
        dialect="google",
    ),
}


def parse_endpoint(name: str, said: Mapping[str, Any]) -> Endpoint:
    """The endpoint that `[endpoints.<name>]` describes.

    Raises:
        SetupError: an unknown setting, no address, or a key in place of a variable's name.

    Example:
        >>> parse_endpoint("here", {"url": "http://127.0.0.1:8080/v1"}).dialect
        'openai'
    """
    section = Section(f"endpoints.{name}", said)
    section.only(_KNOWN)
    url, key = section.text("url"), section.text("key")
    if not _is_address(url):
        raise section.wrong("url", "it is no address", ["http://...", "https://..."])
    # A key that was pasted here must not reach an error: its text is not told.
    if key and not _VARIABLE.fullmatch(key):
        raise section.wrong("key", "it is no name", ["the name of an environment variable"])
    dialect = section.choice("dialect", DIALECTS) or "openai"
    return Endpoint(
        name=name,
        url=url.rstrip("/"),
        key=key,
        dialect=cast("Dialect", dialect),
        limits=parse_limits(said, section.name),
    )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    credentials = parts.username or parts.password
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not credentials
