"""What is wrong with evidence, at the place where it stands."""

from atelier.kernel.errors import SetupError


class EvidenceError(SetupError):
    """A source cannot be read as it stands; `facts["at"]` names the file, the line, the column."""


class MissingEvidenceError(EvidenceError):
    """There is no such file; an optional slice is None then."""
