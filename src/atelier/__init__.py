"""Atelier: a harness for multi-stage AI.

The public names; each is imported when it is first used, so that `import atelier` costs nothing.
"""

# `__init__.pyi` is what checkers read.
# pyright: reportUnsupportedDunderAll=false

from atelier.kernel.lazy import lazily

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

__getattr__, __dir__ = lazily(
    __name__,
    {
        "Artefact": "atelier.orchestrate.artefact",
        "Aside": "atelier.orchestrate.stage",
        "Ask": "atelier.orchestrate.stage",
        "AtelierError": "atelier.kernel.errors",
        "Cite": "atelier.kernel.evidence",
        "Citation": "atelier.kernel.evidence",
        "Derived": "atelier.aggregate",
        "Excerpt": "atelier.orchestrate.excerpt",
        "Excerpts": "atelier.orchestrate.excerpt",
        "ExhaustedError": "atelier.kernel.errors",
        "GroundedClaim": "atelier.kernel.evidence",
        "Harness": "atelier.harness",
        "IntegrityError": "atelier.kernel.errors",
        "Obligation": "atelier.aggregate",
        "Packet": "atelier.aggregate",
        "Passage": "atelier.artefact.passage",
        "RejectedError": "atelier.kernel.errors",
        "Run": "atelier.orchestrate.outcome",
        "RunOptions": "atelier.orchestrate.state",
        "SetupError": "atelier.kernel.errors",
        "Stage": "atelier.orchestrate.stage",
        "StageError": "atelier.kernel.errors",
        "Subject": "atelier.aggregate",
        "TransientError": "atelier.kernel.errors",
        "Workflow": "atelier.orchestrate.workflow",
        "elements": "atelier.aggregate",
        "handles_of": "atelier.aggregate",
        "stage": "atelier.orchestrate.stage",
        "isilon": "atelier.isilon",
        "soqratic": "atelier.soqratic",
        "terra": "atelier.terra",
        "testing": "atelier.testing",
    },
)
