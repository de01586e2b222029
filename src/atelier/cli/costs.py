"""Amounts as a person reads them: what was spent, what it may be."""

from collections.abc import Callable

from atelier.kernel.money import dollars
from atelier.orchestrate.estimate import Estimate, Span


def cost(incurred: int | None, avoided: int | None) -> str:
    """What was spent, and what reuse saved.

    Example:
        >>> cost(1_250_000, 0), cost(0, None)
        ('$1.25', '$0 (saved an unknown sum)')
    """
    spent = f"${dollars(incurred)}" if incurred is not None else "unknown"
    if avoided is None:
        return f"{spent} (saved an unknown sum)"
    return f"{spent} (saved ${dollars(avoided)})" if avoided else spent


def told_cost(expected: Estimate) -> str:
    """A range of dollars, or of tokens where no price is known; a dash for what asks nothing.

    Example:
        >>> told_cost(Estimate(output_tokens=(900, 1200)))
        '900 to 1,200 tokens out (price unknown)'
    """
    if expected.micros is not None:
        return told_range(expected.micros, lambda amount: f"${dollars(round(amount))}")
    if expected.output_tokens is not None:
        told = told_range(expected.output_tokens, lambda count: f"{count:,.0f}")
        return f"{told} tokens out (price unknown)"
    return "-"


def told_range(span: Span | None, told: Callable[[float], str]) -> str:
    """A range as people read it; a dash where nothing is known."""
    if span is None:
        return "-"
    low, high = told(span[0]), told(span[1])
    return low if low == high else f"{low} to {high}"
