"""The table of faults: everything that a provider does wrong, by its row in the fault matrix."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from atelier.testing.provider.answers import (
    ContentFilter,
    EmptyAnswer,
    LengthLimit,
    Refusal,
    Served,
    Text,
    ToolUse,
    UsageTold,
)
from atelier.testing.provider.behaviour import Behaviour
from atelier.testing.provider.delivery import Drip, Eof, Hang, KeepAlive, Reset, SplitCharacters
from atelier.testing.provider.failure import Failure
from atelier.testing.provider.flaws import Flaw, Flawed
from atelier.testing.provider.framing import (
    ContentType,
    CutGzip,
    HugeBody,
    TinyChunks,
    TruncatedBody,
    WrongChunkSize,
    WrongLength,
)
from atelier.testing.provider.injections import Injected, Injection
from atelier.testing.provider.obedient import ChangingModel
from atelier.testing.provider.refusals import (
    EchoedKey,
    ErrorStatus,
    GatewayPage,
    HeaderBomb,
    RateLimit,
    Redirect,
    SkewedDate,
)
from atelier.testing.provider.streams import StreamFault, StreamFlaw

Where = Literal["both", "plain", "stream"]
_HUGE = 10**15
_FOREIGN = "http://127.0.0.2:9/v1/elsewhere"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: its row, its name, how the provider behaves, and which requests it concerns.

    `ends` says whether a client without a deadline of its own gets to the end of it.
    """

    row: str
    name: str
    behaviour: Behaviour
    where: Where = "both"
    ends: bool = True


def _rate_limits() -> Iterator[Fault]:
    told = {
        "seconds": RateLimit("2"),
        "date": RateLimit(date_in=2),
        "milliseconds": RateLimit(retry_after_ms="1500"),
        "zero": RateLimit("0"),
        "negative": RateLimit("-5"),
        "words": RateLimit("soon"),
        "an hour": RateLimit("3600"),
        "NaN": RateLimit("NaN"),
        "infinity": RateLimit("inf"),
        "nothing": RateLimit(),
    }
    yield from (Fault("P1", f"retry after: {name}", one) for name, one in told.items())


def _unavailable() -> Iterator[Fault]:
    for failure in (
        Failure.SERVER,
        Failure.BAD_GATEWAY,
        Failure.UNAVAILABLE,
        Failure.GATEWAY_TIMEOUT,
        Failure.OVERLOADED,
    ):
        yield Fault("P2", failure.value, ErrorStatus(failure))
    yield Fault("P2", "status 529", ErrorStatus(Failure.OVERLOADED, status=529))
    yield Fault("P2", "error after the work was done", ErrorStatus(Failure.SERVER, worked=True))
    yield Fault("P2", "gateway page", GatewayPage())
    yield Fault("P2", "page with status 200", GatewayPage(200, "Welcome"))
    yield Fault("P2", "wrong content type", ContentType())


def _refused() -> Iterator[Fault]:
    for failure in (
        Failure.BAD_REQUEST,
        Failure.BAD_KEY,
        Failure.PAYMENT,
        Failure.QUOTA,
        Failure.FORBIDDEN,
        Failure.NO_MODEL,
        Failure.TOO_LARGE,
        Failure.UNPROCESSABLE,
        Failure.CONTEXT_WINDOW,
    ):
        yield Fault("P3", failure.value, ErrorStatus(failure))
    yield Fault("P4", "proxy wants a password", ErrorStatus(Failure.PROXY))


def _cut_off() -> Iterator[Fault]:
    yield Fault("P5", "reset after the request", Reset())
    yield Fault("P5", "end after the request", Eof())
    yield Fault("P5", "reset after the head", Reset(after=0))
    yield Fault("P5", "end after the head", Eof(after=0))
    yield Fault("P6", "no byte", Hang(), ends=False)
    yield Fault("P6", "no byte after the head", Hang(after=0), ends=False)
    yield Fault("P6", "no byte in the middle", Hang(after=2), ends=False)
    yield Fault("P6", "a byte a second", Drip(), ends=False)
    yield Fault("P6", "comments for ever", KeepAlive(), ends=False)


