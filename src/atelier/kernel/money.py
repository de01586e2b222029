"""Money in integer micros of a US dollar: exact sums, and unknown is None, never zero."""

from collections.abc import Iterable
from decimal import ROUND_CEILING, Context, Decimal

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
