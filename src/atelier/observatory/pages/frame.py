"""What stands around every page: where the reader is, what they may do, how the ledger stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from atelier.kernel.errors import AtelierError

THEMES = ("light", "dark")
THEME_COOKIE = "atelier-colours"

# The places, in the order in which the head of each page lists them.
PLACES = (
    ("runs", "/", "Runs"),
    ("claims", "/claims", "Claims"),
    ("packets", "/packets", "Packets"),
    ("compare", "/compare", "Compare"),
    ("why", "/why", "Why"),
    ("cost", "/cost", "Cost"),
    ("stages", "/stages", "Stages"),
    ("workflows", "/workflows", "Workflows"),
    ("integrity", "/integrity", "Integrity"),
)
# The mark of each word that has one; any other word is said without.
_OWN = (
    *("running", "complete", "degraded", "partial", "failed", "interrupted"),
    *("ran", "reused", "run-hit", "blocked", "waiting"),
    *("supported", "contested", "contradicted", "unsupported", "unverified", "out_of_scope"),
)
MARKS: Mapping[str, str] = {
    **{word: word for word in _OWN},
    "pass": "pass",
    "warn": "warn",
    "fail": "fail",
    "answered": "pass",
    "received": "pass",
    "rejected": "fail",
    "intent": "waiting",
    "in_doubt": "warn",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The frame of one page. `may_run` and `may_judge` say what forms it offers.

    `trouble` is what keeps the index from the ledger, into which it last looked at `as_of`.
    """

    now: datetime
    as_of: str = ""
    trouble: AtelierError | None = None
    place: str = ""
    theme: str = ""
    title: str = ""
    scope: str = ""
    viewer: str = ""
    may_run: bool = False
    may_judge: bool = False
    places: tuple[tuple[str, str, str], ...] = PLACES
    marks: Mapping[str, str] = field(default_factory=lambda: MARKS)


def theme_of(cookies: Mapping[str, str]) -> str:
    """The colours that a reader chose; none where the system decides.

    Example:
        >>> theme_of({"atelier-colours": "dark"}), theme_of({"atelier-colours": "x"})
        ('dark', '')
    """
    chosen = cookies.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else ""
