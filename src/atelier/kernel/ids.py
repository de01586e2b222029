"""Identifiers for things that happen (runs, leases), never for values: those are digests."""

from datetime import datetime
from secrets import token_bytes

# Crockford's base 32: no letter is mistaken for a digit.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_run_id(moment: datetime) -> str:
    """A new run id: sortable by millisecond, readable, unique without coordination.

    26 characters as in ULID: 48 bits of time, then 80 random bits.
    """
    number = int(moment.timestamp() * 1000) << 80 | int.from_bytes(token_bytes(10))
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
