"""What a row commits to: the content of its leaf."""

from collections.abc import Sequence

from atelier.kernel.canonical import canonical
from atelier.ledger.database import Column
from atelier.ledger.rows import Consumed


def leaf_content(columns: dict[str, Column], consumed: Sequence[Consumed]) -> bytes:
    """The bytes that a row's commitment is made of: every column by name, and every input.

    An input is five texts in a row: their number keeps the list unambiguous.

    Example:
        >>> leaf_content({"seq": 1, "stage": "draft"}, ())
        b'{"kind":"row/1","of":{"consumed":[],"row":{"seq":1,"stage":"draft"}}}'
    """
    inputs = [
        part
        for one in consumed
        for part in (one.parameter, one.supply.value, one.source, one.digest, one.whole)
    ]
    return canonical({"kind": "row/1", "of": {"consumed": inputs, "row": columns}})
