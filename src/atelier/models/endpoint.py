"""Where a provider is reached, and what is spoken there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args
from urllib.parse import urlsplit

from atelier.kernel.errors import SetupError

Dialect = Literal["openai", "openai-responses", "anthropic", "google"]
DIALECTS: tuple[str, ...] = get_args(Dialect)
_KNOWN = frozenset({"url", "key", "dialect"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An address, the dialect that is spoken there, and the environment variable with its key.

    `name` is what a key holds of it; the address may change without anything being made again.
    """

    name: str
    url: str
    key: str = ""
    dialect: Dialect = "openai"


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


def parse_endpoint(name: str, section: Mapping[str, Any]) -> Endpoint:
    """The endpoint that `[endpoints.<name>]` describes.

    Raises:
        SetupError: an unknown setting, no address, or a key in place of a variable's name.

    Example:
        >>> parse_endpoint("here", {"url": "http://127.0.0.1:8080/v1"}).dialect
        'openai'
    """
    for setting in section:
        if setting not in _KNOWN:
            raise _bad(name, setting, "it is unknown", allowed=sorted(_KNOWN))
    url, key = section.get("url"), section.get("key", "")
    dialect = section.get("dialect", "openai")
    if not isinstance(url, str) or not _is_address(url):
        raise _bad(name, "url", "it is no address", allowed=["http://...", "https://..."])
    # A key that was pasted here must not reach an error: its text is not among the facts.
    if not isinstance(key, str) or (key and not key.isidentifier()):
        raise _bad(name, "key", "it is no variable's name", allowed=["the name of a variable"])
    if dialect not in DIALECTS:
        raise _bad(name, "dialect", f"there is no dialect {dialect!r}", allowed=DIALECTS)
    return Endpoint(name=name, url=url.rstrip("/"), key=key, dialect=cast("Dialect", dialect))


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    credentials = parts.username or parts.password
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not credentials


def _bad(name: str, setting: str, why: str, *, allowed: Sequence[str]) -> SetupError:
    return SetupError(
        "models.endpoint",
        f"The endpoint {name!r} cannot be used.",
        facts={"section": f"[endpoints.{name}]", "setting": setting, "why": why},
        next_step=f"Allowed here: {', '.join(allowed)}.",
    )
