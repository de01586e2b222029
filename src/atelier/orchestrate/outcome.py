"""What a run gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from atelier.kernel.errors import SetupError
from atelier.kernel.money import dollars, total
from atelier.ledger.rows import Outcome, RunStatus
from atelier.orchestrate.estimate import Estimate, together
from atelier.orchestrate.stage import Stage

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """How one stage ended in one run; `output` is a digest, or None where there is no value.

    `expected` is what a stage that asked a model took before, as a plan would have told.
    """

    stage: str
    outcome: Outcome
    reason: str
    key: str | None = None
    output: str | None = None
    requests: int = 0
    incurred: int | None = 0
    avoided: int | None = 0
    seconds: float = 0.0
    sound: bool = True
    unseen: tuple[Mapping[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    error: Mapping[str, Any] | None = None
    expected: Estimate | None = None

    def as_json(self) -> dict[str, Any]:
        """One entry of `stages` in `atelier run --json`."""
        return {
            "stage": self.stage,
            "outcome": self.outcome.value,
            "reason": self.reason,
            "key": self.key,
            "output": self.output,
            "requests": self.requests,
            "incurred_usd": dollars(self.incurred),
            "avoided_usd": dollars(self.avoided),
            "seconds": round(self.seconds, 6),
            **({"expected": self.expected.as_json()} if self.expected else {}),
            **({"missing": list(self.missing)} if self.missing else {}),
            **({"unseen": [dict(item) for item in self.unseen]} if self.unseen else {}),
            **({"error": dict(self.error)} if self.error else {}),
        }


@dataclass(frozen=True, slots=True)
class Emitted:
    """A file that a run left: its path relative to the project, and what was done."""

    path: str
    digest: str
    action: str
    warning: str = ""

    def as_json(self) -> dict[str, Any]:
        """`artefact` in `atelier run --json`."""
        return {"path": self.path, "digest": self.digest, "action": self.action}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Generic[R_co]):
    """One execution of a workflow; `R_co` is the output of its artefact's stage."""

    id: str
    workflow: str
    status: RunStatus
    served: str
    packet: str
    stages: tuple[StageResult, ...]
    artefact: Emitted | None
    served_from: str | None = None
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    artefact_stage: str | None = None
    read: Callable[[str, str], Any] = field(repr=False)

    @property
    def output(self) -> R_co:
        """The value that the artefact prints.

        Raises:
            SetupError: the workflow has no artefact, or its stage has no value in this run.
        """
        if self.artefact_stage is None:
            raise SetupError(
                "run.no_artefact",
                f"The workflow {self.workflow!r} declares no artefact, so its run has no output.",
                next_step="Read a stage's value with run.value(stage).",
            )
        return cast("R_co", self._value(self.artefact_stage))

    def value(self, stage: Stage[..., R]) -> R:
        """The value of a stage in this run (a list of them where it is mapped).

        Raises:
            SetupError: the stage has no value in this run; names its error.
        """
        if not isinstance(stage, Stage):  # pyright: ignore[reportUnnecessaryIsInstance] - users err
            raise SetupError(
                "run.not_a_stage",
                "A value is asked for by its stage, so that it has its type.",
                facts={"got": repr(stage)},
                next_step="Pass the stage itself, as in run.value(draft); result() takes a name.",
            )
        return cast("R", self._value(stage.name))

    def result(self, stage: str) -> StageResult:
        """How a stage ended.

        Raises:
            SetupError: the workflow has no such stage.
        """
        for result in self.stages:
            if result.stage == stage:
                return result
        raise SetupError(
            "run.unknown_stage",
            f"The run has no stage {stage!r}.",
            facts={"stages": ", ".join(result.stage for result in self.stages)},
            next_step="Use one of these names.",
        )

    def _value(self, stage: str) -> Any:
        result = self.result(stage)
        if result.output is None:
            error = result.error or {"code": "", "sentence": result.reason, "next_step": ""}
            code = f"[{error['code']}] " if error["code"] else ""
            facts = {"run": self.id, "outcome": result.outcome.value}
            raise SetupError(
                "run.no_value",
                f"Stage {stage!r} has no value in this run.",
                facts={**facts, "why": f"{code}{error['sentence']}", "mend": error["next_step"]},
                next_step=f"Run `atelier why {self.id} {stage}`.",
            )
        return self.read(stage, result.output)

    @property
    def incurred(self) -> int | None:
        """Micros of a dollar spent by this run; None where a part is unknown."""
        return total(result.incurred for result in self.stages)

    @property
    def avoided(self) -> int | None:
        """Micros that reuse saved this run; None where a part is unknown."""
        return total(result.avoided for result in self.stages)

    @property
    def expected(self) -> Estimate:
        """What the stages that asked a model took before, together."""
        return together(result.expected for result in self.stages if result.expected)

    def as_json(self) -> dict[str, Any]:
        """What `atelier run --json` prints."""
        return {
            "run": self.id,
            "workflow": self.workflow,
            "status": self.status.value,
            "served": self.served,
            "served_from": self.served_from,
            "packet": self.packet,
            "stages": [result.as_json() for result in self.stages],
            "artefact": self.artefact.as_json() if self.artefact else None,
            "incurred_usd": dollars(self.incurred),
            "avoided_usd": dollars(self.avoided),
            "seconds": round(self.seconds, 6),
            "warnings": list(self.warnings),
        }
