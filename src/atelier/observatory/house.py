"""What a handler reads from and acts through: everything that the server was opened with."""

from collections.abc import Callable
from dataclasses import dataclass, field

from atelier.kernel.clock import Clock, SystemClock
from atelier.ledger.store import LedgerStore
from atelier.observatory.index.index import Index
from atelier.observatory.reading.archive import Archive
from atelier.observatory.starting import Starter


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The ledger and its content for reading, and what starts runs, where something may.

    `find` gives the verified bytes of a digest; whoever opened `index` keeps it caught up with the
    ledger. `starter` is None over a copied ledger.
    """

    title: str
    ledger: LedgerStore
    find: Callable[[str], bytes | None] = field(repr=False)
    index: Index = field(repr=False)
    starter: Starter | None = None
    clock: Clock = field(default_factory=SystemClock)

    @property
    def archive(self) -> Archive:
        """The ledger and its content, as the values behind pages are made of."""
        return Archive(self.ledger, self.find)
