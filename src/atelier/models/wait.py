"""How long to wait before a request is made again."""

from collections.abc import Callable

from atelier.kernel.errors import StageError
from atelier.models.fault import ModelError

FIRST = 1.0
LONGEST = 60.0


def delay(attempt: int, error: StageError, *, chance: Callable[[], float]) -> float:
    """Seconds to wait after a failed attempt: what the provider asks for, else a share of a doubling.

    What is asked for is waited in full, with up to a tenth more, so that those who were told the
    same do not come back together. Otherwise any share of the doubled time is as good.

    Args:
        attempt: The number of the attempt that failed, from 1.
        error: Why it failed.
        chance: A source of chance from 0 to 1, such as `random.Random(seed).random`.

    Example:
        >>> from atelier.models.fault import Asked, Fault, Found, make_error
        >>> told = make_error(Fault.RATE_LIMIT, Asked(model="a:b"), Found(retry_after=10.0))
        >>> untold = make_error(Fault.SERVER, Asked(model="a:b"))
        >>> delay(3, told, chance=lambda: 0.5), delay(3, untold, chance=lambda: 0.5)
        (10.5, 2.0)
    """
    if isinstance(error, ModelError) and error.retry_after is not None:
        return error.retry_after * (1 + chance() / 10)
    # The exponent is bounded too: a great number of attempts must not overflow.
    return min(FIRST * 2.0 ** min(attempt - 1, 16), LONGEST) * chance()
