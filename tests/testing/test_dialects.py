"""Each dialect as its clients read it, over a plain socket."""

from collections.abc import Callable
from json import loads
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from atelier.testing.provider import (
    Answer,
    ContentFilter,
    ErrorStatus,
    Failure,
    FakeProvider,
    LengthLimit,
    Refusal,
    Text,
    Tokens,
    ToolUse,
    Usage,
)

both = pytest.mark.parametrize("manner", ["plain", "stream"])


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str
    kind: str
    count: int


@both
def test_a_text_is_told_whole(
    dialect: str, sent: Callable[..., Any], room: Any, text: Callable[..., str], manner: str
) -> None:
    said = "Größe and naïveté: a longer answer, in several pieces, with 東京 in it."
    with FakeProvider(said) as provider:
        got = room.ask(provider, sent(dialect, stream=manner == "stream"))
    assert got.status == 200
    assert text(dialect, got) == said


@both
@pytest.mark.parametrize("form", ["schema", "tool"])
def test_an_obedient_model_answers_in_the_form_that_was_asked_for(
    dialect: str,
    sent: Callable[..., Any],
    room: Any,
    text: Callable[..., str],
    manner: str,
    form: str,
) -> None:
    with FakeProvider() as provider:
        got = room.ask(provider, sent(dialect, stream=manner == "stream", form=form))
    answer = Wanted.model_validate_json(text(dialect, got))
    assert answer == Wanted(text=answer.text, kind="plain", count=1)
    assert provider.requests[0].stream is (manner == "stream")


@both
def test_equal_prompts_are_answered_equally_in_every_form(
    dialect: str, sent: Callable[..., Any], room: Any, text: Callable[..., str], manner: str
) -> None:
    with FakeProvider() as provider:
        asked = sent(dialect, "What now?", stream=manner == "stream", form="schema")
        first, second = room.ask(provider, asked), room.ask(provider, asked)
        other = room.ask(provider, sent("openai-chat", "What now?", form="tool"))
    assert first.body == second.body
    assert loads(text(dialect, first)) == loads(text("openai-chat", other))


@both
def test_what_a_script_is_asked_is_what_the_request_says(
    dialect: str, sent: Callable[..., Any], room: Any, manner: str
) -> None:
    asked: list[Any] = []
    with FakeProvider(lambda request: asked.append(request) or "Yes.") as provider:
        room.ask(provider, sent(dialect, "What now?", stream=manner == "stream", form="tool"))
    assert (asked[0].dialect, asked[0].model, asked[0].stream) == (dialect, "m", manner == "stream")
    assert asked[0].prompt == "Be terse.\n\nWhat now?"
    assert (asked[0].wanted.kind, asked[0].wanted.name) == ("tool", "final")
    assert set(asked[0].wanted.schema["properties"]) == {"text", "kind", "count"}


