"""What happens in a run, as values: for progress, for tests that assert what ran and why."""

from dataclasses import dataclass

from atelier.orchestrate.outcome import StageResult


@dataclass(frozen=True, slots=True)
class RunBegan:
    """The packet is collected and the run has its id."""

    run: str
    workflow: str
    stages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StageBegan:
    """A stage executes now, for a reason."""

    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class StageEnded:
    """A stage has its value, or will not have one in this run."""

    result: StageResult


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that a person should read."""

    text: str


@dataclass(frozen=True, slots=True)
class RunEnded:
    """Everything is durable."""

    run: str
    status: str


RunEvent = RunBegan | StageBegan | StageEnded | Warned | RunEnded
