"""The protocol of an engine: where stages run, and how user code is called."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from atelier.orchestrate.outcome import StageResult
from atelier.orchestrate.stage import Stage


@dataclass(frozen=True, slots=True)
class Assignment:
    """A stage to be brought to its end: ids and digests only, so that it may cross machines."""

    run: str
    stage: str
    key: str


class Engine(Protocol):
    """Decides where and when; whether a stage must run at all is decided before.

    Keys are content and commits are compare-and-swap, so at-least-once is enough.
    """

    async def execute(
        self, assignment: Assignment, work: Callable[[], Awaitable[StageResult]], /
    ) -> StageResult:
        """Bring a stage to its end, by doing `work` here or by having a peer do the same."""
        ...

    async def call(self, function: Callable[[], Any], stage: Stage[..., Any], /) -> Any:
        """Call user code: coroutine functions on the loop, plain ones in a thread.

        Raises:
            StageError: what the function raised; other exceptions become `stage.raised`.
        """
        ...

    def close(self) -> None:
        """Release threads; nothing is running any more."""
        ...
