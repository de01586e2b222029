"""Evidence for the review's rules: real elements."""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from atelier.aggregate import Element
from atelier.kernel.digest import digest
from atelier.kernel.evidence import handles

sys.path.insert(0, str(Path(__file__).parents[1] / "terra"))

Build = Callable[..., list[Element]]


def build(pairs: Sequence[tuple[str, Any]], obliged: Sequence[str] = ()) -> list[Element]:
    """Elements of (slice, value) pairs, as a packet would give them."""
    digests = [(name, digest(value)) for name, value in pairs]
    seen = Counter[tuple[str, str]]()
    found: list[Element] = []
    for (name, value), identity, handle in zip(pairs, digests, handles(digests), strict=True):
        seen[identity] += 1
        found.append(
            Element(name, identity[1], seen[identity], value, handle, obliged=name in obliged)
        )
    return found


@pytest.fixture(scope="session")
def elements_of() -> Build:
    return build
