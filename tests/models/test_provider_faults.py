"""Every fault of the fake provider, in every dialect, plain and streamed: what it is told as."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from atelier.kernel.errors import RejectedError, TransientError
from atelier.models.fault import RULES
from atelier.models.patience import Patience
from atelier.testing.provider import FAULTS, Fault, HugeBody, TinyChunks

Exchange = Callable[..., Any]
DIALECTS = ("openai", "openai-responses", "anthropic", "google")
KEY = "sk-canary-0123456789abcdef"
GOOD = ""
HURRIED = Patience(total=2.0, idle=0.4)
# What a row of the matrix comes to; a fault of its own name goes before its row.
BY_ROW = {"P1": "rate_limit", "P5": "cut", "P6": "timeout", "P7": "cut", "P8": "protocol"}
BY_NAME = {
    "server error": "server",
    "bad gateway": "server",
    "unavailable": "overloaded",
    "gateway timeout": "timeout",
    "overloaded": "overloaded",
    "status 529": "overloaded",
    "error after the work was done": "server",
    "gateway page": "server",
    "page with status 200": "protocol",
    "wrong content type": GOOD,
    "bad request": "bad_request",
    "bad key": "auth",
    "payment required": "quota",
    "quota exhausted": "quota",
    "forbidden": "permission",
    "model not found": "not_found",
    "request too large": "context_window",
    "unprocessable": "bad_request",
    "context window exceeded": "context_window",
    "proxy wants a password": "connection",
    "no usage": GOOD,
    "an error in the middle: rate limit": "rate_limit",
    "an error in the middle: server error": "server",
    "an error in the middle: quota exhausted": "quota",
    "no event at all": "protocol",
    "characters cut apart": GOOD,
    "length": "length",
    "length before the first word": "length",
    "content filter": "filter",
    "content filter after some words": "filter",
    "refusal": "refusal",
    "nothing said": "empty",
    "tool call instead of text": "tool_call",
    "the key in the error": "auth",
    "redirect to another host": "redirect",
    "redirect that turns into GET": "redirect",
    "key refused by a clock an hour ahead": "auth",
    "date by a clock an hour ahead": "rate_limit",
    "date by a clock an hour behind": "rate_limit",
}
# Where dialects differ: some say less, and some say it otherwise.
BY_DIALECT = {
    ("anthropic", "content filter"): "refusal",
    ("anthropic", "content filter after some words"): "refusal",
    ("google", "refusal"): "filter",
    ("google", "no last event"): GOOD,
}
# Pieces of an answer that came twice, in another order or not at all: what a dialect numbers not,
# nobody can miss. The answer's form is checked by whoever asked for it.
UNSEEN = {"a chunk twice", "two chunks exchanged", "a chunk missing"}
EITHER = {
    "an error in the middle": {"server", "overloaded"},
    "chunk size too long": {"protocol", "cut"},
    "length too long": {"cut"},
    "truncated JSON": {"protocol", "cut"},
    "gzip cut": {"protocol", "cut"},
    # As the machine has time; where it comes whole, the library of Google knows no comments.
    "a million tiny chunks": {GOOD, "timeout", "protocol"},
}


def quick(fault: Fault) -> Fault:
    slow = {"a million tiny chunks": HugeBody(500) | TinyChunks()}
    return replace(fault, behaviour=slow.get(fault.name, fault.behaviour))


def expected(fault: Fault, dialect: str) -> set[str]:
    if fault.name in UNSEEN or fault.row in {"P9", "P11", "P12", "P13", "P17"}:
        return {GOOD}
    if fault.name in EITHER and fault.row in {"P7", "P8"}:
        return EITHER[fault.name]
    by_name = BY_NAME.get(fault.name, BY_ROW.get(fault.row, GOOD))
    return {BY_DIALECT.get((dialect, fault.name), by_name)}


def cases() -> Iterator[Any]:
    for dialect in DIALECTS:
        for stream in (False, True):
            for fault in map(quick, FAULTS):
                if fault.where in {"both", "stream" if stream else "plain"}:
                    name = f"{dialect}-{'stream' if stream else 'plain'}-{fault.row} {fault.name}"
                    yield pytest.param(dialect, fault, stream, id=name)


@pytest.mark.parametrize(("dialect", "fault", "stream"), list(cases()))
def test_a_fault_is_told_as_what_it_is(
    dialect: str, fault: Fault, *, stream: bool, exchange: Exchange
) -> None:
    patience = {} if fault.ends else {"patience": HURRIED}
    got = exchange(dialect, fault.behaviour, stream=stream, **patience)
    assert got.fault in expected(fault, dialect), got.error
    assert got.requests == 1
    error: Any = got.error
    if error is None:
        assert got.response.text
        return
    assert issubclass(type(error), RULES[error.fault].kind)
    assert error.code == f"models.{error.fault.value}"
    # A request that the provider had, and of which no whole answer came, may have been billed.
    lost = not got.receipt
    assert error.in_doubt or not lost
    if fault.row in {"P5", "P6", "P7", "P8"}:
        assert error.in_doubt
        assert issubclass(type(error), TransientError) or got.fault == "quota"
    assert KEY not in f"{error} {error.facts} {error.as_json()} {error.__cause__!r}"
    assert KEY.encode() not in got.receipt + error.partial


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("seconds", 2.0),
        ("date", 2.0),
        ("milliseconds", 1.5),
        ("zero", 0.0),
        ("negative", None),
        ("words", None),
        ("an hour", 3600.0),
        ("NaN", None),
        ("infinity", None),
        ("nothing", None),
    ],
)
def test_a_wait_is_what_the_provider_asked_for(
    dialect: str, name: str, seconds: float | None, *, stream: bool, exchange: Exchange
) -> None:
    fault = next(fault for fault in FAULTS if fault.name == f"retry after: {name}")
    error = exchange(dialect, fault.behaviour, stream=stream).error
    assert error is not None
    assert error.retry_after == seconds


def test_what_an_unusable_answer_used_is_kept(exchange: Exchange) -> None:
    fault = next(fault for fault in FAULTS if fault.name == "length")
    error = exchange("openai", fault.behaviour).error
    assert error.code == "models.length"
    assert error.usage.output_tokens
    assert error.served == "gpt-5-mini"


def test_an_answer_of_another_kind_may_be_asked_for_again(exchange: Exchange) -> None:
    for name in ("nothing said", "tool call instead of text"):
        fault = next(fault for fault in FAULTS if fault.name == name)
        assert isinstance(exchange("anthropic", fault.behaviour).error, RejectedError)