def _streams() -> Iterator[Fault]:
    yield Fault("P7", "reset in the middle", Reset(after=3), "stream")
    yield Fault("P7", "end in the middle", Eof(after=3), "stream")
    for flaw in StreamFlaw:
        yield Fault("P7", flaw.value, StreamFault(flaw), "stream")
    for failure in (Failure.RATE_LIMIT, Failure.SERVER, Failure.QUOTA):
        fault = StreamFault(StreamFlaw.ERROR_EVENT, failure)
        yield Fault("P7", f"an error in the middle: {failure.value}", fault, "stream")
    split = Text("Größe, naïveté, 東京, \U0001f30d.") | SplitCharacters()
    yield Fault("P7", "characters cut apart", split)


def _bodies() -> Iterator[Fault]:
    told: dict[str, Behaviour] = {
        "truncated JSON": TruncatedBody(),
        "empty body": TruncatedBody(0),
        "gzip cut": CutGzip(),
        "gzip that is none": CutGzip(0),
        "chunk size too long": WrongChunkSize(7),
        "chunk size too short": WrongChunkSize(-7),
        "huge body": HugeBody(),
        "a million tiny chunks": HugeBody(1_000_000) | TinyChunks(),
        "header bomb": HeaderBomb(),
        "one endless header": HeaderBomb(1, 1_000_000),
    }
    yield from (Fault("P8", name, one) for name, one in told.items())
    yield Fault("P8", "length too long", WrongLength(10), "plain")
    yield Fault("P8", "length too short", WrongLength(-10), "plain")


def _answers() -> Iterator[Fault]:
    yield from (Fault("P9", flaw.value, Flawed(flaw)) for flaw in Flaw)
    told: dict[str, Behaviour] = {
        "length": LengthLimit(),
        "length before the first word": LengthLimit(0),
        "content filter": ContentFilter(),
        "content filter after some words": ContentFilter("It is said that"),
        "refusal": Refusal(),
        "nothing said": EmptyAnswer(),
        "tool call instead of text": ToolUse(),
    }
    yield from (Fault("P10", name, one) for name, one in told.items())


def _usage() -> Iterator[Fault]:
    told: dict[str, dict[str, object] | None] = {
        "missing": {},
        "null": None,
        "zero": {"input": 0, "output": 0, "cached": 0, "reasoning": 0},
        "null counts": {"input": None, "output": None, "cached": None, "reasoning": None},
        "words": {"input": "many", "output": "few", "cached": "some", "reasoning": "none"},
        "negative": {"input": -5, "output": -7, "cached": 0, "reasoning": 0},
        "huge": {"input": _HUGE, "output": _HUGE, "cached": 0, "reasoning": 0},
        "more cached than sent": {"input": 10, "output": 5, "cached": 9000, "reasoning": 0},
        "more reasoning than said": {"input": 10, "output": 5, "cached": 0, "reasoning": 9000},
        "far from the truth": {"input": 5_000, "output": 5_000, "cached": 0, "reasoning": 0},
        "half a token": {"input": 10.5, "output": 5, "cached": 0, "reasoning": 0},
    }
    yield from (Fault("P11", f"usage: {name}", UsageTold(one)) for name, one in told.items())
    yield Fault("P12", "another model answered", Served("another-model-2027-01-01"))
    yield Fault("P12", "another fingerprint", Served(fingerprint="fp_another"))
    yield Fault("P13", "equal requests, different answers", ChangingModel())


def _deceit() -> Iterator[Fault]:
    yield Fault("P15", "the key in the error", EchoedKey())
    yield Fault("P15", "redirect to another host", Redirect(_FOREIGN))
    yield Fault("P15", "redirect that turns into GET", Redirect(_FOREIGN, 302))
    yield Fault("P16", "clock an hour ahead", SkewedDate(3600))
    refused = ErrorStatus(Failure.BAD_KEY) | SkewedDate(3600)
    yield Fault("P16", "key refused by a clock an hour ahead", refused)
    yield Fault("P16", "date by a clock an hour ahead", RateLimit(date_in=2, skew=3600))
    yield Fault("P16", "date by a clock an hour behind", RateLimit(date_in=2, skew=-3600))
    for injection in Injection:
        yield Fault("P17", injection.value, Injected(injection))


_ROWS = (
    _rate_limits,
    _unavailable,
    _refused,
    _cut_off,
    _streams,
    _bodies,
    _answers,
    _usage,
    _deceit,
)
FAULTS: tuple[Fault, ...] = tuple(fault for row in _ROWS for fault in row())
