"""What is read of a receipt without a library: whole or not, and what it says of itself."""

import random
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.kernel.errors import ExhaustedError, RejectedError
from atelier.models.client import Request
from atelier.models.events import NotAnAnswerError, parse_documents
from atelier.models.fault import Asked, Fault, Found, ModelError, make_error
from atelier.models.http_error import read_error
from atelier.models.reading import dropped_settings, read_outline
from atelier.models.receipt import Receipt
from atelier.models.replay import replayable
from atelier.models.retry_after import CAP, parse_retry_after
from atelier.models.shape import is_wrapped, unwrap, wrap
from atelier.models.told import last, tables
from atelier.models.usage import added
from atelier.models.wait import LONGEST, delay

ASKED = Asked(model="openai:gpt-5-mini")
DIALECTS: tuple[Any, ...] = ("openai", "openai-responses", "anthropic", "google")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "choices",
                    "delta",
                    "message",
                    "usage",
                    "error",
                    "code",
                    "type",
                    "finish_reason",
                    "content",
                    "candidates",
                    "finishReason",
                    "stop_reason",
                    "output",
                    "status",
                    "usageMetadata",
                    "response",
                    "input_tokens",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(st.sampled_from(DIALECTS), st.dictionaries(st.text(max_size=8), JSON) | JSON, st.booleans())
def test_no_document_is_read_as_anything_but_an_outline_or_a_typed_error(
    dialect: Any,
    document: Any,
    stream: bool,  # noqa: FBT001 - given by a strategy
) -> None:
    body = orjson.dumps(document)
    if stream:
        body = b"data: " + body + b"\n\ndata: [DONE]\n\n"
    try:
        read_outline(Receipt(200, {}, body), dialect, ASKED)
    except ModelError:
        return
    replayable(body, dialect)


@given(st.sampled_from(DIALECTS), st.binary(max_size=60), st.integers(100, 599))
def test_no_bytes_are_read_as_anything_but_a_typed_error(
    dialect: Any, body: bytes, status: int
) -> None:
    with pytest.raises(ModelError):
        read_outline(Receipt(status, {}, b"data:" + body), dialect, ASKED)
    with pytest.raises(ModelError):
        read_outline(Receipt(status, {}, body), dialect, ASKED)


def test_an_error_in_an_error_in_an_error_is_still_one() -> None:
    error: Any = "so"
    for _ in range(5000):
        error = {"error": [error]}
    assert read_error(500, {}, error)[0] is Fault.SERVER


@given(st.integers(100, 599), JSON)
def test_every_error_answer_is_some_fault(status: int, error: Any) -> None:
    fault, found = read_error(status, {}, error)
    assert isinstance(make_error(fault, ASKED, found), ModelError)


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_wait_is_a_number_within_its_cap_or_nothing(said: str, date: str) -> None:
    seconds = parse_retry_after({"retry-after": said, "retry-after-ms": date, "date": date})
    assert seconds is None or 0 <= seconds <= CAP


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_stream_is_its_events_however_its_lines_end(end: str) -> None:
    lines = [": hello", "event: a", 'data: {"a":', "data: 1}", "", 'data:{"b": 2}', "", 'data: {"c']
    assert parse_documents(end.join(lines).encode()) == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize(
    "body", [b"[1]", b"1", b"data: [1]\n\n", b"data: \xff\n\n", b"data: x\n\n", b"<html>", b""]
)
def test_what_is_no_object_is_no_answer(body: bytes) -> None:
    with pytest.raises(NotAnAnswerError):
        parse_documents(body)


def whole(**more: Any) -> dict[str, Any]:
    return {"model": "m", "choices": [{"finish_reason": "stop", "message": {}}], **more}


def test_an_end_of_which_nobody_has_heard_is_no_success() -> None:
    strange = whole(choices=[{"finish_reason": "tired", "message": {}}])
    for document in (strange, whole(choices=[]), {"model": "m"}, {}):
        with pytest.raises(ModelError) as raised:
            read_outline(Receipt(200, {}, orjson.dumps(document)), "openai", ASKED)
        assert raised.value.fault in {Fault.PROTOCOL, Fault.CUT}


def test_only_what_a_library_stumbles_over_is_taken_out() -> None:
    good = orjson.dumps(whole(usage={"prompt_tokens": 3, "service": "x"}))
    assert replayable(good, "openai") is good
    odd = b'data: {"usage": {"completion_tokens": -1}}\n\ndata: [DONE]\n\n'
    assert replayable(odd, "openai") == (
        b'data: {"usage":{"completion_tokens":0}}\n\ndata: [DONE]\n\n'
    )
    message = orjson.loads(replayable(b'{"type": "message", "content": []}', "anthropic"))
    assert message["usage"] == {"input_tokens": 0, "output_tokens": 0}


def test_settings_that_were_sent_under_another_name_were_not_dropped() -> None:
    sampling = {"max_tokens": 1, "stop_sequences": ["a"], "top_k": 2, "extra": {}}
    wire = {"max_completion_tokens": 1, "stop": ["a"]}
    assert dropped_settings(Request({"sampling": sampling}, (), {}), wire) == ["top_k"]


def test_parts_of_unknown_documents_are_empty() -> None:
    assert list(tables({"a": 1})) == []
    assert last([], "a") is None
    assert added(-5, 10) == -5


@pytest.mark.parametrize(
    ("schema", "wrapped"),
    [
        ({"$ref": "#/$defs/A", "$defs": {"A": {"type": "object"}}}, False),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"type": "string"}}}, True),
        ({"$ref": "#/$defs/B", "$defs": {"A": {"type": "string"}}}, True),
        ({"anyOf": [{"type": "object"}]}, True),
    ],
)
def test_a_form_that_is_no_object_travels_in_one(schema: dict[str, Any], *, wrapped: bool) -> None:
    assert is_wrapped(schema) is wrapped
    assert wrap(schema)["$defs"] == schema.get("$defs") if "$defs" in schema else True


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"answer": 1e400 }', "1e400"),
        ('{"answer": [12345678901234567890]}', "[12345678901234567890]"),
        ('{"answer": 1, "other": 2}', '{"answer": 1, "other": 2}'),
        ('{"answer": }', '{"answer": }'),
        ("[1]", "[1]"),
    ],
)
def test_an_answer_is_cut_out_as_it_was_said(text: str, answer: str) -> None:
    assert unwrap(text, {"type": "array"}) in {answer, text}
    if "1e400" not in text:
        assert unwrap(text, {"type": "array"}) == answer


@given(st.integers(1, 10**9), st.integers())
def test_a_wait_is_never_longer_than_its_bound(attempt: int, seed: int) -> None:
    chance = random.Random(seed).random  # noqa: S311 - jitter
    untold = make_error(Fault.SERVER, ASKED)
    assert 0 <= delay(attempt, untold, chance=chance) <= LONGEST
    told = make_error(Fault.RATE_LIMIT, ASKED, Found(retry_after=CAP))
    assert CAP <= delay(attempt, told, chance=chance) <= CAP * 1.1
    other = ExhaustedError("x.y", "s", next_step="n")
    assert delay(1, other, chance=lambda: 1.0) == 1.0
    assert not isinstance(untold, RejectedError)
