"""When a lease may be taken over: its owner is dead, or it has not been renewed for a term."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from atelier.ledger.leases import Owner
from atelier.ledger.owner import boot_id, is_dead

TERM = 30.0


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as it is stored; `renewed` is monotonic time of the owner's boot."""

    owner: Owner
    renewed: float


class LeaseBook:
    """Judges leases without trusting any wall clock.

    Monotonic clocks of one boot agree; a lease of another boot counts from when it was first
    seen unchanged.
    """

    def __init__(
        self,
        *,
        term: float = TERM,
        seconds: Callable[[], float] = monotonic,
        dead: Callable[[Owner], bool] = is_dead,
    ) -> None:
        self.term = term
        self.seconds = seconds
        self._dead = dead
        self._boot = _boot(boot_id())
        self._seen: dict[tuple[str, Lease], float] = {}

    def is_over(self, key: str, lease: Lease) -> bool:
        """Whether a lease may be taken over now."""
        if self._dead(lease.owner):
            return True
        now = self.seconds()
        since = lease.renewed
        if _boot(lease.owner.boot) != self._boot:
            since = self._seen.setdefault((key, lease), now)
        return now - since > self.term


def _boot(text: str) -> str:
    return text.partition("/")[0]
