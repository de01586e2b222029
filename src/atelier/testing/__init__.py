"""For tests, ours and yours: what every store and engine promises, and a scripted model."""

from atelier.kernel.lazy import lazily

__getattr__, __dir__ = lazily(
    __name__,
    {
        "BlobContract": "blob_contract",
        "EngineContract": "engine_contract",
        "LeaseContract": "lease_contract",
        "LedgerContract": "ledger_contract",
        "RecordedModel": "recorded",
        "ScriptedModel": "scripted",
    },
)
