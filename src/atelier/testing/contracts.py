"""The conformance suites of the stores, for ours and for anybody's own."""

from atelier.testing.blob_contract import BlobContract
from atelier.testing.lease_contract import LeaseContract, MakeLeases
from atelier.testing.ledger_contract import LedgerContract

__all__ = ["BlobContract", "LeaseContract", "LedgerContract", "MakeLeases"]
