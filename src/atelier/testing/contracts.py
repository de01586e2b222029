"""The conformance suites of the stores, for ours and for anybody's own."""

import pytest

# Before they are imported, so that a failing assert says what differed.
pytest.register_assert_rewrite(
    "atelier.testing.blob_contract",
    "atelier.testing.evidence_contract",
    "atelier.testing.lease_contract",
    "atelier.testing.run_contract",
    "atelier.testing.value_contract",
)

from atelier.testing.blob_contract import BlobContract  # noqa: E402
from atelier.testing.lease_contract import LeaseContract, MakeLeases  # noqa: E402
from atelier.testing.ledger_contract import LedgerContract  # noqa: E402

__all__ = ["BlobContract", "LeaseContract", "LedgerContract", "MakeLeases"]
