"""Prices: exact, rounded up, and unknown where they are unknown."""

import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from atelier.models import Message, Request, Usage
from atelier.models.price import Price
from atelier.models.prices import find_cost, most_input, most_usage

AT = datetime(2026, 3, 1, tzinfo=UTC)
USED = Usage(input_tokens=1000, cached_tokens=100, output_tokens=10, reasoning_tokens=5)


def test_a_cost_names_its_table_and_counts_what_was_cached() -> None:
    cost = find_cost(USED, provider="openai", models=["gpt-5-mini"], at=AT)
    assert cost is not None
    assert cost.micros == 900 * 0.25 + 100 * 0.025 + 10 * 2 + 0.5  # rounded up
    assert cost.table.startswith("genai-prices ")


def test_the_model_that_served_goes_before_the_one_that_was_asked() -> None:
    served = find_cost(USED, provider="openai", models=["gpt-5-mini", "gpt-5"], at=AT)
    asked = find_cost(USED, provider="openai", models=["nobody-knows", "gpt-5"], at=AT)
    assert served is not None
    assert asked is not None
    assert asked.micros > served.micros


@pytest.mark.parametrize(
    ("usage", "provider", "models"),
    [
        (USED, "openai", ["nobody-knows"]),
        (USED, "acme", ["gpt-5-mini"]),
        (USED, "openai", []),
        (Usage(input_tokens=1), "openai", ["gpt-5-mini"]),
        (Usage(output_tokens=1), "openai", ["gpt-5-mini"]),
    ],
)
def test_what_is_unknown_has_no_cost(usage: Usage, provider: str, models: Any) -> None:
    assert find_cost(usage, provider=provider, models=models, at=AT) is None


def test_the_worst_case_is_never_below_the_case() -> None:
    text = "Ein Satz über 東京 und \U0001f30d. " * 50
    request = Request({"sampling": {"max_tokens": 100}}, (Message("user", text),), {})
    worst = find_cost(most_usage(request), provider="openai", models=["gpt-5-mini"], at=AT)
    assert worst is not None
    assert most_input(request) > len(text.encode())
    case = Usage(input_tokens=len(text.encode()), output_tokens=100)
    cost = find_cost(case, provider="openai", models=["gpt-5-mini"], at=AT)
    assert cost is not None
    assert worst.micros >= cost.micros
    without = Request({}, (), {})
    assert find_cost(most_usage(without), provider="openai", models=["gpt-5-mini"], at=AT) is None


def test_a_price_of_ones_own_is_exact_and_names_itself() -> None:
    price = Price(input=Decimal("0.25"), cached=Decimal("0.025"), output=Decimal(2))
    cost = price.cost(USED)
    assert cost is not None
    assert cost.micros == 248, "247.5 micros, rounded up"
    assert cost.table == "atelier.toml: input 0.25, cached 0.025, output 2"
    assert price.cost(Usage(input_tokens=1)) is None
    assert price.cost(Usage(output_tokens=1)) is None
    free = Price(input=Decimal(0), cached=Decimal(0), output=Decimal(0)).cost(USED)
    assert free is not None
    assert free.micros == 0, "said to be free, which is not unknown"


def test_without_the_table_nothing_has_a_price(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    assert find_cost(USED, provider="openai", models=["gpt-5-mini"], at=AT) is None
