"""What every ledger promises, as tests: inherit `LedgerContract` and give it a way to make one."""

import pytest

from atelier.ledger.store import LedgerStore
from atelier.testing.evidence_contract import EvidenceContract
from atelier.testing.run_contract import RunContract
from atelier.testing.tail_contract import TailContract
from atelier.testing.value_contract import ValueContract


class LedgerContract(ValueContract, RunContract, EvidenceContract, TailContract):
    """The promises of `LedgerStore`; a subclass overrides the fixture `ledger`.

    Example:
        class TestMyLedger(LedgerContract):
            @pytest.fixture
            def ledger(self):
                return MyLedger()
    """

    @pytest.fixture
    def ledger(self) -> LedgerStore:
        """An empty ledger of the kind under test."""
        raise NotImplementedError
