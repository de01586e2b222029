"""Money adds up exactly, and what is not known is never zero."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.kernel.money import dollars, micros, total

amounts = st.integers(-(10**15), 10**15)


@given(amounts)
def test_micros_come_back_from_their_dollars(amount: int) -> None:
    assert micros(Decimal(dollars(amount) or "")) == amount


@given(st.decimals(0, 1000, places=9))
def test_rounding_never_hides_spend(price: Decimal) -> None:
    assert Decimal(micros(price)) / 1_000_000 >= price


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0"),
        (1, "0.000001"),
        (-1, "-0.000001"),
        (10**6, "1"),
        (-1_500_000, "-1.5"),
        (None, None),
    ],
)
def test_dollars_are_written_exactly(amount: int | None, text: str | None) -> None:
    assert dollars(amount) == text


@given(st.lists(st.one_of(st.none(), amounts)))
def test_a_sum_is_known_only_where_every_part_is(parts: list[int | None]) -> None:
    known = [part for part in parts if part is not None]
    assert total(parts) == (sum(known) if len(known) == len(parts) else None)


def test_a_project_s_own_precision_changes_no_sum() -> None:
    with localcontext(prec=4):
        assert micros(Decimal("19.604832001")) == 19_604_833
