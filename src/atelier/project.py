"""A project: the folder with `atelier.toml`, what it says, and the workflows that it defines."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from atelier.aggregate import Substrate
from atelier.cache.modules import install_finder, load_file
from atelier.kernel.errors import SetupError
from atelier.kernel.money import parse_dollars
from atelier.ledger.rows import Cap
from atelier.models import Binding, parse_binding
from atelier.models.binding import check_bindings
from atelier.models.endpoint import Endpoint, parse_endpoint
from atelier.models.lock import LOCK, read_lock, resolve
from atelier.orchestrate.stage import Stage
from atelier.orchestrate.workflow import Workflow

FILE = "atelier.toml"
FLOW = "flow.py"
_SECTIONS: Mapping[str, frozenset[str] | None] = {
    "scope": None,
    "models": None,
    "endpoints": None,
    "isilon": frozenset({"root", "databases"}),
    "run": frozenset({"defaults"}),
    "budget": frozenset({"run_usd", "day_usd"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What may be spent, in micros of a dollar: by one run, and by a workflow in one day (UTC)."""

    run: int | None = None
    day: int | None = None

    def caps(self, workflow: str, today: str) -> tuple[Cap, ...]:
        """The caps that hold for a run of a workflow."""
        found: list[Cap] = []
        if self.run is not None:
            found.append(Cap(limit=self.run, what="for one run"))
        if self.day is not None:
            what = f"a day for the workflow {workflow!r}"
            found.append(Cap(limit=self.day, what=what, workflow=workflow, since=today))
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What an install says: nothing concrete is chosen here, and nothing is opened."""

    root: Path
    home: Path
    scope: str = "default"
    bindings: Mapping[str, Binding] = field(default_factory=dict[str, Binding])
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict[str, Endpoint])
    substrate: Substrate
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    budget: Budget = Budget()


@dataclass(frozen=True, slots=True)
class Target:
    """A workflow, the project that it belongs to, and its name from the project's folder on."""

    workflow: Workflow[Any]
    project: Project
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    """The module of a target, the name in it, the folder of its project, and how that names it."""

    module: ModuleType
    name: str
    root: Path
    told: str


def find_project(start: Path) -> Path | None:
    """The nearest folder with an `atelier.toml`, from `start` upward."""
    start = start.resolve()
    folder = start if start.is_dir() else start.parent
    return next((at for at in (folder, *folder.parents) if (at / FILE).is_file()), None)


def read_project(root: Path) -> Project:
    """The project of a folder; without an `atelier.toml`, everything is at its default.

    Raises:
        SetupError: the file is not TOML, or has a setting that is unknown or of another type.
    """
    root = root.resolve()
    said = _toml(root / FILE)
    _refuse_unknown(said, root / FILE)
    isilon = _table(said, "isilon", root)
    databases = _table(isilon, "databases", root)
    home = os.environ.get("ATELIER_HOME")
    scope = said.get("scope", "default")
    if not isinstance(scope, str) or not scope:
        raise _bad(root / FILE, "scope", "it is not a name")
    models, endpoints = _bound(said, root)
    return Project(
        root=root,
        home=Path(home).expanduser().resolve() if home else root / ".atelier",
        scope=scope,
        bindings=models,
        endpoints=endpoints,
        substrate=Substrate(
            root=root / str(isilon.get("root", ".")),
            databases={name: root / str(path) for name, path in databases.items()},
        ),
        defaults=_table(_table(said, "run", root), "defaults", root),
        budget=_budget(_table(said, "budget", root), root),
    )


def load_target(text: str, *, start: Path | None = None) -> Target:
    """The workflow that a `TARGET` names: `path[:name]`, a folder with a `flow.py`, `module:name`.

    A target is loaded once per process, from the very bytes that its identity is made of.

    Raises:
        SetupError: nothing is there, it cannot be imported, or it holds no such workflow.
    """
    found = _loaded(text, (start or Path.cwd()).resolve())
    workflow = _workflow(found.module, found.name, text)
    return Target(workflow, read_project(found.root), found.told)


def load_stage(text: str, *, start: Path | None = None) -> Stage[..., Any]:
    """The stage that `path:name` names, in a file or a module like a workflow's.

    Raises:
        SetupError: nothing is there, it cannot be imported, or it holds no such stage.
    """
    loaded = _loaded(text, (start or Path.cwd()).resolve())
    module, name = loaded.module, loaded.name
    found = vars(module).get(name)
    if isinstance(found, Stage):
        return cast("Stage[..., Any]", found)
    stages = [key for key, value in vars(module).items() if isinstance(value, Stage)]
    raise SetupError(
        "project.no_stage",
        f"{module.__name__} defines no stage {name!r}.",
        facts={"stages": ", ".join(stages) or "(none)"},
        next_step="Name one of them as path:name." if stages else "Define one with @stage.",
    )


