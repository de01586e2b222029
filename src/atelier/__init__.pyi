from atelier import isilon as isilon
from atelier import soqratic as soqratic
from atelier import terra as terra
from atelier import testing as testing
from atelier.aggregate import Derived as Derived
from atelier.aggregate import Obligation as Obligation
from atelier.aggregate import Packet as Packet
from atelier.aggregate import Subject as Subject
from atelier.aggregate import elements as elements
from atelier.aggregate import handles_of as handles_of
from atelier.artefact.passage import Passage as Passage
from atelier.harness import Harness as Harness
from atelier.kernel.errors import AtelierError as AtelierError
from atelier.kernel.errors import ExhaustedError as ExhaustedError
from atelier.kernel.errors import IntegrityError as IntegrityError
from atelier.kernel.errors import RejectedError as RejectedError
from atelier.kernel.errors import SetupError as SetupError
from atelier.kernel.errors import StageError as StageError
from atelier.kernel.errors import TransientError as TransientError
from atelier.kernel.evidence import Citation as Citation
from atelier.kernel.evidence import Cite as Cite
from atelier.kernel.evidence import GroundedClaim as GroundedClaim
from atelier.orchestrate.artefact import Artefact as Artefact
from atelier.orchestrate.excerpt import Excerpt as Excerpt
from atelier.orchestrate.excerpt import Excerpts as Excerpts
from atelier.orchestrate.outcome import Run as Run
from atelier.orchestrate.stage import Aside as Aside
from atelier.orchestrate.stage import Ask as Ask
from atelier.orchestrate.stage import Stage as Stage
from atelier.orchestrate.stage import stage as stage
from atelier.orchestrate.state import RunOptions as RunOptions
from atelier.orchestrate.workflow import Workflow as Workflow

__all__ = [
    "Artefact",
    "Aside",
    "Ask",
    "AtelierError",
    "Citation",
    "Cite",
    "Derived",
    "Excerpt",
    "Excerpts",
    "ExhaustedError",
    "GroundedClaim",
    "Harness",
    "IntegrityError",
    "Obligation",
    "Packet",
    "Passage",
    "RejectedError",
    "Run",
    "RunOptions",
    "SetupError",
    "Stage",
    "StageError",
    "Subject",
    "TransientError",
    "Workflow",
    "elements",
    "handles_of",
    "isilon",
    "soqratic",
    "stage",
    "terra",
    "testing",
]
