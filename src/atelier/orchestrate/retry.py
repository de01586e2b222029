"""What to do after a failure, as a pure function of its type."""

from enum import StrEnum

from atelier.kernel.errors import RejectedError, StageError, TransientError


class Retry(StrEnum):
    """The next move after a failed attempt."""

    AGAIN = "again"
    WITH_FEEDBACK = "with feedback"
    STOP = "stop"


def decide(error: StageError, *, attempt: int, limit: int) -> Retry:
    """What to do after `error`; a rejected answer goes back to the model with the reason.

    Example:
        >>> decide(TransientError("x.y", "s", next_step="n"), attempt=3, limit=3)
        <Retry.STOP: 'stop'>
    """
    if attempt >= limit:
        return Retry.STOP
    match error:
        case TransientError():
            return Retry.AGAIN
        case RejectedError():
            return Retry.WITH_FEEDBACK
        case _:
            return Retry.STOP


def delay(attempt: int) -> float:
    """Seconds to wait before an attempt is made again: doubling, at most half a minute.

    Example:
        >>> [delay(attempt) for attempt in (1, 2, 3, 10)]
        [0.5, 1.0, 2.0, 30.0]
    """
    return min(0.5 * float(2 ** (attempt - 1)), 30.0)
