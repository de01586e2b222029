"""The recipe of a node: its code, prompts, schema and binding as they are now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from atelier.cache.closure import closure_of
from atelier.cache.parts import Closure
from atelier.cache.recipe import Recipe, recipe_of
from atelier.kernel.errors import SetupError
from atelier.models import Binding
from atelier.orchestrate.prompt import Prompt, read_prompt
from atelier.orchestrate.runtime import Runtime
from atelier.orchestrate.wiring import Node

REQUEST_SCHEME = 1


class RecipeBook:
    """The recipes that a process has made: made anew only where what they are made of changed."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Node, _Ingredients, Recipe]] = {}

    def recipe_for(self, node: Node, prompt: Prompt | None, runtime: Runtime) -> Recipe:
        """The recipe of a stage in this install, with its prompt as read for this run.

        Raises:
            SetupError: an unbound model class, a missing stand-in.
        """
        now = _ingredients(node, prompt, runtime)
        known = self._known.get(id(node))
        if known is not None and known[0] is node and known[1] == now:
            return known[2]
        recipe = _recipe(node, now)
        self._known[id(node)] = (node, now, recipe)
        return recipe


@dataclass(frozen=True, slots=True)
class _Ingredients:
    """All that a recipe is made of and that can change while a process lives."""

    scope: str
    code: Closure
    stand_in: Closure | None
    prompts: Mapping[str, bytes]
    binding: Binding | None


def _ingredients(node: Node, prompt: Prompt | None, runtime: Runtime) -> _Ingredients:
    stage = node.stage
    binding = binding_for(node, runtime)
    offline = binding is not None and binding.offline
    return _Ingredients(
        scope=runtime.scope,
        code=closure_of(stage.function, also=node.annotations, docs=stage.model is not None),
        stand_in=closure_of(stand_in(node)) if offline else None,
        prompts=_labelled(prompt, runtime.project),
        binding=binding,
    )


def _recipe(node: Node, now: _Ingredients) -> Recipe:
    stage, binding = node.stage, now.binding
    return recipe_of(
        scope=now.scope,
        code=now.code,
        prompts=now.prompts,
        schema={
            "output": node.returns.schema,
            **({"ask": node.asks.asked} if node.asks is not None else {}),
        },
        binding=binding.as_json() if binding is not None else None,
        stand_in=now.stand_in,
        options={**stage.options, **({"each": stage.each} if stage.each else {})},
        schemes={"request": REQUEST_SCHEME} if stage.model else {},
        pure=stage.model is None or now.stand_in is not None,
        rules=stage.rules,
    )


def binding_for(node: Node, runtime: Runtime) -> Binding | None:
    """The binding of a node's model class; None for a pure stage, or an optional class unbound."""
    stage = node.stage
    if stage.model is None or (not stage.required and stage.model not in runtime.bindings):
        return None
    binding = runtime.binding(stage.name, stage.model)
    # An optional class that is bound offline has nobody to ask: the rules decide alone.
    return None if binding.offline and not stage.required else binding


def stand_in(node: Node) -> Callable[..., Any]:
    """The stage's stand-in.

    Raises:
        SetupError: it has none, though its class is bound to `offline`.
    """
    if node.stage.offline is None:
        raise SetupError(
            "stage.no_stand_in",
            f"Stage {node.name!r} has no stand-in, and its model class is bound to `offline`.",
            facts={"model class": node.stage.model},
            next_step="Give it offline=<function>, or bind the class to a provider's model.",
        )
    return node.stage.offline


def prompt_for(node: Node) -> Prompt | None:
    """The prompt as it stands on disk now."""
    if node.stage.prompt is None:
        return None
    return read_prompt(node.stage.prompt, stage=node.name)


def _labelled(prompt: Prompt | None, project: Path) -> dict[str, bytes]:
    if prompt is None:
        return {}
    return {label_of(Path(path), project): data for path, data in prompt.files.items()}


@lru_cache(maxsize=1024)
def label_of(path: Path, project: Path) -> str:
    """A path as people read it: relative to the project where it lies below it."""
    try:
        return path.resolve().relative_to(project).as_posix()
    except ValueError:
        return path.name


# One book a process: code is imported once a process too.
BOOK = RecipeBook()
