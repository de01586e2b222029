"""A small ledger with something of everything, and the index of it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from atelier.ledger.memory import MemoryLedger
from atelier.observatory.index.index import Index

sys.path.insert(0, str(Path(__file__).parent))

from index_samples import fill


@pytest.fixture
def ledger() -> MemoryLedger:
    filled = MemoryLedger()
    fill(filled)
    return filled


@pytest.fixture
def index(ledger: MemoryLedger) -> Iterator[Index]:
    made = Index.temporary(ledger, ledger.find_blob)
    made.catch_up()
    yield made
    made.close()
