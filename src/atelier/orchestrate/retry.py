"""What to do after a failure, as a pure function of its type and of what was tried before."""

from dataclasses import dataclass, replace
from enum import StrEnum

from atelier.kernel.errors import RejectedError, StageError, TransientError
from atelier.models.fault import Fault, ModelError

# A provider that asks for more than this is not waited for: the run goes on without the stage.
LONGEST_WAIT = 120.0


class Retry(StrEnum):
    """The next move after a failed attempt."""

    AGAIN = "again"
    WITH_FEEDBACK = "with feedback"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Tried:
    """How often an ask has failed so far, by what that allows next."""

    transient: int = 0
    in_doubt: int = 0
    rejected: int = 0

    def after(self, error: StageError) -> "Tried":
        """What was tried once this failure is counted."""
        if isinstance(error, RejectedError):
            return replace(self, rejected=self.rejected + 1)
        doubt = isinstance(error, ModelError) and error.in_doubt and not _is_told(error)
        return replace(self, transient=self.transient + 1, in_doubt=self.in_doubt + doubt)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How often an ask may fail and go on.

    `tries` counts answers; a request that went out and found no answer is sent again `in_doubt` times
    and no more.
    """

    tries: int
    transient: int = 5
    in_doubt: int = 1


def decide(error: StageError, tried: Tried, bounds: Bounds) -> Retry:
    """What to do after `error`, which `tried` counts already.

    Example:
        >>> limit = TransientError("x.y", "s", next_step="n")
        >>> decide(limit, Tried(transient=1), Bounds(tries=3))
        <Retry.AGAIN: 'again'>
        >>> decide(limit, Tried(transient=5), Bounds(tries=3))
        <Retry.STOP: 'stop'>
    """
    match error:
        case RejectedError() if tried.rejected < bounds.tries:
            return Retry.WITH_FEEDBACK
        case TransientError() if _may_wait(error) and tried.transient < bounds.transient:
            return Retry.AGAIN if tried.in_doubt <= bounds.in_doubt else Retry.STOP
        case _:
            return Retry.STOP


def _is_told(error: ModelError) -> bool:
    """Whether the provider itself says that it failed; billing that is possible, and not usual."""
    return error.fault is Fault.SERVER and (error.status or 0) >= 500


def _may_wait(error: TransientError) -> bool:
    asked = error.retry_after if isinstance(error, ModelError) else None
    return asked is None or asked <= LONGEST_WAIT
