"""A client that is nothing but a socket, and requests in every dialect."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from json import dumps, loads
from re import findall
from typing import Any
from urllib.parse import urlsplit

import pytest

from atelier.testing.provider import FakeProvider

DIALECTS = ("openai-chat", "openai-responses", "anthropic", "google")
SCHEMA = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "kind": {"enum": ["plain", "odd"]},
        "count": {"type": "integer"},
    },
    "required": ["text", "kind", "count"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Sent:
    """A request in a dialect: where it goes, and its document."""

    path: str
    body: dict[str, Any]
    stream: bool = False

    @property
    def data(self) -> bytes:
        """The request as bytes, whole."""
        body = dumps(self.body).encode()
        head = (
            f"POST {self.path} HTTP/1.1\r\nhost: provider\r\nauthorization: Bearer sk-canary\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@dataclass(frozen=True)
class Got:
    """A response as far as it came: how the connection ended, and what was in it."""

    data: bytes
    ended: str

    @property
    def status(self) -> int:
        return int(self.data.split(b" ", 2)[1])

    @property
    def headers(self) -> dict[str, str]:
        head = self.data.partition(b"\r\n\r\n")[0].decode("latin-1")
        pairs = [line.partition(": ") for line in head.split("\r\n")[1:]]
        return {name: value for name, _, value in pairs}

    @property
    def body(self) -> bytes:
        """The body, out of its chunks where it came in chunks."""
        rest = self.data.partition(b"\r\n\r\n")[2]
        if "transfer-encoding" not in self.headers:
            return rest
        parts: list[bytes] = []
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            parts.append(rest[: int(size, 16)])
            rest = rest[int(size, 16) + 2 :]
        return b"".join(parts)

    @property
    def json(self) -> Any:
        return loads(self.body)

    @property
    def events(self) -> list[tuple[str, str]]:
        """The name and the data of each event of a stream."""
        return findall(r"(?:event: (.*)\n)?data: (.*)\n\n", self.body.decode())


@dataclass
class Line:
    """One connection to a provider."""

    sock: socket.socket

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def response(self) -> Got:
        """One whole response of a connection that stays open."""
        data = b""
        while not _is_whole(data):
            piece = self.sock.recv(1 << 16)
            if not piece:
                return Got(data, "closed")
            data += piece
        return Got(data, "open")

    def begun(self, seconds: float) -> bytes:
        """The first bytes that come, if any come in time."""
        self.sock.settimeout(seconds)
        try:
            return self.sock.recv(1 << 16)
        except (ConnectionResetError, TimeoutError):
            return b""

    def rest(self, seconds: float = 5.0) -> Got:
        """Everything until the connection ends, or until nothing came for a time."""
        self.sock.settimeout(seconds)
        parts: list[bytes] = []
        try:
            while piece := self.sock.recv(1 << 20):
                parts.append(piece)
        except ConnectionResetError:
            return Got(b"".join(parts), "reset")
        except TimeoutError:
            return Got(b"".join(parts), "silent")
        return Got(b"".join(parts), "closed")


def _is_whole(data: bytes) -> bool:
    head, found, body = data.partition(b"\r\n\r\n")
    if not found:
        return False
    if b"transfer-encoding: chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    return len(body) >= int(findall(rb"content-length: (\d+)", head)[0])


@dataclass
class Room:
    """Opens connections, and closes what is still open at the end of a test."""

    lines: list[Line] = field(default_factory=list[Line])

    def line(self, provider: FakeProvider) -> Line:
        port = urlsplit(provider.url()).port
        line = Line(socket.create_connection(("127.0.0.1", port), timeout=10))
        self.lines.append(line)
        return line

    def ask(self, provider: FakeProvider, sent: Sent) -> Got:
        """The response to a request, over a connection of its own."""
        line = self.line(provider)
        line.send(sent.data)
        return line.response()


@pytest.fixture
def room() -> Iterator[Room]:
    opened = Room()
    yield opened
    for line in opened.lines:
        line.sock.close()


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def sent() -> Callable[..., Sent]:
    """Makes a request: `sent(dialect, prompt, stream=, form=)`; a form is schema, tool or json."""
    return _sent


def _sent(dialect: str, prompt: str = "Hello.", *, stream: bool = False, form: str = "") -> Sent:
    path, body = _BODIES[dialect](prompt, form)
    if dialect == "google":
        verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
        return Sent(f"{path}:{verb}", body, stream)
    if dialect == "openai-chat" and stream:
        body = {**body, "stream_options": {"include_usage": True}}
    return Sent(path, {"model": "m", "stream": stream, **body}, stream)


def _chat(prompt: str, form: str) -> tuple[str, dict[str, Any]]:
    forms: dict[str, dict[str, Any]] = {
        "schema": {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "A", "schema": SCHEMA, "strict": False},
            }
        },
        "json": {"response_format": {"type": "json_object"}},
        "tool": {
            "tool_choice": "required",
            "tools": [{"type": "function", "function": {"name": "final", "parameters": SCHEMA}}],
        },
    }
    turns = [{"role": "system", "content": "Be terse."}, {"role": "user", "content": prompt}]
    return "/v1/chat/completions", {"messages": turns, **forms.get(form, {})}


def _responses(prompt: str, form: str) -> tuple[str, dict[str, Any]]:
    forms: dict[str, dict[str, Any]] = {
        "schema": {"text": {"format": {"type": "json_schema", "name": "A", "schema": SCHEMA}}},
        "json": {"text": {"format": {"type": "json_object"}}},
        "tool": {
            "tool_choice": "required",
            "tools": [{"type": "function", "name": "final", "parameters": SCHEMA}],
        },
    }
    turns = [{"role": "user", "content": prompt}]
    return "/v1/responses", {"instructions": "Be terse.", "input": turns, **forms.get(form, {})}


def _anthropic(prompt: str, form: str) -> tuple[str, dict[str, Any]]:
    forms: dict[str, dict[str, Any]] = {
        "schema": {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
        "tool": {
            "tool_choice": {"type": "any"},
            "tools": [{"name": "final", "input_schema": SCHEMA}],
        },
    }
    system = [{"type": "text", "text": "Be terse."}]
    turns = [{"role": "user", "content": [{"type": "text", "text": prompt}]}]
    body = {"max_tokens": 500, "system": system, "messages": turns}
    return "/v1/messages", {**body, **forms.get(form, {})}


def _google(prompt: str, form: str) -> tuple[str, dict[str, Any]]:
    as_json = {"responseMimeType": "application/json"}
    forms: dict[str, dict[str, Any]] = {
        "schema": {"generationConfig": {**as_json, "responseJsonSchema": SCHEMA}},
        "json": {"generationConfig": as_json},
        "tool": {
            "tools": [
                {"functionDeclarations": [{"name": "final", "parameters_json_schema": SCHEMA}]}
            ],
            "toolConfig": {"functionCallingConfig": {"mode": "ANY"}},
        },
    }
    body = {
        "systemInstruction": {"parts": [{"text": "Be terse."}]},
        "contents": [{"role": "user", "parts": [{"text": prompt}]}],
    }
    return "/v1beta/models/m", {**body, **forms.get(form, {})}


_BODIES: dict[str, Callable[[str, str], tuple[str, dict[str, Any]]]] = {
    "openai-chat": _chat,
    "openai-responses": _responses,
    "anthropic": _anthropic,
    "google": _google,
}


def _text(dialect: str, document: Any) -> str:
    """The text of an answer, or the arguments of its tool call as JSON."""
    match dialect:
        case "openai-chat":
            message = document["choices"][0]["message"]
            calls = message.get("tool_calls") or []
            return calls[0]["function"]["arguments"] if calls else message["content"]
        case "openai-responses":
            item = document["output"][0]
            return item.get("arguments") or item["content"][0]["text"]
        case "anthropic":
            block = document["content"][0]
            return block["text"] if block["type"] == "text" else dumps(block["input"])
        case _:
            part = document["candidates"][0]["content"]["parts"][0]
            return part["text"] if "text" in part else dumps(part["functionCall"]["args"])


def _streamed(dialect: str, events: list[tuple[str, str]]) -> str:
    """The text of a stream, put together, or the arguments of its tool call."""
    documents = [loads(data) for _, data in events if data != "[DONE]"]
    match dialect:
        case "openai-chat":
            deltas = [one["choices"][0]["delta"] for one in documents if one["choices"]]
            called = [one["tool_calls"][0]["function"] for one in deltas if "tool_calls" in one]
            return "".join(
                [one.get("content") or "" for one in deltas] + [one["arguments"] for one in called]
            )
        case "openai-responses":
            return "".join(one["delta"] for one in documents if one["type"].endswith(".delta"))
        case "anthropic":
            deltas = [one["delta"] for one in documents if one["type"] == "content_block_delta"]
            return "".join(one.get("text") or one.get("partial_json", "") for one in deltas)
        case _:
            parts = [part for one in documents for part in one["candidates"][0]["content"]["parts"]]
            return "".join(
                part["text"] if "text" in part else dumps(part["functionCall"]["args"])
                for part in parts
            )


@pytest.fixture
def text() -> Callable[[str, Got], str]:
    """Reads the answer out of a response: `text(dialect, got)`."""

    def read(dialect: str, got: Got) -> str:
        if got.headers["content-type"].startswith("text/event-stream"):
            return _streamed(dialect, got.events)
        return _text(dialect, got.json)

    return read
