"""Numbers as people read them on a picture: amounts, seconds, counts, shares."""

from collections.abc import Callable

Unit = Callable[[float], str]
_MICROS = 1_000_000
_THOUSANDS = ((1e9, "G"), (1e6, "M"), (1e4, "k"))


def count(value: float) -> str:
    """A number of things.

    Example:
        >>> count(0), count(7), count(2.5), count(9_999), count(12_500), count(3_000_000)
        ('0', '7', '2.5', '9999', '12.5k', '3M')
    """
    for size, letter in _THOUSANDS:
        if abs(value) >= size:
            return f"{value / (size if size != 1e4 else 1e3):.3g}{letter}"
    return f"{value:.4g}"


def money(micros: float) -> str:
    """Micros of a dollar.

    Example:
        >>> money(0), money(860), money(35_442), money(1_250_000), money(12_000_000_000)
        ('$0', '$0.00086', '$0.0354', '$1.25', '$12k')
    """
    dollars = micros / _MICROS
    if abs(dollars) >= 1:
        return f"${count(round(dollars, 2))}"
    return (
        f"${dollars:.3g}" if abs(dollars) >= 0.0001 else f"${dollars:.6f}".rstrip("0").rstrip(".")
    )


def seconds(value: float) -> str:
    """A duration.

    Example:
        >>> seconds(0), seconds(0.045), seconds(4.21), seconds(75), seconds(7200)
        ('0 s', '45 ms', '4.2 s', '1 min 15 s', '2 h')
    """
    if value < 0.0995:
        return f"{value * 1000:.0f} ms" if value else "0 s"
    if value < 59.95:
        return f"{value:.2g} s" if value < 10 else f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def share(value: float) -> str:
    """A part of one.

    Example:
        >>> share(0), share(0.123), share(1), share(0.0012)
        ('0%', '12%', '100%', '0.12%')
    """
    percent = value * 100
    return f"{percent:.0f}%" if percent >= 1 or not percent else f"{percent:.2g}%"
