"""`atelier models`: the model classes of a project, and the stages that ask them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from atelier.cli.console import emit_json, safe, say, table
from atelier.cli.options import Command, json_option, project_option
from atelier.cli.place import get_place
from atelier.cli.target import load_given
from atelier.models import Binding
from atelier.orchestrate.stage import Stage
from atelier.project import read_project


@click.command(cls=Command)
@click.argument("target", required=False)
@json_option
@project_option
def models(target: str | None, *, as_json: bool, project: Path | None) -> None:
    """List the model classes: what each is bound to, and which stages of TARGET ask it."""
    stages: Sequence[Stage[..., Any]] = ()
    if target is None:
        found = read_project(get_place(project).root)
    else:
        given = load_given(target, project=project)
        found, stages = given.project, given.workflow.stages
    listed = classes(found.bindings, stages)
    if as_json:
        emit_json({"models": listed})
        return
    if not listed:
        say("No model class is bound, and no stage asks one.")
    rows = [
        (safe(item["class"]), safe(item["use"] or _unbound(item)), ", ".join(item["stages"]) or "-")
        for item in listed
    ]
    for line in table(rows, ("class", "use", "stages")) if rows else ():
        say(line)


def classes(
    bindings: Mapping[str, Binding], stages: Sequence[Stage[..., Any]]
) -> list[dict[str, Any]]:
    """Every class that is bound or asked, with its binding and its stages."""
    asked = [stage for stage in stages if stage.model]
    names = dict.fromkeys([*bindings, *(stage.model for stage in asked if stage.model)])
    return [
        {
            "class": name,
            "use": bindings[name].requested if name in bindings else None,
            "endpoint": bindings[name].endpoint or None if name in bindings else None,
            "sampling": dict(bindings[name].sampling) if name in bindings else {},
            "stages": [stage.name for stage in asked if stage.model == name],
            "required": any(stage.required for stage in asked if stage.model == name),
        }
        for name in names
    ]


def _unbound(item: Mapping[str, Any]) -> str:
    return "(unbound)" if item["required"] else "(unbound, and may be)"
