"""`atelier models`: the model classes of a project, and the stages that ask them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from atelier.cli.archive import Archive, opened
from atelier.cli.console import emit_json, safe, say, table
from atelier.cli.options import Command, json_option, project_option
from atelier.cli.place import LEDGER, get_place, place_of
from atelier.cli.target import load_given
from atelier.models import Binding
from atelier.models.lock import LOCK, Drift, drift, moved, read_lock, render_lock
from atelier.orchestrate.stage import Stage
from atelier.project import Project, read_project


@click.command(cls=Command)
@click.argument("target", required=False)
@click.option(
    "--lock", "wants_lock", is_flag=True, help="Write what answered last into atelier.lock."
)
@json_option
@project_option
def models(target: str | None, *, wants_lock: bool, as_json: bool, project: Path | None) -> None:
    """List the model classes: what each is bound to, what answered last, which stages ask it.

    Which stages ask a class is known of a TARGET. With --lock, each alias that was asked is pinned to
    the snapshot that answered last.
    """
    stages: Sequence[Stage[..., Any]] | None = None
    if target is None:
        found = read_project(get_place(project).root)
    else:
        given = load_given(target, project=project)
        found, stages = given.project, given.workflow.stages
    if wants_lock:
        _write_lock(found)
        found = read_project(found.root)
    answered = _answered(found)
    listed: list[dict[str, Any]] = [
        {**item, "served": answered.get((item["class"], item["use"]))}
        for item in classes(found.bindings, stages)
    ]
    if as_json:
        emit_json({"models": listed})
        return
    for line in _lines(listed, with_stages=stages is not None):
        say(line)


def _lines(listed: Sequence[Mapping[str, Any]], *, with_stages: bool) -> Iterator[str]:
    if not listed:
        yield "No model class is bound, and no stage asks one."
        return
    rows = [
        (
            safe(item["class"]),
            safe(item["use"] or _unbound(item)),
            safe(item["served"] or "-"),
            *([", ".join(item["stages"]) or "-"] if with_stages else []),
        )
        for item in listed
    ]
    yield from table(rows, ("class", "use", "answered", *(["stages"] if with_stages else [])))
    if not with_stages:
        yield "Name a target, and the stages that ask each are listed: atelier models TARGET"


def drifts(project: Project, archive: Archive) -> list[Drift]:
    """The aliases for which another model answered last than the one that is pinned."""
    last = _last(archive)
    found = [
        drift(binding, last.get((name, binding.requested), ""))
        for name, binding in project.bindings.items()
    ]
    return list(dict.fromkeys(one for one in found if one is not None))


def _answered(project: Project) -> dict[tuple[str, str], str]:
    """The model that answered last, by class and what was asked for; empty without a ledger."""
    place = place_of(project.root)
    if not (place.home / LEDGER).exists():
        return {}
    with opened(place) as archive:
        return _last(archive)


def _last(archive: Archive) -> dict[tuple[str, str], str]:
    last: dict[tuple[str, str], str] = {}
    for one in archive.ledger.iter_served():
        last.setdefault((one.model_class, one.requested), one.served)
    return last


def _write_lock(project: Project) -> None:
    """Pin every alias to what answered last; what is pinned already moves with its drift."""
    path = project.root / LOCK
    lock, last = read_lock(path), _answered(project)
    for (name, asked), served in last.items():
        binding = project.bindings.get(name)
        if binding is None or binding.requested != asked or served == binding.model:
            continue
        alias = f"{binding.provider}:{binding.alias or binding.model}"
        lock = moved(lock, Drift(alias=alias, expected=binding.model, served=served))
    path.write_text(render_lock(lock), encoding="utf-8")
    say(f"wrote {safe(str(path))}: {len(lock.pins)} pinned", err=True)


def classes(
    bindings: Mapping[str, Binding], stages: Sequence[Stage[..., Any]] | None
) -> list[dict[str, Any]]:
    """Every class that is bound or asked, with its binding and, where they are known, its stages."""
    asked = [stage for stage in stages or () if stage.model]
    names = dict.fromkeys([*bindings, *(stage.model for stage in asked if stage.model)])
    return [
        {
            "class": name,
            "use": bindings[name].requested if name in bindings else None,
            "endpoint": bindings[name].endpoint or None if name in bindings else None,
            "sampling": dict(bindings[name].sampling) if name in bindings else {},
            **_asking(name, None if stages is None else asked),
        }
        for name in names
    ]


def _asking(name: str, asked: Sequence[Stage[..., Any]] | None) -> dict[str, Any]:
    if asked is None:
        return {"stages": None, "required": None}
    asking = [stage for stage in asked if stage.model == name]
    return {
        "stages": [stage.name for stage in asking],
        "required": any(stage.required for stage in asking),
    }


def _unbound(item: Mapping[str, Any]) -> str:
    return "(unbound)" if item["required"] else "(unbound, and may be)"
