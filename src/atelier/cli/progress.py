"""A run's progress on stderr: one plain line as each stage ends."""

from typing import Protocol

from atelier.cli.console import colored, duration, one_line, say
from atelier.orchestrate.events import RunBegan, RunEvent, StageEnded
from atelier.orchestrate.outcome import StageResult


class Progress(Protocol):
    """Shows a run while it lives."""

    def observe(self, event: RunEvent, /) -> None:
        """Take an event, from any thread."""
        ...

    def stop(self) -> None:
        """Give the terminal back; a second time is as good as once."""
        ...


class Silent:
    """No progress."""

    def observe(self, event: RunEvent, /) -> None:
        """Take an event and say nothing."""

    def stop(self) -> None:
        """Nothing to give back."""


class Lines(Silent):
    """A line a stage, for pipes and logs."""

    def __init__(self) -> None:
        self._width = 0

    def observe(self, event: RunEvent, /) -> None:
        """Print a stage's end."""
        if isinstance(event, RunBegan):
            self._width = max((len(name) for name in event.stages), default=0)
        elif isinstance(event, StageEnded):
            say(stage_line(event.result, self._width), err=True)


def stage_line(result: StageResult, width: int) -> str:
    """How a stage ended, on one line."""
    outcome = result.outcome.value
    space = " " * (7 - len(outcome))
    return (
        f"{result.stage:<{width}}  {colored(outcome)}{space}  "
        f"{duration(result.seconds):>10}  {reason_of(result)}"
    ).rstrip()


def reason_of(result: StageResult) -> str:
    """Why a stage ran or was reused; of a failed one, what went wrong."""
    if result.error is not None and result.outcome.value == "failed":
        return one_line(f"[{result.error['code']}] {result.error['sentence']}")
    without = f" (without {', '.join(result.missing)})" if result.missing else ""
    return one_line(result.reason + without)
