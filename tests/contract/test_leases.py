"""Every store of leases of ours keeps the contract."""

from pathlib import Path

import pytest

from atelier.ledger.lease_book import LeaseBook
from atelier.ledger.leases import LeaseStore
from atelier.ledger.memory_leases import MemoryLeases
from atelier.ledger.sqlite_leases import SqliteLeases
from atelier.testing.lease_contract import LeaseContract, MakeLeases


class TestMemoryLeases(LeaseContract):
    @pytest.fixture
    def make(self) -> MakeLeases:
        opened: list[MemoryLeases] = []  # what is in memory is opened once

        def same(book: LeaseBook) -> LeaseStore:
            opened.append(opened[0] if opened else MemoryLeases(book))
            return opened[0]

        return same


class TestSqliteLeases(LeaseContract):
    @pytest.fixture
    def make(self, tmp_path: Path) -> MakeLeases:
        def opened(book: LeaseBook) -> LeaseStore:
            return SqliteLeases(tmp_path / "home" / "leases.sqlite", book)

        return opened
