"""The key of a slice's elements, which tells each from every other."""

from collections.abc import Sequence
from typing import Any, cast

from atelier.aggregate.fields import Slice
from atelier.isilon import EvidenceError, Origin
from atelier.kernel.canonical import canonical


def check_keys(field: Slice, elements: Sequence[Any], origins: Sequence[Origin]) -> None:
    """Refuse two elements with one key.

    Raises:
        EvidenceError: there are two, and where they stand.
    """
    dumped: list[Any] = field.elements_form.dump(list(elements))
    seen: dict[str, int] = {}
    for index, element in enumerate(dumped):
        if not isinstance(element, dict) or field.key not in element:
            found, why = index, f"an element has no field {field.key!r}"
        else:
            key = canonical(cast("dict[str, Any]", element)[field.key]).decode()
            found, why = seen.setdefault(key, index), f"{field.key} {key} stands twice"
            if found == index:
                continue
        raise EvidenceError(
            "evidence.key",
            "The key of a slice does not tell its elements apart.",
            facts={
                "slice": field.name,
                "at": _at(origins, index),
                "first": _at(origins, found),
                "why": why,
            },
            next_step="Give each element a key of its own.",
        )


def _at(origins: Sequence[Origin], index: int) -> str:
    return str(origins[index]) if index < len(origins) else "(nowhere)"
