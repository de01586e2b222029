"""The server: connections, the script, the book, and that nothing is left of it."""

import asyncio
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import pytest

from atelier.kernel.clock import FixedClock
from atelier.testing.provider import (
    Asked,
    Behaviour,
    FakeProvider,
    Hang,
    Latency,
    ObedientModel,
    Price,
    Text,
    Together,
    closed_port,
)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)


def test_a_sequence_has_a_line_for_each_request(
    sent: Callable[..., Any], room: Any, text: Callable[..., str]
) -> None:
    with FakeProvider(["One.", Text("Two.")]) as provider:
        got = [room.ask(provider, sent("anthropic")) for _ in range(3)]
    assert [text("anthropic", one) for one in got[:2]] == ["One.", "Two."]
    assert (got[2].status, "no line left" in got[2].json["error"]["message"]) == (400, True)
    assert [seen.behaviour for seen in provider.requests] == [Text("One."), Text("Two."), None]


def test_a_function_decides_by_the_request_and_by_its_repeats(
    sent: Callable[..., Any], room: Any, text: Callable[..., str]
) -> None:
    with FakeProvider(lambda asked: f"{asked.prompt[-6:]} {asked.repeat}") as provider:
        got = [room.ask(provider, sent("anthropic", said)) for said in ("Hello.", "Go on.")]
        got += [room.ask(provider, sent("anthropic"))]
    assert [text("anthropic", one) for one in got] == ["Hello. 0", "Go on. 0", "Hello. 1"]


def test_what_a_script_raises_is_raised_at_the_end(sent: Callable[..., Any], room: Any) -> None:
    def play(_: Asked) -> str:
        raise KeyError("mistake")

    provider = FakeProvider(play).__enter__()
    got = room.ask(provider, sent("anthropic"))
    assert (got.status, "KeyError" in got.json["error"]["message"]) == (400, True)
    with pytest.raises(KeyError, match="mistake"):
        provider.__exit__(None, None, None)
    assert len(provider.requests) == 1


class Broken(Behaviour):
    """Fails while it sends."""

    def steps(self, asked: Asked, steps: Iterable[Any]) -> Iterable[Any]:
        yield from list(steps)[:2]
        raise KeyError("mistake")


def test_what_a_behaviour_raises_while_it_sends_is_raised_at_the_end(
    sent: Callable[..., Any], room: Any
) -> None:
    provider = FakeProvider(Broken()).__enter__()
    line = room.line(provider)
    line.send(sent("anthropic").data)
    assert line.rest().ended == "closed"
    with pytest.raises(KeyError, match="mistake"):
        provider.__exit__(None, None, None)


def test_a_failure_of_the_test_itself_is_not_hidden_by_that_of_the_script(
    sent: Callable[..., Any], room: Any
) -> None:
    def play(_: Asked) -> str:
        raise KeyError("mistake")

    def fail(provider: FakeProvider) -> None:
        room.ask(provider, sent("anthropic"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), FakeProvider(play) as provider:
        fail(provider)


def test_a_connection_is_used_again(sent: Callable[..., Any], room: Any) -> None:
    with FakeProvider() as provider:
        line = room.line(provider)
        for _ in range(3):
            line.send(sent("openai-chat").data)
            assert line.response().ended == "open"
        assert len(provider.requests) == 3


def test_requests_that_came_at_once_are_answered_in_turn(
    sent: Callable[..., Any], room: Any
) -> None:
    with FakeProvider(["One.", "Two."]) as provider:
        line = room.line(provider)
        data = sent("anthropic").data
        line.send(data + data.replace(b"host:", b"connection: close\r\nhost:"))
        both = line.rest().data
    assert both.index(b"One.") < both.index(b"Two.")


def test_a_client_that_wants_the_connection_closed_gets_it_closed(
    sent: Callable[..., Any], room: Any
) -> None:
    with FakeProvider() as provider:
        line = room.line(provider)
        line.send(sent("google").data.replace(b"host:", b"connection: close\r\nhost:"))
        assert line.rest().ended == "closed"


def test_a_request_in_chunks_is_a_request(sent: Callable[..., Any], room: Any) -> None:
    head, _, body = sent("openai-chat").data.partition(b"\r\n\r\n")
    head = head.rpartition(b"\r\n")[0] + b"\r\ntransfer-encoding: chunked\r\n\r\n"
    with FakeProvider("Yes.") as provider:
        line = room.line(provider)
        line.send(head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
        assert line.response().status == 200
    assert provider.requests[0].body["model"] == "m"


@pytest.mark.parametrize(
    ("cut", "path"), [(-10, "/v1/messages"), (30, "")], ids=["in the body", "in the head"]
)
def test_a_request_that_breaks_off_is_recorded_and_not_charged(
    sent: Callable[..., Any], room: Any, cut: int, path: str
) -> None:
    with FakeProvider() as provider:
        line = room.line(provider)
        line.send(sent("anthropic").data[:cut])
        line.sock.shutdown(1)
        assert provider.wait_requests(1)
        assert line.rest().data == b""
    seen = provider.requests[0]
    assert (seen.complete, seen.path, seen.charge, seen.behaviour) == (False, path, None, None)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n", 404),
        (b"POST /v1/messages HTTP/1.1\r\ncontent-length: 2\r\n\r\n[]", 400),
        (b"POST /v1/messages HTTP/1.1\r\ncontent-length: 4\r\n\r\noops", 400),
    ],
)
def test_what_no_dialect_understands_gets_no_line_of_the_script(
    sent: Callable[..., Any], room: Any, data: bytes, status: int
) -> None:
    with FakeProvider(["Yes."]) as provider:
        line = room.line(provider)
        line.send(data)
        assert line.response().status == status
        assert room.ask(provider, sent("anthropic")).status == 200


