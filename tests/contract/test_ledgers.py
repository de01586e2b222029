"""Every ledger of ours keeps the contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from atelier.ledger.memory import MemoryLedger
from atelier.ledger.sqlite import SqliteLedger
from atelier.ledger.store import LedgerStore
from atelier.testing import LedgerContract


class TestMemoryLedger(LedgerContract):
    @pytest.fixture
    def ledger(self) -> LedgerStore:
        return MemoryLedger()


class TestSqliteLedger(LedgerContract):
    @pytest.fixture
    def ledger(self, tmp_path: Path) -> Iterator[LedgerStore]:
        ledger = SqliteLedger.open(tmp_path / "home" / "ledger.sqlite")
        yield ledger
        ledger.close()
