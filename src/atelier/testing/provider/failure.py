"""The errors that providers answer with, under one name each; dialects say how they look."""

from enum import StrEnum


class Failure(StrEnum):
    """An error that a provider reports, before a response or inside a stream."""

    BAD_REQUEST = "bad request"
    BAD_KEY = "bad key"
    QUOTA = "quota exhausted"
    PAYMENT = "payment required"
    FORBIDDEN = "forbidden"
    NO_MODEL = "model not found"
    PROXY = "proxy authentication"
    TOO_LARGE = "request too large"
    UNPROCESSABLE = "unprocessable"
    CONTEXT_WINDOW = "context window exceeded"
    RATE_LIMIT = "rate limit"
    SERVER = "server error"
    BAD_GATEWAY = "bad gateway"
    UNAVAILABLE = "unavailable"
    GATEWAY_TIMEOUT = "gateway timeout"
    OVERLOADED = "overloaded"


STATUS: dict[Failure, int] = {
    Failure.BAD_REQUEST: 400,
    Failure.BAD_KEY: 401,
    Failure.QUOTA: 429,
    Failure.PAYMENT: 402,
    Failure.FORBIDDEN: 403,
    Failure.NO_MODEL: 404,
    Failure.PROXY: 407,
    Failure.TOO_LARGE: 413,
    Failure.UNPROCESSABLE: 422,
    Failure.CONTEXT_WINDOW: 400,
    Failure.RATE_LIMIT: 429,
    Failure.SERVER: 500,
    Failure.BAD_GATEWAY: 502,
    Failure.UNAVAILABLE: 503,
    Failure.GATEWAY_TIMEOUT: 504,
    Failure.OVERLOADED: 529,
}
