"""What a request costs, in micros of a dollar, by a table that was installed and never fetched.

A model that is not in the table has no price: that is None, and never zero.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from importlib import import_module
from typing import Any

from atelier.kernel.money import micros
from atelier.models.client import Request
from atelier.models.price import Cost
from atelier.models.usage import Usage

# What a provider adds to a request that is not in it: the frame of each turn, words about tools.
_FRAME = 1024


def find_cost(usage: Usage, *, provider: str, models: Sequence[str], at: datetime) -> Cost | None:
    """What was used costs this; None where the usage or the price is unknown.

    Args:
        usage: Inclusive totals; what is unknown of cached tokens counts as not cached.
        provider: The provider's name.
        models: Names of the model, the one that served first: the first that has a price counts.
        at: When it was asked, since prices change with the years, and at some with the hour.

    Example:
        >>> from datetime import UTC
        >>> at = datetime(2026, 3, 1, tzinfo=UTC)
        >>> find_cost(Usage(input_tokens=1000, output_tokens=100),
        ...           provider="openai", models=["gpt-5-mini"], at=at).micros
        450
        >>> find_cost(Usage(input_tokens=1000), provider="openai", models=["gpt-5-mini"], at=at)
    """
    if usage.input_tokens is None or usage.output_tokens is None:
        return None
    prices = _library()
    if prices is None:
        return None
    counts = {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}
    if usage.cached_tokens:
        counts["cache_read_tokens"] = usage.cached_tokens
    listed = next((model for model in models if _is_listed(provider, model)), None)
    if listed is None:
        return None
    found = prices.calc_price(
        prices.Usage(**counts), listed, provider_id=provider, genai_request_timestamp=at
    )
    return Cost(micros(found.total_price), f"genai-prices {prices.__version__}")


def most_usage(request: Request) -> Usage:
    """The most that a request can use: what is reserved before it is sent.

    Without an output limit the output is unknown, and so is what it costs.

    Example:
        >>> most_usage(Request({"sampling": {"max_tokens": 1000}}, (), {})).output_tokens
        1000
    """
    return Usage(input_tokens=most_input(request), output_tokens=request.max_tokens)


def most_input(request: Request) -> int:
    """A bound that the input's tokens never exceed: no token is shorter than a byte."""
    return len(request.data) + _FRAME


def _library() -> Any:
    """The table, where it is installed; loaded when something has a price."""
    try:
        return import_module("genai_prices")
    except ModuleNotFoundError:
        return None


@lru_cache(maxsize=1024)
def _is_listed(provider: str, model: str) -> bool:
    """Whether the table has a price for a model: it would search all of itself for what it lacks."""
    prices = _library()
    try:
        prices.calc_price(prices.Usage(), model, provider_id=provider)
    except LookupError:
        return False
    return True
