"""What a backtest puts in place of what ran: one model class, one prompt, or one stage."""

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from atelier.kernel.errors import SetupError
from atelier.orchestrate.artefact import Artefact
from atelier.orchestrate.stage import Stage
from atelier.orchestrate.workflow import Workflow


class SwapKind(StrEnum):
    """What is swapped."""

    MODEL = "model"
    PROMPT = "prompt"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class Swap:
    """A class and its use, a stage and the file of its prompt, or a stage and `path:name` of another.

    Example:
        >>> Swap.parse(SwapKind.MODEL, "writer=openai:gpt-5-mini").value
        'openai:gpt-5-mini'
    """

    kind: SwapKind
    name: str
    value: str

    @classmethod
    def parse(cls, kind: SwapKind, text: str) -> "Swap":
        """The swap that `NAME=VALUE` says.

        Raises:
            SetupError: it is not written so.
        """
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise SetupError(
                "backtest.swap",
                "A swap says what is put in whose place.",
                facts={"got": f"--{kind.value} {text}"},
                next_step="Write --model CLASS=USE, --prompt STAGE=FILE or --stage STAGE=path:name.",
            )
        return cls(kind, name, value)

    def as_json(self) -> dict[str, str]:
        """The swap as `--json` gives it."""
        return {"kind": self.kind.value, "name": self.name, "value": self.value}


def require_class(workflow: Workflow[Any], name: str) -> None:
    """Refuse to swap a model class that no stage asks.

    Raises:
        SetupError: the workflow would run as it is.
    """
    asked = sorted({stage.model for stage in workflow.stages if stage.model is not None})
    if name not in asked:
        raise SetupError(
            "backtest.unused_class",
            f"No stage of {workflow.name!r} asks the model class {name!r}.",
            facts={"classes": ", ".join(asked) or "(none)"},
            next_step="Name a class that a stage asks.",
        )


def with_prompt(workflow: Workflow[Any], name: str, prompt: Path) -> Workflow[Any]:
    """The workflow with another prompt of one stage.

    Raises:
        SetupError: there is no such stage, or it asks nobody.
    """
    found = _stage(workflow, name)
    if found.prompt is None:
        raise SetupError(
            "backtest.no_prompt",
            f"Stage {name!r} has no prompt that another could stand for.",
            next_step="Name a stage that asks a model.",
        )
    return _with(workflow, found, replace(found, prompt=prompt.resolve()))


def with_stage(workflow: Workflow[Any], name: str, other: Stage[..., Any]) -> Workflow[Any]:
    """The workflow with another stage under the name of one that it has.

    Raises:
        SetupError: there is no stage of this name.
    """
    found = _stage(workflow, name)
    return _with(workflow, found, replace(other, name=name, formerly=found.formerly))


def _stage(workflow: Workflow[Any], name: str) -> Stage[..., Any]:
    found = next((stage for stage in workflow.stages if stage.name == name), None)
    if found is None:
        raise SetupError(
            "backtest.no_stage",
            f"The workflow {workflow.name!r} has no stage {name!r}.",
            facts={"stages": ", ".join(stage.name for stage in workflow.stages)},
            next_step="Use one of these names.",
        )
    return found


def _with(workflow: Workflow[Any], found: Stage[..., Any], other: Stage[..., Any]) -> Workflow[Any]:
    stages = [other if stage is found else stage for stage in workflow.stages]
    artefact = workflow.artefact
    if artefact is None:
        return Workflow(workflow.name, packet=workflow.packet, stages=stages)
    if artefact.stage is found:
        artefact = Artefact(other, artefact.path)
    return Workflow(workflow.name, packet=workflow.packet, stages=stages, artefact=artefact)
