"""What tokens cost: an amount with the table it was read from, and prices that an install sets."""

from dataclasses import dataclass
from decimal import Decimal

from atelier.kernel.money import micros
from atelier.models.section import Section
from atelier.models.usage import Usage

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount, and the table that it was read from."""

    micros: int
    table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Dollars for a million tokens: of the input, of what of it was cached, and of the output."""

    input: Decimal
    cached: Decimal
    output: Decimal

    @property
    def table(self) -> str:
        """The name of this table of one line, as an attempt keeps it."""
        return f"atelier.toml: input {self.input}, cached {self.cached}, output {self.output}"

    def cost(self, usage: Usage) -> Cost | None:
        """What was used costs this; None where it is unknown what was used.

        Example:
            >>> price = Price(input=Decimal("0.5"), cached=Decimal("0.1"), output=Decimal(2))
            >>> price.cost(Usage(input_tokens=1000, cached_tokens=400, output_tokens=10)).micros
            360
        """
        if usage.input_tokens is None or usage.output_tokens is None:
            return None
        cached = usage.cached_tokens or 0
        dollars = (
            (usage.input_tokens - cached) * self.input
            + cached * self.cached
            + usage.output_tokens * self.output
        ) / _MILLION
        return Cost(micros(dollars), self.table)


def parse_price(section: Section) -> Price | None:
    """The price that `[models.<class>.price]` sets; None where it sets none.

    Raises:
        SetupError: an amount that is none, input or output alone, cached above input.

    Example:
        >>> parse_price(Section("models.w.price", {"input": 0.5, "output": 2})).cached
        Decimal('0.5')
    """
    if not section.said:
        return None
    paid, cached, output = map(section.dollars, ("input", "cached", "output"))
    if paid is None or output is None:
        missing = "input" if paid is None else "output"
        raise section.wrong(missing, "it is missing", ["dollars for a million tokens"])
    if cached is not None and cached > paid:  # what is reserved counts all of it as not cached
        raise section.wrong("cached", "it is more than `input`", ["at most what `input` costs"])
    return Price(input=paid, cached=paid if cached is None else cached, output=output)