def test_no_record_holds_the_credential(sent: Callable[..., Any], room: Any) -> None:
    with FakeProvider() as provider:
        data = sent("google").data.replace(b"host:", b"x-goog-api-key: AIza-canary\r\nhost:")
        line = room.line(provider)
        line.send(data.replace(b"alt=sse", b"key=AIza-canary"))
        line.response()
    assert provider.requests[0].headers["authorization"] == "***"
    assert "canary" not in repr(provider.requests)


def test_a_record_says_when_and_in_which_order(sent: Callable[..., Any], room: Any) -> None:
    with FakeProvider(clock=FixedClock(NEW_YEAR)) as provider:
        got = room.ask(provider, sent("anthropic"))
        room.ask(provider, sent("google"))
    assert [(one.order, one.at.second) for one in provider.requests] == [(1, 0), (2, 1)]
    assert got.headers["date"] == "Fri, 01 Jan 2027 00:00:00 GMT"


def test_a_line_of_the_script_may_be_for_every_request(sent: Callable[..., Any], room: Any) -> None:
    with FakeProvider(Latency(0.0) | ObedientModel()) as provider:
        assert {room.ask(provider, sent(name)).status for name in ("anthropic", "google")} == {200}
    assert provider.requests[1].behaviour == Together((Latency(0.0), ObedientModel()))


def test_charges_add_up_to_the_cent(sent: Callable[..., Any], room: Any) -> None:
    prices = {"m": Price(input=3_000_000, output=15_000_000)}
    with FakeProvider("four", prices=prices) as provider:
        for _ in range(100):
            room.ask(provider, sent("anthropic", "x" * 400))
    bill = provider.bill()
    # 12 bytes of instructions and 400 of the prompt are 103 tokens, the answer is one.
    assert (bill.tokens.input, bill.tokens.output) == (10_300, 100)
    assert bill.micros == 10_300 * 3 + 100 * 15
    assert bill.cents == 4
    assert sum(seen.charge.micros for seen in provider.requests if seen.charge) == bill.micros


@pytest.mark.slow
def test_a_thousand_requests_at_once_take_little_longer_than_one(
    sent: Callable[..., Any],
) -> None:
    requests = [
        sent("openai-chat", f"Question {number}.").data.replace(
            b"host:", b"connection: close\r\nhost:"
        )
        for number in range(1000)
    ]

    async def one(port: int, data: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(data)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer

    async def everything(port: int) -> list[bytes]:
        return await asyncio.gather(*(one(port, data) for data in requests))

    # Both ends of a thousand connections stand in this process.
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(allowed[0], min(8192, allowed[1])), allowed[1]))
    with FakeProvider(Latency(0.05)) as provider:
        began = perf_counter()
        answers = asyncio.run(everything(urlsplit(provider.url()).port or 0))
        took = perf_counter() - began
    assert {answer[:15] for answer in answers} == {b"HTTP/1.1 200 OK"}
    assert [seen.order for seen in provider.requests] == list(range(1, 1001))
    assert took < 10, "one after the other, the latency alone would be 50 seconds"


def test_a_provider_that_is_closed_leaves_nothing(sent: Callable[..., Any], room: Any) -> None:
    threads, files = threading.active_count(), open_files()
    with FakeProvider(Hang()) as provider:
        lines = [room.line(provider) for _ in range(20)]
        for line in lines[:10]:
            line.send(sent("anthropic").data)
        assert provider.wait_requests(10)
        url = provider.url()
    assert {line.rest().ended for line in lines} <= {"closed", "reset"}
    for line in lines:
        line.sock.close()
    assert (threading.active_count(), open_files()) == (threads, files)
    provider.close()
    assert provider.url() == url, "an address stays known, so that a refused one can be tested"


@pytest.mark.parametrize("where", ["closed provider", "closed port"])
def test_a_closed_address_refuses(where: str, room: Any) -> None:
    with FakeProvider() as provider:
        pass
    address = provider.url() if where == "closed provider" else closed_port()
    with pytest.raises(ConnectionRefusedError):
        asyncio.run(asyncio.open_connection("127.0.0.1", urlsplit(address).port))


def test_a_provider_has_no_address_before_it_is_entered() -> None:
    with pytest.raises(RuntimeError, match="entered"):
        FakeProvider().url()


def test_the_address_fits_the_client_that_asks_for_it() -> None:
    with FakeProvider() as provider:
        root = provider.url()
        urls = [provider.url("openai"), provider.url("anthropic"), provider.url("google")]
    assert urls == [f"{root}/v1", root, root]
    assert root.startswith("http://127.0.0.1:")


def test_waiting_for_requests_ends_without_them() -> None:
    with FakeProvider() as provider:
        assert not provider.wait_requests(1, seconds=0.01)


def test_the_server_needs_no_library_of_a_provider() -> None:
    foreign = ["openai", "anthropic", "google.genai", "pydantic_ai", "httpx2"]
    probe = (
        "import sys, atelier.testing.provider as room\n"
        "[getattr(room, name) for name in dir(room)]\n"
        "with room.FakeProvider(): pass\n"
        f"print([name for name in {foreign} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
