"""What a row commits to: the content of its leaf."""

from collections.abc import Mapping, Sequence

from atelier.kernel.canonical import canonical
from atelier.ledger.database import Column
from atelier.ledger.rows import Consumed


def leaf_content(columns: Mapping[str, Column], consumed: Sequence[Consumed]) -> bytes:
    """The bytes that a row's commitment is made of: every column and every input, by name.

    Example:
        >>> leaf_content({"seq": 1, "stage": "draft"}, ())
        b'{"kind":"row/1","of":{"consumed":[],"row":{"seq":1,"stage":"draft"}}}'
    """
    inputs = [
        [entry.parameter, entry.supply.value, entry.source, entry.digest, entry.whole]
        for entry in consumed
    ]
    return canonical({"kind": "row/1", "of": {"consumed": inputs, "row": dict(columns)}})