def test_the_grammar_of_a_stream_is_that_of_its_dialect(
    sent: Callable[..., Any], room: Any
) -> None:
    with FakeProvider("Two pieces of it.") as provider:
        streams = {
            name: room.ask(provider, sent(name, stream=True)).events
            for name in ("openai-chat", "openai-responses", "anthropic", "google")
        }
    names = {dialect: [name for name, _ in events] for dialect, events in streams.items()}
    chat = [data for _, data in streams["openai-chat"]]
    assert chat[-1] == "[DONE]"
    assert loads(chat[-2])["usage"]["completion_tokens"] == 5
    assert loads(chat[-2])["choices"] == []
    assert loads(chat[-3])["choices"][0]["finish_reason"] == "stop"
    assert names["openai-responses"] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert names["anthropic"] == [
        "message_start",
        "ping",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    google = [loads(data) for _, data in streams["google"]]
    assert ["finishReason" in one["candidates"][0] for one in google] == [False, True]
    assert google[-1]["usageMetadata"]["totalTokenCount"] == 10


FINISHES = {
    "openai-chat": {"length": "length", "filter": "content_filter", "refusal": "stop"},
    "openai-responses": {
        "length": {"reason": "max_output_tokens"},
        "filter": {"reason": "content_filter"},
        "refusal": None,
    },
    "anthropic": {"length": "max_tokens", "filter": "refusal", "refusal": "refusal"},
    "google": {"length": "MAX_TOKENS", "filter": "SAFETY", "refusal": "PROHIBITED_CONTENT"},
}
ENDINGS = {"length": LengthLimit(), "filter": ContentFilter("So"), "refusal": Refusal("No.")}


@both
@pytest.mark.parametrize("ending", ENDINGS)
def test_an_answer_ends_for_a_reason(
    dialect: str, sent: Callable[..., Any], room: Any, manner: str, ending: str
) -> None:
    with FakeProvider(ENDINGS[ending]) as provider:
        got = room.ask(provider, sent(dialect, stream=manner == "stream"))
    documents = [loads(data) for _, data in got.events if data != "[DONE]"] or [got.json]
    told: list[Any] = []
    for one in documents:
        one = one.get("response", one)  # noqa: PLW2901 - the document within the event
        choice = (one.get("choices") or one.get("candidates") or [{}])[0]
        delta: dict[str, Any] = one.get("delta") or {}
        found = (
            choice.get("finish_reason"),
            choice.get("finishReason"),
            one.get("stop_reason"),
            delta.get("stop_reason") if dialect == "anthropic" else None,
            one.get("incomplete_details"),
        )
        told += [reason for reason in found if reason is not None]
    wanted = FINISHES[dialect][ending]
    assert told == ([] if wanted is None else [wanted])


def test_a_refusal_stands_in_the_field_that_a_dialect_has_for_it(
    sent: Callable[..., Any], room: Any
) -> None:
    with FakeProvider(Refusal("No.")) as provider:
        chat = room.ask(provider, sent("openai-chat")).json
        responses = room.ask(provider, sent("openai-responses")).json
    message = chat["choices"][0]["message"]
    assert (message["refusal"], message["content"]) == ("No.", None)
    assert responses["output"][0]["content"] == [{"type": "refusal", "refusal": "No."}]


@both
def test_a_tool_is_called_where_text_was_asked_for(
    dialect: str, sent: Callable[..., Any], room: Any, text: Callable[..., str], manner: str
) -> None:
    with FakeProvider(ToolUse("search", {"query": "rain"})) as provider:
        got = room.ask(provider, sent(dialect, stream=manner == "stream"))
    assert loads(text(dialect, got)) == {"query": "rain"}
    assert b'"search"' in got.body


USAGE = {
    "openai-chat": {"prompt_tokens": 10, "completion_tokens": 7, "total_tokens": 17},
    "openai-responses": {"input_tokens": 10, "output_tokens": 7, "total_tokens": 17},
    "anthropic": {"input_tokens": 6, "cache_read_input_tokens": 4, "output_tokens": 7},
    "google": {"promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 2},
}


def test_the_usage_that_a_script_sets_is_told_as_the_dialect_counts(
    dialect: str, sent: Callable[..., Any], room: Any
) -> None:
    spent = Tokens(input=10, output=7, cached=4, reasoning=2)
    with FakeProvider(Text("Yes.") | Usage(spent)) as provider:
        got = room.ask(provider, sent(dialect)).json
    told = got.get("usage") or got["usageMetadata"]
    assert {name: told[name] for name in USAGE[dialect]} == USAGE[dialect]
    assert provider.bill().tokens == spent


@both
@pytest.mark.parametrize("failure", Failure)
def test_an_error_is_told_as_the_dialect_tells_it(
    dialect: str, sent: Callable[..., Any], room: Any, manner: str, failure: Failure
) -> None:
    with FakeProvider(ErrorStatus(failure)) as provider:
        got = room.ask(provider, sent(dialect, stream=manner == "stream"))
    assert 400 <= got.status < 600
    assert got.json["error"]["message"]
    assert got.headers["content-type"] == "application/json"
    assert provider.bill().requests == 0


def test_a_value_is_given_to_the_tool_or_as_json(
    dialect: str, sent: Callable[..., Any], room: Any, text: Callable[..., str]
) -> None:
    with FakeProvider([Answer({"a": 1}), Answer({"a": 1}), {"a": 1}]) as provider:
        answers = [
            text(dialect, room.ask(provider, sent(dialect, form=form)))
            for form in ("schema", "tool", "")
        ]
    assert [loads(answer) for answer in answers] == [{"a": 1}] * 3
