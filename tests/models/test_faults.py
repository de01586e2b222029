"""The table of faults: complete, and its errors carry what the next move needs."""

import copy

import pytest

from atelier.kernel.errors import ExhaustedError, RejectedError, StageError, TransientError
from atelier.models.fault import RULES, Asked, Fault, Found, make_error
from atelier.models.http_error import read_error
from atelier.models.receipt import Receipt, make_receipt, parse_receipt
from atelier.models.retry_after import parse_retry_after
from atelier.models.secret import Secret, find_secret, redact
from atelier.models.usage import Usage, parse_usage

ASKED = Asked(model="openai:gpt-5-mini", model_class="writer", endpoint="eu", key="OPENAI_API_KEY")
KEY = 'sk-canary/"quoted"+0123456789'


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_has_a_rule_and_its_error_says_what_to_do(fault: Fault) -> None:
    found = Found(status=500, said="so", retry_after=2.0, in_doubt=True, partial=b"part")
    error = make_error(fault, ASKED, found)
    assert isinstance(error, StageError)
    assert issubclass(type(error), RULES[fault].kind)
    assert error.code == f"models.{fault.value}"
    assert (error.fault, error.retry_after, error.in_doubt) == (fault, 2.0, True)
    assert error.partial == b"part"
    assert error.facts["model"] == "openai:gpt-5-mini"
    assert "{" not in error.next_step
    kinds = (TransientError, RejectedError, ExhaustedError)
    assert sum(issubclass(type(error), kind) for kind in kinds) == 1


def test_a_message_has_one_form() -> None:
    found = Found(status=429, said="slow down", retry_after=1.5)
    assert str(make_error(Fault.RATE_LIMIT, ASKED, found)) == (
        "[models.rate_limit] The provider takes no more requests for a while.\n"
        "  model class: writer\n"
        "  model:       openai:gpt-5-mini\n"
        "  endpoint:    eu\n"
        "  status:      429\n"
        "  said:        slow down\n"
        "  wait:        1.5 s\n"
        "  Set `limits` in [models.writer] to what your account allows."
    )


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (429, {"error": {"type": "insufficient_quota"}}, Fault.QUOTA),
        (429, {"error": {"status": "RESOURCE_EXHAUSTED"}}, Fault.RATE_LIMIT),
        (
            429,
            {"error": {"details": [{"violations": [{"quotaId": "RequestsPerDayPerProject"}]}]}},
            Fault.QUOTA,
        ),
        (400, {"error": {"code": "context_length_exceeded"}}, Fault.CONTEXT_WINDOW),
        (400, {"error": {"message": "prompt is too long: 9"}}, Fault.CONTEXT_WINDOW),
        (400, {"error": {"details": [{"reason": "API_KEY_INVALID"}]}}, Fault.AUTH),
        (400, [{"error": {"message": "Your credit balance is too low"}}], Fault.QUOTA),
        (401, {"error": {"type": "api_error"}}, Fault.AUTH),
        (404, None, Fault.NOT_FOUND),
        (410, {"detail": "retired"}, Fault.NOT_FOUND),
        (418, "text", Fault.BAD_REQUEST),
        (599, {}, Fault.SERVER),
        (302, {}, Fault.REDIRECT),
        (407, {"error": {"status": "UNAUTHENTICATED"}}, Fault.CONNECTION),
        (200, {"error": {"code": 402}}, Fault.QUOTA),
        (200, {"type": "error", "error": {"type": "overloaded_error"}}, Fault.OVERLOADED),
        (200, {"error": "broken"}, Fault.SERVER),
    ],
)
def test_a_provider_s_words_go_before_its_status(status: int, body: object, fault: Fault) -> None:
    assert read_error(status, {}, body)[0] is fault


def test_a_wait_may_stand_in_the_body() -> None:
    body = {"error": {"details": [{"retryDelay": "34s"}]}}
    assert read_error(429, {}, body)[1].retry_after == 34.0
    assert read_error(429, {"retry-after": "2"}, body)[1].retry_after == 2.0


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0.0),
        ("1e1", 10.0),
        ("1_0", None),
        ("-1", None),
        ("٣", None),
        ("", None),
        ("1e999", None),
        ("soon", None),
        ("Sun, 06 Nov 1994 08:49:47 GMT", None),
        ("Sun, 99 Nov 1994 08:49:47 GMT", None),
    ],
)
def test_only_a_number_of_seconds_is_one(said: str, seconds: float | None) -> None:
    assert parse_retry_after({"retry-after": said}) == seconds


def test_a_date_that_has_passed_is_no_wait() -> None:
    dates = {"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}
    assert parse_retry_after({**dates, "date": "Sun, 06 Nov 1994 08:49:47 GMT"}) is None


def test_a_credential_stands_in_no_receipt_in_any_spelling() -> None:
    secret = Secret(KEY)
    body = f'{{"a": "{KEY}", "b": "sk-canary/\\"quoted\\"+0123456789"}}'.encode()
    headers = [("x-request-id", KEY), ("set-cookie", KEY), ("authorization", KEY)]
    receipt = make_receipt(401, headers, body, secrets=[secret])
    assert b"canary" not in receipt
    assert parse_receipt(receipt).headers == {"x-request-id": "***"}
    assert b"canary" not in redact(b"?key=sk-canary%2F%22quoted%22%2B0123456789", [secret])


def test_a_credential_cannot_be_shown_or_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", f" {KEY}\n")
    secret = find_secret("SOME_KEY")
    assert secret is not None
    assert secret.reveal() == KEY
    assert "canary" not in f"{secret} {secret!r} {[secret]}"
    with pytest.raises(TypeError):
        copy.copy(secret)
    monkeypatch.setenv("SOME_KEY", "  ")
    assert find_secret("SOME_KEY") is None


def test_letters_that_protect_nothing_stay() -> None:
    assert redact(b"next", [Secret("x")]) == b"next"


@pytest.mark.parametrize("body", [b"", b"text", "é".encode(), b"\xff\x00", b'"'])
def test_a_receipt_holds_every_body_exactly(body: bytes) -> None:
    receipt = Receipt(200, {"date": "now"}, body)
    assert parse_receipt(receipt.as_bytes()) == receipt


@pytest.mark.parametrize("value", ["many", -1, 10**15, True, 1.5, 0])
def test_an_implausible_count_is_unknown_and_said_to_be_suspect(value: object) -> None:
    assert parse_usage({"input_tokens": value, "output_tokens": 2}) == (
        Usage(output_tokens=2),
        True,
    )


def test_what_is_not_told_is_unknown_and_not_suspect() -> None:
    assert parse_usage({}) == (Usage(), False)
    assert parse_usage({"input_tokens": None}) == (Usage(), False)
    assert parse_usage({"output_tokens": 0}, said=False) == (Usage(output_tokens=0), False)
