from atelier.testing.blob_contract import BlobContract as BlobContract
from atelier.testing.engine_contract import EngineContract as EngineContract
from atelier.testing.lease_contract import LeaseContract as LeaseContract
from atelier.testing.ledger_contract import LedgerContract as LedgerContract
from atelier.testing.recorded import RecordedModel as RecordedModel
from atelier.testing.scripted import ScriptedModel as ScriptedModel
