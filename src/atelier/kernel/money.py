"""Money in integer micros of a US dollar: exact sums, and unknown is None, never zero."""

from collections.abc import Iterable
from decimal import ROUND_CEILING, Context, Decimal, InvalidOperation

MICROS = 1_000_000
# A context of our own: a project may set the precision of the thread's.
_EXACT = Context(prec=60)


def micros(dollars: Decimal) -> int:
    """Dollars as micros, rounded up, so that a sum of parts never hides spend.

    Example:
        >>> micros(Decimal("0.0000012"))
        2
    """
    return int(_EXACT.multiply(dollars, MICROS).to_integral_value(rounding=ROUND_CEILING))


def parse_dollars(text: str) -> int:
    """An amount as people write it, in micros.

    Raises:
        ValueError: it is no amount, or a negative one.

    Example:
        >>> parse_dollars("0.25"), parse_dollars("$2")
        (250000, 2000000)
    """
    try:
        amount = Decimal(text.strip().removeprefix("$"))
    except InvalidOperation:
        raise ValueError(f"{text!r} is no amount of dollars") from None
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{text!r} is no amount that can be spent")
    return micros(amount)


def dollars(amount: int | None) -> str | None:
    """Micros as a decimal string of dollars, exact; unknown stays None.

    Example:
        >>> dollars(1_250_000), dollars(0), dollars(None)
        ('1.25', '0', None)
    """
    if amount is None:
        return None
    whole, part = divmod(abs(amount), MICROS)
    text = f"{whole}.{part:06d}".rstrip("0").rstrip(".")
    return f"-{text}" if amount < 0 else text


def total(amounts: Iterable[int | None]) -> int | None:
    """The sum, or None where any part is unknown.

    Example:
        >>> total([1, 2]), total([1, None])
        (3, None)
    """
    known = list(amounts)
    return None if None in known else sum(amount for amount in known if amount is not None)
