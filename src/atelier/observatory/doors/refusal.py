"""What a door answers instead of a page: an error of ours with its HTTP status."""

from collections.abc import Mapping

from atelier.kernel.errors import AtelierError, SetupError


class RefusalError(AtelierError):
    """A request that is not served; the status says to programs what the sentence says to people."""

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        status: int,
        facts: Mapping[str, object] | None = None,
        next_step: str,
    ) -> None:
        super().__init__(code, sentence, facts=facts, next_step=next_step)
        self.status = status


def status_of(error: AtelierError) -> int:
    """The HTTP status of an error: a refusal's own; else whether the caller can mend it.

    Example:
        >>> status_of(SetupError("packet.parameter", "A parameter is missing.", next_step=""))
        422
        >>> status_of(SetupError("ledger.unopened", "The ledger cannot be opened.", next_step=""))
        503
    """
    if isinstance(error, RefusalError):
        return error.status
    if error.code.startswith("ledger."):  # gone, locked or damaged: no other question helps
        return 503
    return 422 if isinstance(error, SetupError) else 500


def not_found(what: str = "page") -> RefusalError:
    """Nothing is there; the answer repeats nothing of what was asked."""
    return RefusalError(
        "door.not_found",
        f"There is no such {what}.",
        status=404,
        next_step="Go back, or begin at the list of runs.",
    )
