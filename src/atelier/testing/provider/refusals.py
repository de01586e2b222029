"""Responses that are no answer: errors, gateways' pages, redirects."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from time import time
from typing import Any

from atelier.testing.provider.asked import Asked
from atelier.testing.provider.behaviour import Behaviour
from atelier.testing.provider.dialect import written
from atelier.testing.provider.dialects import DIALECTS
from atelier.testing.provider.failure import Failure
from atelier.testing.provider.wire import Wire

_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>{status}</title></head>"
    "<body><center><h1>{status} {words}</h1></center><hr></body></html>\n"
)


@dataclass(frozen=True, slots=True)
class ErrorStatus(Behaviour):
    """Reports an error as the dialect does.

    `worked` says that the provider had done the work by then, and bills it. `status` replaces the
    one that the dialect has for this failure.
    """

    failure: Failure
    status: int = 0
    worked: bool = False

    def wire(self, asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        status, document = DIALECTS[asked.dialect].failure(self.failure, asked)
        return _plain(wire, self.status or status, document, worked=self.worked)


@dataclass(frozen=True, slots=True)
class RateLimit(Behaviour):
    """Refuses for a while; each header stands there if it is given, as it is given.

    `date_in` writes `Retry-After` as a date that lies so many seconds ahead of the clock that the
    `Date` header shows, which runs `skew` seconds before this machine's.
    """

    retry_after: str | None = None
    retry_after_ms: str | None = None
    date_in: float | None = None
    skew: float = 0

    def wire(self, asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        status, document = DIALECTS[asked.dialect].failure(Failure.RATE_LIMIT, asked)
        now = time() + self.skew
        told = {"retry-after": self.retry_after, "retry-after-ms": self.retry_after_ms}
        if self.date_in is not None:
            told["retry-after"] = formatdate(now + self.date_in, usegmt=True)
        if self.skew:
            told["date"] = formatdate(now, usegmt=True)
        wire = _plain(wire, status, document)
        given = [(name, value) for name, value in told.items() if value is not None]
        return replace(wire, headers=wire.with_headers(*given))


@dataclass(frozen=True, slots=True)
class GatewayPage(Behaviour):
    """A page of HTML, as a gateway before the provider answers; also with status 200."""

    status: int = 502
    words: str = "Bad Gateway"

    def wire(self, _asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        page = _PAGE.format(status=self.status, words=self.words).encode()
        return replace(
            wire,
            status=self.status,
            headers=wire.with_headers(("content-type", "text/html; charset=utf-8")),
            body=page,
            events=None,
            worked=False,
        )


@dataclass(frozen=True, slots=True)
class Redirect(Behaviour):
    """Sends the client to another address."""

    to: str
    status: int = 307

    def wire(self, _asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        wire = _plain(wire, self.status, {"error": {"message": "moved"}})
        return replace(wire, headers=wire.with_headers(("location", self.to)))


@dataclass(frozen=True, slots=True)
class EchoedKey(Behaviour):
    """An error whose text and whose headers repeat the request's credential."""

    status: int = 401

    def wire(self, asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        _, document = DIALECTS[asked.dialect].failure(Failure.BAD_KEY, asked)
        key = " ".join(asked.secrets)
        document["error"]["message"] = f"Incorrect API key provided: {key}."
        document["request"] = {"authorization": f"Bearer {key}"}
        wire = _plain(wire, self.status, document)
        return replace(wire, headers=wire.with_headers(("x-echoed-authorization", key)))


@dataclass(frozen=True, slots=True)
class Headers(Behaviour):
    """Sets headers of the response, each in the place of those of its name."""

    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def wire(self, _asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        return replace(wire, headers=wire.with_headers(*self.headers.items()))


@dataclass(frozen=True, slots=True)
class SkewedDate(Behaviour):
    """Sends a `Date` header that is so many seconds before this machine's clock."""

    seconds: float

    def wire(self, _asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        date = formatdate(time() + self.seconds, usegmt=True)
        return replace(wire, headers=wire.with_headers(("date", date)))


@dataclass(frozen=True, slots=True)
class HeaderBomb(Behaviour):
    """Sends many headers, or long ones."""

    count: int = 2_000
    size: int = 100

    def wire(self, _asked: Asked, wire: Wire) -> Wire:
        """The response that tells it."""
        bomb = [(f"x-bomb-{number}", "b" * self.size) for number in range(self.count)]
        return replace(wire, headers=(*wire.headers, *bomb))


def _plain(wire: Wire, status: int, document: Any, *, worked: bool = False) -> Wire:
    return replace(
        wire,
        status=status,
        headers=wire.with_headers(("content-type", "application/json")),
        body=written(document).encode("utf-8", "surrogatepass"),
        events=None,
        worked=worked,
    )
