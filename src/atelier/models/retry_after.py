"""How long a provider asks to be left alone."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from math import isfinite

# Whoever asks for more is told of as asking for this: it is never waited for.
CAP = 86_400.0


def parse_retry_after(headers: Mapping[str, str], *, cap: float = CAP) -> float | None:
    """Seconds to wait, at most `cap`; None where nothing usable was said.

    A date counts from the answer's own `Date`, so that a clock that is wrong on either side does
    not matter; without one it says nothing.

    Args:
        headers: The answer's headers, with names in lower case.
        cap: The longest wait.

    Example:
        >>> parse_retry_after({"retry-after": "7"}), parse_retry_after({"retry-after": "soon"})
        (7.0, None)
        >>> parse_retry_after({"retry-after": "Sun, 06 Nov 1994 08:49:47 GMT",
        ...                    "date": "Sun, 06 Nov 1994 08:49:37 GMT"})
        10.0
    """
    in_milliseconds = _number(headers.get("retry-after-ms", ""))
    said = headers.get("retry-after", "")
    if in_milliseconds is not None:
        seconds: float | None = in_milliseconds / 1000
    else:
        seconds = _number(said)
        if seconds is None:
            seconds = _until(said, headers.get("date", ""))
    return None if seconds is None else min(seconds, cap)


def parse_duration(text: str, *, cap: float = CAP) -> float | None:
    """Seconds of a duration written as `34s` or `0.25s`, as an answer's body may have it.

    Example:
        >>> parse_duration("34s"), parse_duration("34")
        (34.0, None)
    """
    seconds = _number(text.removesuffix("s")) if text.endswith("s") else None
    return None if seconds is None else min(seconds, cap)


def _number(text: str) -> float | None:
    # `float` also takes underscores, `nan`, `inf` and digits of other scripts.
    if not text.isascii() or "_" in text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) and value >= 0 else None


def _until(said: str, date: str) -> float | None:
    try:
        wait = (parsedate_to_datetime(said) - parsedate_to_datetime(date)).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return wait if wait >= 0 else None
