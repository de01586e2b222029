"""The errors of OpenAI, in both of its dialects."""

from typing import Any

from atelier.testing.provider.asked import Asked
from atelier.testing.provider.failure import STATUS, Failure

# Of each error: its type, its code, its words.
_ERRORS: dict[Failure, tuple[str, str | None, str]] = {
    Failure.BAD_REQUEST: ("invalid_request_error", None, "The request is not valid."),
    Failure.BAD_KEY: (
        "invalid_request_error",
        "invalid_api_key",
        "Incorrect API key provided. It may have been revoked.",
    ),
    Failure.QUOTA: (
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    Failure.PAYMENT: ("billing_error", "billing_hard_limit_reached", "A payment is required."),
    Failure.FORBIDDEN: (
        "invalid_request_error",
        "unsupported_country_region_territory",
        "Country, region, or territory not supported.",
    ),
    Failure.NO_MODEL: (
        "invalid_request_error",
        "model_not_found",
        "The model `{model}` does not exist or you do not have access to it.",
    ),
    Failure.PROXY: ("proxy_error", None, "Proxy authentication required."),
    Failure.TOO_LARGE: ("invalid_request_error", None, "The request is too large."),
    Failure.UNPROCESSABLE: ("invalid_request_error", None, "The request cannot be processed."),
    Failure.CONTEXT_WINDOW: (
        "invalid_request_error",
        "context_length_exceeded",
        "This model's maximum context length is 8192 tokens. Please reduce the length.",
    ),
    Failure.RATE_LIMIT: (
        "requests",
        "rate_limit_exceeded",
        "Rate limit reached for {model} on requests per min.",
    ),
    Failure.SERVER: ("server_error", None, "The server had an error while processing."),
    Failure.BAD_GATEWAY: ("server_error", None, "Bad gateway."),
    Failure.UNAVAILABLE: ("server_error", "service_unavailable", "The service is unavailable."),
    Failure.GATEWAY_TIMEOUT: ("server_error", None, "The gateway timed out."),
    Failure.OVERLOADED: (
        "server_error",
        "server_is_overloaded",
        "The server is currently overloaded with other requests.",
    ),
}


def openai_failure(failure: Failure, asked: Asked) -> tuple[int, Any]:
    """The status and the document of an error.

    Example:
        >>> asked = Asked(dialect="openai-chat", model="m", prompt="")
        >>> status, document = openai_failure(Failure.RATE_LIMIT, asked)
        >>> status, document["error"]["code"]
        (429, 'rate_limit_exceeded')
    """
    kind, code, words = _ERRORS[failure]
    return STATUS[failure], {
        "error": {
            "message": words.format(model=asked.model),
            "type": kind,
            "param": "model" if failure is Failure.NO_MODEL else None,
            "code": code,
        }
    }
