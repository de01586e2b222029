"""Where a page ends: the value that it is sorted by and the number of its row, as one word."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Any

import orjson

from atelier.observatory.index.query import FilterError, Plain

_LONGEST = 6000


def write_cursor(value: Plain, number: int) -> str:
    """A place in an order, as a URL holds it.

    Example:
        >>> read_cursor(write_cursor("2026-03-01", 7), text=True)
        ('2026-03-01', 7)
    """
    return urlsafe_b64encode(orjson.dumps([value, number])).decode().rstrip("=")


def read_cursor(cursor: str, *, text: bool, name: str = "after") -> tuple[Plain, int]:
    """The place that a cursor names, in an order by text or by numbers; `name` is what handed it over.

    Raises:
        FilterError: no page gave this cursor.
    """
    try:
        padded = cursor[:_LONGEST] + "=" * (-len(cursor) % 4)
        value, number = orjson.loads(urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, TypeError, NotBase64):
        raise _unknown(cursor, name) from None
    fits = type(value) is str if text else type(value) is float or _is_stored(value)
    if not fits or not _is_stored(number):
        raise _unknown(cursor, name)
    return value, number


def _is_stored(number: Any) -> bool:
    """Whether it is an integer that SQLite keeps."""
    return type(number) is int and -(2**63) <= number < 2**63


def _unknown(cursor: str, name: str) -> FilterError:
    return FilterError(
        "A page goes on from a place that no page of this table gave.",
        name=name,
        given=cursor,
        next_step="Begin at the first page, without `after` and `before`.",
    )
