"""A workflow as the command line names it, with the parameters that it is given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from atelier.aggregate import Packet, packet_from_json, shape
from atelier.cli.streams import users_output
from atelier.kernel.errors import SetupError
from atelier.models.binding import parse_override
from atelier.orchestrate.workflow import Workflow
from atelier.project import Project, load_target


@dataclass(frozen=True, slots=True)
class Given:
    """What a workflow runs over: parameters to collect a packet for, or a packet made elsewhere.

    `target` names the workflow from the project's folder on.
    """

    workflow: Workflow[Any]
    project: Project
    parameters: dict[str, object]
    packet: Packet | None
    target: str


def load_given(
    target: str,
    words: Sequence[str] = (),
    *,
    packet: Path | None = None,
    project: Path | None = None,
) -> Given:
    """Load a target and read its parameters; one that is not given takes the project's default.

    Raises:
        SetupError: the target, a parameter or the packet's file cannot be used.
    """
    with users_output():
        found = load_target(target, start=project)
    given = parse_parameters(words)
    workflow = found.workflow
    if packet is not None:
        if given:
            raise click.UsageError("--packet holds the parameters: give it, or them, not both.")
        read = _read_packet(workflow.packet, packet)
        return Given(workflow, found.project, {}, packet=read, target=found.name)
    known = {field.name for field in shape(workflow.packet).parameters}
    defaults = {name: value for name, value in found.project.defaults.items() if name in known}
    parameters = {**defaults, **given}
    return Given(workflow, found.project, parameters, packet=None, target=found.name)


def rebound(project: Project, words: Sequence[str]) -> Project:
    """The project with model classes bound otherwise: `class=provider:name`, or `class=offline`.

    Raises:
        SetupError: a word names no class or no model.
    """
    bindings = dict(project.bindings)
    for word in words:
        binding = parse_override(word, bindings)
        bindings[binding.model_class] = binding
    return replace(project, bindings=bindings)


def parse_parameters(words: Sequence[str]) -> dict[str, object]:
    """`NAME=VALUE` words as parameters.

    Raises:
        click.UsageError: a word has no `=`, or a name is given twice.

    Example:
        >>> parse_parameters(["student=maya", "note=a=b"])
        {'student': 'maya', 'note': 'a=b'}
    """
    found: dict[str, object] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name.isidentifier():
            raise click.UsageError(f"Parameters are NAME=VALUE; got {word!r}.")
        if name in found:
            raise click.UsageError(f"The parameter {name!r} is given twice.")
        found[name] = value
    return found


def _read_packet(kind: type[Packet], path: Path) -> Packet:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SetupError(
            "cli.packet_file",
            "The packet's file cannot be read.",
            facts={"file": path, "why": error.strerror or error},
            next_step="Name a file such as `atelier packet show TARGET --content` prints.",
        ) from error
    return packet_from_json(kind, data, name=str(path))
