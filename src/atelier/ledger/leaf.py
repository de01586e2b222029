"""What a row commits to: the content of its leaf."""

from collections.abc import Sequence
from itertools import chain

from atelier.kernel.canonical import canonical
from atelier.ledger.database import Column


def leaf_content(columns: dict[str, Column], inputs: Sequence[Sequence[str]]) -> bytes:
    """The bytes that a row's commitment is made of: every column by name, and every input.

    An input is five texts in a row: their number keeps the list unambiguous.

    Example:
        >>> leaf_content({"seq": 1, "stage": "draft"}, ())
        b'{"kind":"row/1","of":{"consumed":[],"row":{"seq":1,"stage":"draft"}}}'
    """
    return canonical({"kind": "row/1", "of": {"consumed": list(chain(*inputs)), "row": columns}})
