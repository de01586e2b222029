import pytest

for suite in (
    "blob_contract",
    "evidence_contract",
    "lease_contract",
    "ledger_contract",
    "run_contract",
    "value_contract",
):
    pytest.register_assert_rewrite(f"atelier.testing.{suite}")