def _loaded(text: str, start: Path) -> _Loaded:
    place, colon, name = text.partition(":")
    named = (start / place).resolve()
    path = named / FLOW if named.is_dir() else named
    if path.is_file():
        root = find_project(path) or path.parent
        return _Loaded(
            module=load_file(path, project=root),
            name=name,
            root=root,
            told=f"{named.relative_to(root).as_posix()}{colon}{name}",
        )
    if name and all(part.isidentifier() for part in place.split(".")):
        root = find_project(start) or start
        return _Loaded(module=_import(place, root), name=name, root=root, told=text)
    raise SetupError(
        "project.no_target",
        f"There is no workflow at {text!r}.",
        facts={"looked at": path},
        next_step=f"Name a Python file, a folder with a {FLOW}, or module:name.",
    )


def _import(name: str, root: Path) -> ModuleType:
    install_finder(root)
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise SetupError(
            "project.no_target",
            f"There is no module {name!r}.",
            facts={"why": error},
            next_step="Install it, or name the file that defines the workflow.",
        ) from error


def _workflow(module: ModuleType, name: str, text: str) -> Workflow[Any]:
    found = {
        key: cast("Workflow[Any]", value)
        for key, value in vars(module).items()
        if isinstance(value, Workflow)
    }
    distinct = {id(workflow) for workflow in found.values()}
    if name and name in found:
        return found[name]
    if not name and len(distinct) == 1:
        return next(iter(found.values()))
    known = ", ".join(found) or "(none)"
    if name:
        close = get_close_matches(name, found, n=1)
        step = f"Did you mean {close[0]!r}?" if close else f"It defines: {known}."
        problem = f"{module.__name__} defines no workflow {name!r}."
    elif found:
        problem = f"{module.__name__} defines several workflows."
        step = f"Name one of them: {text}:{next(iter(found))}"
    else:
        problem = f"{module.__name__} defines no workflow."
        step = "Define one: `name = Workflow(...)` at the top of the file."
    raise SetupError("project.no_workflow", problem, facts={"workflows": known}, next_step=step)


def _bound(said: Mapping[str, Any], root: Path) -> tuple[dict[str, Binding], dict[str, Endpoint]]:
    """The model classes, each under its lock, and the endpoints that they may name."""
    classes, places = _table(said, "models", root), _table(said, "endpoints", root)
    lock = read_lock(root / LOCK)
    bindings = {
        name: resolve(parse_binding(name, _table(classes, name, root)), lock) for name in classes
    }
    endpoints = {name: parse_endpoint(name, _table(places, name, root)) for name in places}
    check_bindings(bindings, endpoints)
    return bindings, endpoints


def _budget(said: Mapping[str, Any], root: Path) -> Budget:
    amounts: dict[str, int] = {}
    for name, amount in said.items():
        try:
            amounts[name.removesuffix("_usd")] = parse_dollars(str(amount))
        except ValueError as error:
            raise _bad(root / FILE, f"budget.{name}", str(error)) from error
    return Budget(**amounts)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad(path, "(the file)", str(error)) from error


def _refuse_unknown(said: Mapping[str, Any], path: Path) -> None:
    for section, value in said.items():
        if section not in _SECTIONS:
            raise _bad(path, section, f"it is unknown; known: {', '.join(_SECTIONS)}")
        allowed = _SECTIONS[section]
        if allowed is not None and isinstance(value, dict):
            for key in cast("dict[str, Any]", value):
                if key not in allowed:
                    raise _bad(path, f"{section}.{key}", f"it is unknown; known: {sorted(allowed)}")


def _table(said: Mapping[str, Any], name: str, root: Path) -> dict[str, Any]:
    value = said.get(name, {})
    if not isinstance(value, dict):
        raise _bad(root / FILE, name, "it is not a table")
    return cast("dict[str, Any]", value)


def _bad(path: Path, setting: str, why: str) -> SetupError:
    return SetupError(
        "project.settings",
        f"{FILE} has a setting that cannot be used.",
        facts={"file": path, "setting": setting, "why": why},
        next_step="Correct it: see docs/reference/configuration.md.",
    )
