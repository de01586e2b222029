"""Every fault of the table, over a plain socket in every dialect."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from email.utils import parsedate_to_datetime
from json import loads
from time import perf_counter, time
from typing import Any

import pytest

from atelier.testing.provider import (
    FAULTS,
    Comments,
    ContentType,
    CutGzip,
    Drip,
    EchoedKey,
    Eof,
    EventPace,
    Failure,
    FakeProvider,
    Fault,
    GatewayPage,
    Hang,
    HeaderBomb,
    Headers,
    HugeBody,
    KeepAlive,
    Latency,
    ObedientModel,
    RateLimit,
    Redirect,
    Reset,
    SkewedDate,
    SplitCharacters,
    StreamFault,
    StreamFlaw,
    Text,
    TinyChunks,
    TruncatedBody,
    UsageTold,
    WrongChunkSize,
    WrongLength,
)

both = pytest.mark.parametrize("manner", ["plain", "stream"])
SPOKEN = ("openai-chat", "openai-responses", "anthropic", "google")
ROWS = {f"P{number}" for number in range(1, 18)} - {"P14"}
SENTENCE = "A sentence of some length, so that a stream of it has pieces enough to be cut."


def quick(fault: Fault) -> Fault:
    """The fault in a size that a test of every dialect can wait for."""
    smaller = {
        "huge body": HugeBody(1 << 20),
        "a million tiny chunks": HugeBody(10_000) | TinyChunks(),
    }
    return replace(fault, behaviour=smaller.get(fault.name, fault.behaviour))


def test_the_table_has_every_row_but_the_budgets_which_is_the_harness_s() -> None:
    assert {fault.row for fault in FAULTS} == ROWS
    assert len(FAULTS) >= 60
    assert len({(fault.row, fault.name) for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize(
    "fault", [quick(fault) for fault in FAULTS], ids=lambda fault: f"{fault.row} {fault.name}"
)
def test_a_fault_is_recorded_whole_and_charged_if_work_was_done(
    sent: Callable[..., Any], room: Any, fault: Fault
) -> None:
    streams = {"both": (False, True), "plain": (False,), "stream": (True,)}[fault.where]
    asked = [sent(name, stream=stream, form="schema") for name in SPOKEN for stream in streams]
    with FakeProvider(fault.behaviour) as provider:
        lines = [room.line(provider) for _ in asked]
        for line, one in zip(lines, asked, strict=True):
            line.send(one.data)
        assert provider.wait_requests(len(asked))
        statuses = {line.begun(0.2)[9:12] for line in lines}
    assert {seen.dialect for seen in provider.requests} == set(SPOKEN)
    assert all(seen.complete and seen.behaviour == fault.behaviour for seen in provider.requests)
    answered = statuses <= {b"200", b""} and not isinstance(fault.behaviour, GatewayPage)
    worked = answered or "after the work" in fault.name
    assert {seen.charge is not None for seen in provider.requests} == {worked}


@both
def test_what_was_sent_before_a_cut_arrives_and_is_charged(
    dialect: str, sent: Callable[..., Any], room: Any, manner: str
) -> None:
    whole, cuts = Text(SENTENCE), (Reset(after=2), Eof(after=2), Reset(), Eof())
    with FakeProvider([whole, *(whole | cut for cut in cuts)]) as provider:
        asked = sent(dialect, stream=manner == "stream")
        complete = room.ask(provider, asked)
        broken: list[Any] = []
        for _ in cuts:
            line = room.line(provider)
            line.send(asked.data)
            broken.append(line.rest())
    assert [one.ended for one in broken] == ["reset", "closed", "reset", "closed"]
    assert len(broken[1].data) > len(complete.data) / 10
    assert complete.data.startswith(broken[1].data[:15])
    assert not complete.data.endswith(broken[1].data)
    assert [one.data for one in broken[2:]] == [b"", b""]
    assert len({seen.charge for seen in provider.requests}) == 1


@both
def test_a_provider_that_hangs_says_nothing_more_and_is_left(
    dialect: str, sent: Callable[..., Any], room: Any, manner: str
) -> None:
    with FakeProvider([Hang(), Hang(after=0), Hang(after=1), Hang() | Latency(0)]) as provider:
        got: list[Any] = []
        for number in range(4):
            line = room.line(provider)
            line.send(sent(dialect, stream=manner == "stream").data)
            assert provider.wait_requests(number + 1)
            got.append(line.rest(0.1))
            line.sock.close()
    assert {one.ended for one in got} == {"silent"}
    assert (got[0].data, got[1].body, got[3].data) == (b"", b"", b"")
    assert got[2].body
    assert provider.bill().requests == 4


def test_latency_comes_before_the_first_byte(sent: Callable[..., Any], room: Any) -> None:
    with FakeProvider(Latency(0.2)) as provider:
        line = room.line(provider)
        line.send(sent("anthropic").data)
        assert line.rest(0.05).ended == "silent"
        assert line.begun(5)


def test_a_slow_loris_sends_a_byte_at_a_time(sent: Callable[..., Any], room: Any) -> None:
    with FakeProvider([Drip(0.1), Drip(0.0, 7), Drip(0.1, head=False)]) as provider:
        line = room.line(provider)
        line.send(sent("anthropic").data)
        assert len(line.begun(5)) == 1
        assert room.ask(provider, sent("anthropic")).json
        line = room.line(provider)
        line.send(sent("anthropic").data)
        assert b"\r\n\r\n" in line.sock.recv(1 << 16)


def test_an_event_may_take_its_time(sent: Callable[..., Any], room: Any) -> None:
    with FakeProvider(Text("a" * 60) | EventPace(0.02)) as provider:
        began = perf_counter()
        room.ask(provider, sent("google", stream=True))
        assert perf_counter() - began >= 0.1


@both
def test_comments_keep_a_connection_alive_for_ever(
    sent: Callable[..., Any], room: Any, manner: str
) -> None:
    with FakeProvider(KeepAlive(0.01)) as provider:
        line = room.line(provider)
        line.send(sent("openai-chat", stream=manner == "stream").data)
        data = b"".join(line.sock.recv(1 << 16) for _ in range(8))
    body = data.partition(b"\r\n\r\n")[2]
    assert (b": keep-alive" in body, b"data:" in body) == (manner == "stream", False)


def test_comments_between_events_change_nothing(
    sent: Callable[..., Any], room: Any, text: Callable[..., str]
) -> None:
    with FakeProvider(Text(SENTENCE) | Comments()) as provider:
        got = room.ask(provider, sent("anthropic", stream=True))
        plain = room.ask(provider, sent("anthropic"))
    assert text("anthropic", got) == text("anthropic", plain) == SENTENCE
    assert got.body.count(b": keep-alive") == len(got.events)


STREAMS: dict[StreamFlaw, Callable[[list[Any], list[Any]], bool]] = {
    StreamFlaw.NO_FINISH: lambda whole, got: 0 < len(got) < len(whole),
    StreamFlaw.NO_DONE: lambda whole, got: len(got) in {len(whole), len(whole) - 1},
    StreamFlaw.NO_USAGE: lambda whole, got: len(got) in {len(whole), len(whole) - 1},
    StreamFlaw.ERROR_EVENT: lambda whole, got: got[:-1] == whole[: len(got) - 1] != whole,
    StreamFlaw.DUPLICATED: lambda whole, got: len(got) == len(whole) + 1 and set(got) == set(whole),
    StreamFlaw.REORDERED: lambda whole, got: sorted(got) == sorted(whole) and got != whole,
    StreamFlaw.MISSING: lambda whole, got: len(got) == len(whole) - 1 and set(got) < set(whole),
    StreamFlaw.NOTHING: lambda _, got: got == [],
}


@pytest.mark.parametrize("flaw", StreamFlaw)
def test_a_stream_is_spoilt_and_ends_in_order(
    dialect: str, sent: Callable[..., Any], room: Any, flaw: StreamFlaw
) -> None:
    with FakeProvider([Text(SENTENCE), Text(SENTENCE) | StreamFault(flaw)]) as provider:
        whole, got = (room.ask(provider, sent(dialect, stream=True)) for _ in range(2))
    assert got.ended == "open"
    assert STREAMS[flaw](whole.events, got.events)


@pytest.mark.parametrize("flaw", StreamFlaw)
def test_a_flaw_of_streams_leaves_a_plain_answer_whole(
    dialect: str, sent: Callable[..., Any], room: Any, text: Callable[..., str], flaw: StreamFlaw
) -> None:
    with FakeProvider(Text("Whole.") | StreamFault(flaw)) as provider:
        assert text(dialect, room.ask(provider, sent(dialect))) == "Whole."


@both
def test_characters_are_cut_apart_and_none_is_lost(
    dialect: str, sent: Callable[..., Any], room: Any, text: Callable[..., str], manner: str
) -> None:
    said = "Größe 東京 \U0001f30d."
    with FakeProvider(Text(said) | SplitCharacters()) as provider:
        got = room.ask(provider, sent(dialect, stream=manner == "stream"))
    assert text(dialect, got) == said
    if manner == "stream":
        assert b"\xc3\r\n" in got.data


LIMITS: dict[str, tuple[RateLimit, dict[str, str]]] = {
    "seconds": (RateLimit("3600"), {"retry-after": "3600"}),
    "milliseconds": (RateLimit(retry_after_ms="1500"), {"retry-after-ms": "1500"}),
    "words": (RateLimit("soon", retry_after_ms="NaN"), {"retry-after": "soon"}),
    "nothing": (RateLimit(), {}),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_a_rate_limit_says_what_the_script_says(
    dialect: str, sent: Callable[..., Any], room: Any, limit: str
) -> None:
    behaviour, told = LIMITS[limit]
    with FakeProvider(behaviour) as provider:
        got = room.ask(provider, sent(dialect))
    assert got.status == 429
    assert {name: got.headers.get(name) for name in told} == told
    assert told or "retry-after" not in got.headers


def test_a_rate_limit_may_be_a_date_by_another_clock(sent: Callable[..., Any], room: Any) -> None:
    with FakeProvider([RateLimit(date_in=30), RateLimit(date_in=30, skew=3600)]) as provider:
        here, there = (room.ask(provider, sent("anthropic")).headers for _ in range(2))
    for headers, ahead in ((here, 0), (there, 3600)):
        retry = parsedate_to_datetime(headers["retry-after"])
        shown = parsedate_to_datetime(headers["date"])
        assert 28 <= (retry - shown).total_seconds() <= 32
        assert abs(shown.timestamp() - time() - ahead) < 10


def test_a_gateway_answers_in_html(dialect: str, sent: Callable[..., Any], room: Any) -> None:
    with FakeProvider([GatewayPage(), GatewayPage(200, "Welcome")]) as provider:
        got = [room.ask(provider, sent(dialect, stream=True)) for _ in range(2)]
    assert [one.status for one in got] == [502, 200]
    assert {one.headers["content-type"] for one in got} == {"text/html; charset=utf-8"}
    assert b"<h1>200 Welcome</h1>" in got[1].body


def test_headers_say_what_a_script_wants(sent: Callable[..., Any], room: Any) -> None:
    script = [ContentType(), Headers({"x-request-id": "1"}), SkewedDate(3600), HeaderBomb(50, 9)]
    with FakeProvider(script) as provider:
        kind, named, skewed, bomb = (room.ask(provider, sent("anthropic")) for _ in script)
    assert kind.headers["content-type"] == "text/plain"
    assert named.headers["x-request-id"] == "1"
    shown = parsedate_to_datetime(skewed.headers["date"]).timestamp()
    assert 3590 < shown - time() < 3610
    assert sum(name.startswith("x-bomb") for name in bomb.headers) == 50


def test_a_redirect_names_another_host(sent: Callable[..., Any], room: Any) -> None:
    with FakeProvider(Redirect("http://127.0.0.2:9/v1", 302)) as provider:
        got = room.ask(provider, sent("openai-chat", stream=True))
    assert (got.status, got.headers["location"]) == (302, "http://127.0.0.2:9/v1")


def test_the_key_comes_back_in_the_error(dialect: str, sent: Callable[..., Any], room: Any) -> None:
    with FakeProvider(EchoedKey()) as provider:
        got = room.ask(provider, sent(dialect))
    assert (got.status, got.data.count(b"sk-canary")) == (401, 3)
    assert "canary" not in repr(provider.requests)


@both
def test_a_body_is_truncated_behind_a_length_that_fits(
    dialect: str, sent: Callable[..., Any], room: Any, manner: str
) -> None:
    with FakeProvider([ObedientModel(), TruncatedBody()]) as provider:
        whole, got = (room.ask(provider, sent(dialect, stream=manner == "stream")) for _ in "ab")
    assert got.ended == "open"
    assert whole.body.startswith(got.body)
    assert len(got.body) == len(whole.body) // 2


def test_a_length_lies(dialect: str, sent: Callable[..., Any], room: Any) -> None:
    with FakeProvider([WrongLength(10), WrongLength(-10)]) as provider:
        got: list[Any] = []
        for _ in range(2):
            line = room.line(provider)
            line.send(sent(dialect).data)
            got.append(line.rest())
    lies = [int(one.headers["content-length"]) - len(one.body) for one in got]
    assert (lies, {one.ended for one in got}) == ([10, -10], {"closed"})


@both
def test_gzip_is_cut_or_whole(
    dialect: str, sent: Callable[..., Any], room: Any, manner: str
) -> None:
    with FakeProvider([ObedientModel(), CutGzip(1.0), CutGzip()]) as provider:
        plain, packed, cut = (
            room.ask(provider, sent(dialect, stream=manner == "stream")) for _ in range(3)
        )
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    with pytest.raises(EOFError):
        gzip.decompress(cut.body)


@both
@pytest.mark.parametrize("by", [7, -7])
def test_a_chunk_is_not_as_long_as_it_says(
    sent: Callable[..., Any], room: Any, manner: str, by: int
) -> None:
    with FakeProvider(Text(SENTENCE) | WrongChunkSize(by)) as provider:
        line = room.line(provider)
        line.send(sent("openai-chat", stream=manner == "stream").data)
        size, _, rest = line.rest().data.partition(b"\r\n\r\n")[2].partition(b"\r\n")
    assert len(rest.partition(b"\r\n")[0]) == int(size, 16) - by


@both
def test_a_huge_body_is_still_an_answer(
    sent: Callable[..., Any], room: Any, text: Callable[..., str], manner: str
) -> None:
    with FakeProvider(Text("Found.") | HugeBody(3_000_000)) as provider:
        got = room.ask(provider, sent("anthropic", stream=manner == "stream"))
    assert len(got.body) > 2_900_000
    assert text("anthropic", got) == "Found."


@both
def test_tiny_chunks_are_an_answer_in_many_pieces(
    sent: Callable[..., Any], room: Any, text: Callable[..., str], manner: str
) -> None:
    with FakeProvider(Text("Found.") | HugeBody(20_000) | TinyChunks()) as provider:
        got = room.ask(provider, sent("openai-chat", stream=manner == "stream"))
    assert text("openai-chat", got) == "Found."
    assert got.data.count(b"\r\n1\r\n") > 10_000


TOLD = {
    "missing": ({}, [{}]),
    "null": (None, [{"usage": None}, {"usageMetadata": None}]),
}


@pytest.mark.parametrize("told", TOLD)
def test_the_usage_may_be_missing(
    dialect: str, sent: Callable[..., Any], room: Any, told: str
) -> None:
    fields, members = TOLD[told]
    with FakeProvider(UsageTold(fields)) as provider:
        got = room.ask(provider, sent(dialect)).json
        stream = room.ask(provider, sent(dialect, stream=True))
    found = {name: value for name, value in got.items() if name.startswith("usage")}
    assert found in members
    assert stream.status == 200
    assert provider.bill().tokens.input > 0


def test_the_usage_may_be_anything(dialect: str, sent: Callable[..., Any], room: Any) -> None:
    fields = {"input": "many", "output": -5, "cached": 9000, "reasoning": 0}
    with FakeProvider(UsageTold(fields)) as provider:
        got = room.ask(provider, sent(dialect))
    assert b'"many"' in got.body
    assert b":-5" in got.body


@pytest.mark.parametrize("failure", Failure)
def test_an_error_in_a_stream_is_that_of_the_dialect(
    dialect: str, sent: Callable[..., Any], room: Any, failure: Failure
) -> None:
    with FakeProvider(StreamFault(StreamFlaw.ERROR_EVENT, failure)) as provider:
        name, data = room.ask(provider, sent(dialect, stream=True)).events[-1]
    named = {"anthropic": "error", "openai-responses": "error"}
    assert name == named.get(dialect, "")
    told = loads(data)
    assert told.get("error", told)["message"]
    assert provider.bill().requests == 1
