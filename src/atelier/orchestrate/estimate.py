"""What stages are likely to take, from what their executions took before: ranges, never guesses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from atelier.kernel.money import dollars
from atelier.ledger.rows import Outcome, Row

Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The least and the most of each kind; None where nothing is known of it."""

    seconds: Span | None = None
    input_tokens: Span | None = None
    output_tokens: Span | None = None
    micros: Span | None = None

    def as_json(self) -> dict[str, Any]:
        """The ranges as `--json` gives them: dollars as decimal strings."""
        usd = [dollars(round(amount)) for amount in self.micros] if self.micros else None
        return {
            "seconds": _listed(self.seconds),
            "input_tokens": _listed(self.input_tokens),
            "output_tokens": _listed(self.output_tokens),
            "usd": usd,
        }


def estimate(rows: Sequence[Row]) -> Estimate:
    """The ranges of a stage's executions; a row of which something is unknown says nothing of it.

    Example:
        >>> row = Row(run="r", stage="s", outcome=Outcome.RAN, recorded_at="", seconds=2.0)
        >>> estimate([row]).seconds
        (2.0, 2.0)
    """
    ran = [row for row in rows if row.outcome is Outcome.RAN and row.element is None]
    asked = [row for row in ran if row.requests]
    return Estimate(
        seconds=_span(row.seconds for row in ran if row.seconds),
        input_tokens=_span(row.input_tokens for row in asked),
        output_tokens=_span(row.output_tokens for row in asked),
        micros=_span(row.original for row in asked),
    )


def together(estimates: Iterable[Estimate]) -> Estimate:
    """The sums of ranges, over those of which something is known.

    Example:
        >>> parts = [Estimate(seconds=(1.0, 2.0)), Estimate(seconds=(0.5, 4.0)), Estimate()]
        >>> together(parts).seconds
        (1.5, 6.0)
    """
    known = list(estimates)
    return Estimate(
        seconds=_sum(one.seconds for one in known),
        input_tokens=_sum(one.input_tokens for one in known),
        output_tokens=_sum(one.output_tokens for one in known),
        micros=_sum(one.micros for one in known),
    )


def _span(amounts: Iterable[float | None]) -> Span | None:
    known = [amount for amount in amounts if amount is not None]
    return (min(known), max(known)) if known else None


def _sum(spans: Iterable[Span | None]) -> Span | None:
    known = [span for span in spans if span is not None]
    return (sum(low for low, _ in known), sum(high for _, high in known)) if known else None


def _listed(span: Span | None) -> list[float] | None:
    return list(span) if span is not None else None
