"""Which fault an error of a provider is: by its own words first, then by its status."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from atelier.models.fault import Fault, Found
from atelier.models.retry_after import parse_duration, parse_retry_after

# What providers call their errors: exact words of `code`, `type`, `status` and `reason`.
_NAMED: Mapping[str, Fault] = {
    "api_key_invalid": Fault.AUTH,
    "authentication_error": Fault.AUTH,
    "invalid_api_key": Fault.AUTH,
    "unauthenticated": Fault.AUTH,
    "billing_error": Fault.QUOTA,
    "billing_hard_limit_reached": Fault.QUOTA,
    "billing_not_active": Fault.QUOTA,
    "credits_exhausted": Fault.QUOTA,
    "insufficient_quota": Fault.QUOTA,
    "quota_exceeded": Fault.QUOTA,
    "context_length_exceeded": Fault.CONTEXT_WINDOW,
    "request_too_large": Fault.CONTEXT_WINDOW,
    "string_above_max_length": Fault.CONTEXT_WINDOW,
    "content_filter": Fault.FILTER,
    "content_policy_violation": Fault.FILTER,
    "responsibleaipolicyviolation": Fault.FILTER,
    "deployment_not_found": Fault.NOT_FOUND,
    "model_not_found": Fault.NOT_FOUND,
    "not_found_error": Fault.NOT_FOUND,
    "not_found": Fault.NOT_FOUND,
    "permission_denied": Fault.PERMISSION,
    "permission_error": Fault.PERMISSION,
    "unsupported_country_region_territory": Fault.PERMISSION,
    "overloaded_error": Fault.OVERLOADED,
    "server_overloaded": Fault.OVERLOADED,
    "unavailable": Fault.OVERLOADED,
    "rate_limit_error": Fault.RATE_LIMIT,
    "rate_limit_exceeded": Fault.RATE_LIMIT,
    "resource_exhausted": Fault.RATE_LIMIT,
    "deadline_exceeded": Fault.TIMEOUT,
    "timeout_error": Fault.TIMEOUT,
    "api_error": Fault.SERVER,
    "internal": Fault.SERVER,
    "internal_error": Fault.SERVER,
    "server_error": Fault.SERVER,
}
# Faults that some providers tell in the sentence alone, under a word that fits anything.
_SAID: Mapping[str, Fault] = {
    "api key not valid": Fault.AUTH,
    "context length": Fault.CONTEXT_WINDOW,
    "context window": Fault.CONTEXT_WINDOW,
    "credit balance": Fault.QUOTA,
    "enable billing": Fault.QUOTA,
    "input token count": Fault.CONTEXT_WINDOW,
    "maximum context": Fault.CONTEXT_WINDOW,
    "prompt is too long": Fault.CONTEXT_WINDOW,
    "too many tokens": Fault.CONTEXT_WINDOW,
}
_BY_STATUS: Mapping[int, Fault] = {
    400: Fault.BAD_REQUEST,
    401: Fault.AUTH,
    402: Fault.QUOTA,
    403: Fault.PERMISSION,
    404: Fault.NOT_FOUND,
    408: Fault.TIMEOUT,
    409: Fault.SERVER,
    410: Fault.NOT_FOUND,
    413: Fault.CONTEXT_WINDOW,
    422: Fault.BAD_REQUEST,
    425: Fault.SERVER,
    429: Fault.RATE_LIMIT,
    503: Fault.OVERLOADED,
    504: Fault.TIMEOUT,
    529: Fault.OVERLOADED,
}
# Whoever gave up or broke down may have done the work before, or have others go on with it.
_IN_DOUBT = frozenset({Fault.SERVER, Fault.TIMEOUT})


def read_error(
    status: int, headers: Mapping[str, str], error: object, *, in_stream: bool = False
) -> tuple[Fault, Found]:
    """The fault of an error answer, and what is known of it.

    Args:
        status: The status of the HTTP answer, also where the error came inside a good one.
        headers: Its headers, with names in lower case.
        error: The parsed body, or whatever of it is the error.
        in_stream: Whether part of an answer had come, so that something may have been billed.

    Example:
        >>> read_error(429, {}, {"error": {"code": "insufficient_quota"}})[0]
        <Fault.QUOTA: 'quota'>
    """
    words = list(_words(error))
    said = _message(error)
    # Some gateways answer 200 and say the status inside.
    status = _inner_status(error) or status if status == 200 else status
    fault = _fault(status, words, said)
    wait = parse_retry_after(headers)
    if wait is None:
        wait = next((parse_duration(text) for name, text in words if name == "retrydelay"), None)
    return fault, Found(
        status=status,
        said=said,
        retry_after=wait,
        in_doubt=in_stream or fault in _IN_DOUBT,
    )


def _fault(status: int, words: list[tuple[str, str]], said: str) -> Fault:
    if 300 <= status < 400:
        return Fault.REDIRECT
    if status == 407:  # a proxy says so, in words of its own, and passed nothing on
        return Fault.CONNECTION
    # A day's quota ends with the day; a minute's is a rate limit like any other.
    if any(name == "quotaid" and "perday" in text for name, text in words):
        return Fault.QUOTA
    named = [_NAMED[text] for _, text in words if text in _NAMED]
    exact = [fault for fault in named if fault not in _VAGUE]
    lowered = said.lower()
    exact = exact or [fault for part, fault in _SAID.items() if part in lowered]
    known = exact or [_BY_STATUS[at] for at in (status,) if at in _BY_STATUS] or named
    return (known or [Fault.BAD_REQUEST if 400 <= status < 500 else Fault.SERVER])[0]


# Words that stand beside the one that tells more, or in its place.
_VAGUE = frozenset({Fault.SERVER, Fault.RATE_LIMIT})
_TOLD = frozenset({"code", "type", "status", "reason", "retrydelay", "quotaid"})


def _words(error: object, depth: int = 6) -> Iterator[tuple[str, str]]:
    """The words of an error that mean something, each with its name, in lower case."""
    if depth and isinstance(error, dict):
        for name, value in cast("dict[str, Any]", error).items():
            if isinstance(value, str) and name.lower() in _TOLD:
                yield name.lower(), value.lower()
            else:
                yield from _words(value, depth - 1)
    elif depth and isinstance(error, list):
        for item in cast("list[Any]", error):
            yield from _words(item, depth - 1)


def _inner_status(error: object) -> int | None:
    told = cast("dict[str, Any]", error) if isinstance(error, dict) else {}
    inner = cast("object", told.get("error", told))
    code = cast("dict[str, Any]", inner).get("code") if isinstance(inner, dict) else None
    return code if isinstance(code, int) and 400 <= code < 600 else None


def _message(error: object, depth: int = 6) -> str:
    """The sentence of an error; nothing where it has none."""
    if isinstance(error, list) and error and depth:
        return _message(cast("list[Any]", error)[0], depth - 1)
    if isinstance(error, str):
        return error
    if not isinstance(error, dict) or not depth:
        return ""
    told = cast("dict[str, Any]", error)
    for name in ("error", "message", "detail"):
        if told.get(name):
            return _message(told[name], depth - 1)
    return ""
