"""The values behind the detail pages: pure builders over a ledger and its content."""
