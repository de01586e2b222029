"""What the provider charges: exact, from a table of prices and the tokens that were used."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from atelier.testing.provider.reply import Tokens

_PER = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Micros of a dollar for a million tokens; cached and reasoning tokens may have their own."""

    input: int = 1_000_000
    output: int = 4_000_000
    cached: int | None = None
    reasoning: int | None = None

    def picos(self, tokens: Tokens) -> int:
        """The charge for some tokens in millionths of a micro, which is exact.

        Example:
            >>> Price(input=2_000_000, output=8_000_000).picos(Tokens(input=3, output=1))
            14000000
        """
        cached = self.input if self.cached is None else self.cached
        reasoning = self.output if self.reasoning is None else self.reasoning
        return (
            (tokens.input - tokens.cached) * self.input
            + tokens.cached * cached
            + (tokens.output - tokens.reasoning) * self.output
            + tokens.reasoning * reasoning
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What one request cost."""

    model: str
    tokens: Tokens
    picos: int

    @property
    def micros(self) -> int:
        """The charge in micros of a dollar, rounded up."""
        return -(-self.picos // _PER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """The sum of charges; `requests` counts those that were charged."""

    requests: int = 0
    tokens: Tokens = field(default_factory=lambda: Tokens(input=0, output=0))
    picos: int = 0

    @property
    def micros(self) -> int:
        """The sum in micros of a dollar, rounded up once."""
        return -(-self.picos // _PER)

    @property
    def cents(self) -> int:
        """The sum in cents, rounded up: what the account is charged."""
        return -(-self.picos // (_PER * 10_000))


def charge(model: str, tokens: Tokens, prices: Mapping[str, Price]) -> Charge:
    """The charge for a request; a model that the table does not name costs the default price."""
    return Charge(model=model, tokens=tokens, picos=prices.get(model, Price()).picos(tokens))


def total(charges: Iterable[Charge]) -> Bill:
    """The bill of these charges.

    Example:
        >>> one = charge("m", Tokens(input=3, output=1), {})
        >>> total([one, one]).micros, total([]).requests
        (14, 0)
    """
    listed = list(charges)
    return Bill(
        requests=len(listed),
        tokens=Tokens(
            input=sum(one.tokens.input for one in listed),
            output=sum(one.tokens.output for one in listed),
            cached=sum(one.tokens.cached for one in listed),
            reasoning=sum(one.tokens.reasoning for one in listed),
        ),
        picos=sum(one.picos for one in listed),
    )
