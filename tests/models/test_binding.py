"""What `atelier.toml` says of models: read strictly, and only what means something is in a key."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from atelier.kernel.errors import SetupError
from atelier.models import Binding, parse_binding
from atelier.models.binding import check_bindings, find_endpoint, parse_override
from atelier.models.endpoint import PROVIDERS, parse_endpoint
from atelier.models.limits import Limits
from atelier.models.patience import Patience
from atelier.models.price import Price
from atelier.models.provider import open_client
from atelier.models.sampling import MAX_TOKENS
from atelier.project import read_project

HERE = {"url": "http://127.0.0.1:8080/v1", "key": "ACME_KEY"}


def test_a_key_holds_what_means_something_and_nothing_else() -> None:
    plain = parse_binding("writer", {"use": "acme:large", "endpoint": "eu"})
    tuned = parse_binding(
        "writer",
        {
            "use": "acme:large",
            "endpoint": "eu",
            "limits": {"concurrency": 2, "requests_per_minute": 60, "tokens_per_minute": 9},
            "timeout": {"total": 30, "idle": 2.5},
            "stream": True,
            "fallback": ["reader"],
            "max_usd": "0.10",
            "price": {"input": 0.4, "output": "1.6"},
        },
    )
    assert plain.as_json() == {
        "provider": "acme",
        "model": "large",
        "endpoint": "eu",
        "sampling": {"max_tokens": MAX_TOKENS},
    }
    assert tuned.as_json() == plain.as_json()
    assert tuned.limits == Limits(concurrency=2, requests_per_minute=60, tokens_per_minute=9)
    assert tuned.patience == Patience(total=30.0, idle=2.5)
    assert tuned.price == Price(input=Decimal("0.4"), cached=Decimal("0.4"), output=Decimal("1.6"))
    assert (tuned.stream, tuned.fallback, tuned.max_micros) == (True, ("reader",), 100_000)


@pytest.mark.parametrize(
    "more",
    [
        {"use": "acme:small"},
        {"use": "other:large"},
        {"endpoint": "us"},
        {"sampling": {"temperature": 0}},
        {"sampling": {"max_tokens": 9}},
        {"sampling": {"extra": {"top_a": 1}}},
        {"structured": "prompted"},
    ],
)
def test_what_changes_an_answer_changes_the_key(more: dict[str, Any]) -> None:
    before = {"use": "acme:large", "endpoint": "eu"}
    changed = parse_binding("writer", {**before, **more})
    assert changed.as_json() != parse_binding("writer", before).as_json()


@pytest.mark.parametrize(
    ("said", "setting"),
    [
        ({"use": "acme:large", "tempo": 1}, "tempo"),
        ({}, "use"),
        ({"use": "acme"}, "use"),
        ({"use": "acme:"}, "use"),
        ({"use": 1}, "use"),
        ({"use": "a:b", "endpoint": 1}, "endpoint"),
        ({"use": "a:b", "sampling": 1}, "sampling"),
        ({"use": "a:b", "sampling": {"temp": 1}}, "temp"),
        ({"use": "a:b", "sampling": {"temperature": "hot"}}, "temperature"),
        ({"use": "a:b", "sampling": {"temperature": True}}, "temperature"),
        ({"use": "a:b", "sampling": {"max_tokens": 0}}, "max_tokens"),
        ({"use": "a:b", "sampling": {"top_p": 2}}, "top_p"),
        ({"use": "a:b", "sampling": {"top_k": 0}}, "top_k"),
        ({"use": "a:b", "sampling": {"stop_sequences": "x"}}, "stop_sequences"),
        ({"use": "a:b", "sampling": {"stop_sequences": [1]}}, "stop_sequences"),
        ({"use": "a:b", "sampling": {"thinking": "much"}}, "thinking"),
        ({"use": "a:b", "sampling": {"extra": [1]}}, "extra"),
        ({"use": "a:b", "sampling": {"extra": {"x": float("nan")}}}, "extra"),
        ({"use": "a:b", "structured": "yaml"}, "structured"),
        ({"use": "a:b", "limits": {"speed": 1}}, "speed"),
        ({"use": "a:b", "limits": {"concurrency": 0}}, "concurrency"),
        ({"use": "a:b", "limits": {"concurrency": True}}, "concurrency"),
        ({"use": "a:b", "timeout": {"total": -1}}, "total"),
        ({"use": "a:b", "timeout": {"connect": 1}}, "connect"),
        ({"use": "a:b", "stream": "yes"}, "stream"),
        ({"use": "a:b", "fallback": "reader"}, "fallback"),
        ({"use": "a:b", "fallback": [1]}, "fallback"),
        ({"use": "a:b", "max_usd": "much"}, "max_usd"),
        ({"use": "a:b", "max_usd": -1}, "max_usd"),
        ({"use": "a:b", "max_usd": True}, "max_usd"),
        ({"use": "a:b", "max_usd": float("inf")}, "max_usd"),
        ({"use": "a:b", "price": 2}, "price"),
        ({"use": "a:b", "price": {"input": 2}}, "output"),
        ({"use": "a:b", "price": {"output": 2}}, "input"),
        ({"use": "a:b", "price": {"input": -1, "output": 2}}, "input"),
        ({"use": "a:b", "price": {"input": 1, "output": 2, "cached": 3}}, "cached"),
        ({"use": "a:b", "price": {"input": 1, "output": 2, "reasoning": 3}}, "reasoning"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_its_section(
    said: dict[str, Any], setting: str
) -> None:
    with pytest.raises(SetupError) as raised:
        parse_binding("writer", said)
    assert raised.value.code == "models.settings"
    assert raised.value.facts["section"].startswith("[models.writer")
    assert raised.value.facts["setting"] == setting
    assert raised.value.next_step.startswith("Allowed here: ")


@pytest.mark.parametrize(
    ("said", "setting"),
    [
        ({}, "url"),
        ({"url": "ftp://x"}, "url"),
        ({"url": "http://"}, "url"),
        ({"url": "http://user:pass@host/"}, "url"),
        ({"url": "http://[x/"}, "url"),
        ({**HERE, "dialect": "latin"}, "dialect"),
        ({**HERE, "port": 1}, "port"),
        ({**HERE, "limits": {"x": 1}}, "x"),
    ],
)
def test_an_endpoint_is_read_as_strictly(said: dict[str, Any], setting: str) -> None:
    with pytest.raises(SetupError) as raised:
        parse_endpoint("eu", said)
    assert raised.value.facts["setting"] == setting


@pytest.mark.parametrize("pasted", ["sk-canary-0123", "AIzaSyCanary0123", "canary key"])
def test_a_key_that_was_pasted_is_refused_and_not_repeated(pasted: str) -> None:
    with pytest.raises(SetupError) as raised:
        parse_endpoint("eu", {**HERE, "key": pasted})
    assert "anary" not in f"{raised.value} {raised.value.as_json()}"


def test_a_model_is_bound_for_one_run() -> None:
    cents = {"input": 1, "output": 2}
    before = parse_binding(
        "writer", {"use": "acme:large", "endpoint": "eu", "stream": True, "price": cents}
    )
    bindings = {"writer": before}
    same = parse_override("writer=acme:small", bindings)
    assert (same.model, same.endpoint, same.stream) == ("small", "eu", True)
    assert same.price is None, "what one model costs says nothing of another"
    assert parse_override("writer=acme:large", bindings).price == before.price
    other = parse_override("writer=openai:gpt-5:x", bindings)
    assert (other.requested, other.endpoint) == ("openai:gpt-5:x", "")
    assert parse_override("writer=offline", bindings).offline
    assert parse_override("new=openai:gpt-5", {}).sampling == {"max_tokens": MAX_TOKENS}
    for wrong in ("writer", "=a:b", "writer=", "writer=gpt"):
        with pytest.raises(SetupError):
            parse_override(wrong, bindings)


def test_endpoints_and_fallbacks_must_be_there() -> None:
    for more in ({"endpoint": "eu"}, {"fallback": ["reader"]}, {"fallback": ["writer"]}):
        bindings = {"writer": parse_binding("writer", {"use": "acme:large", **more})}
        with pytest.raises(SetupError):
            check_bindings(bindings, {})


def test_a_provider_is_found_by_its_name_or_by_its_endpoint() -> None:
    eu = parse_endpoint("eu", HERE)
    assert find_endpoint(Binding("writer", "acme", "m", endpoint="eu"), {"eu": eu}) is eu
    assert find_endpoint(Binding("writer", "openai", "m"), {}) is PROVIDERS["openai"]
    with pytest.raises(SetupError):
        find_endpoint(Binding("writer", "acme", "m"), {})


def test_a_library_that_is_not_there_is_named_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = open_client(parse_binding("writer", {"use": "openai:gpt-5", "stream": True}), {})
    assert opened.stream
    monkeypatch.setattr("atelier.models.provider.find_spec", lambda _: None)
    with pytest.raises(SetupError) as raised:
        open_client(Binding("writer", "google", "m"), {})
    assert "atelier-harness[google]" in raised.value.next_step


def test_a_project_says_where_and_which_model(tmp_path: Path) -> None:
    (tmp_path / "atelier.toml").write_text(
        '[models.writer]\nuse = "acme:large"\nendpoint = "eu"\nfallback = ["reader"]\n'
        '[models.reader]\nuse = "openai:gpt-5"\n'
        '[endpoints.eu]\nurl = "https://eu.example/v1/"\nkey = "ACME_KEY"\n'
    )
    (tmp_path / "atelier.lock").write_text('["openai:gpt-5"]\nsnapshot = "gpt-5-2026-03-01"\n')
    project = read_project(tmp_path)
    assert project.endpoints["eu"].url == "https://eu.example/v1"
    assert project.bindings["reader"].requested == "openai:gpt-5-2026-03-01"
