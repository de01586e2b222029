"""What a body's names lead to, written down as references of one definition."""

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from atelier.cache.effects import BY_NAME, STATE, effect_of_attribute, effect_of_path
from atelier.cache.layout import attributes_of
from atelier.cache.references import BY_COMPUTED_NAME, Load, Loads, loads_of_expression
from atelier.cache.resolve import Scope, definer, meanings
from atelier.cache.sheet import Sheet
from atelier.kernel.canonical import Json


class Links:
    """The references of one definition: by the name as written, or by number through modules.

    A path such as `helpers.clean` is a number, so that a renamed module leaves the content alone.
    """

    def __init__(self, scope: Scope, sheet: Sheet) -> None:
        self.refs: dict[str, list[Json]] = {}
        self.names: dict[int, str] = {}
        self.harness: set[int] = set()
        self._scope = scope
        self._sheet = sheet
        self._paths: dict[tuple[str, ...], str] = {}

    @property
    def content(self) -> Json:
        """The references, for the content of the definition."""
        return dict(self.refs)

    def add(self, loads: Loads) -> None:
        """Take in all that a body reaches for."""
        for load in loads.names:
            self._load(load)
        for load in loads.attributes:
            self._attribute(load)
        for what, line in loads.dynamic:
            self._sheet.line = line
            self._sheet.unsee(what, STATE if what.startswith("global") else BY_NAME)
        for load in loads.fields:
            # A name that `fields` gives is that of a field, and its value is data.
            if self._named(load.chain) is not dataclasses.fields:
                self._sheet.line = load.line
                self._sheet.unsee(f"getattr {BY_COMPUTED_NAME}", BY_NAME)
        self._sheet.argument = None

    def add_decorators(self, decorators: Iterable[Any]) -> None:
        """Take in decorators, but for the harness's own: their settings enter the recipe by name."""
        for decorator in decorators:
            loads = loads_of_expression(decorator)
            if loads.names and self._is_harness(loads.names[0]):
                self.harness.add(id(decorator))
            else:
                self.add(loads)

    def add_cells(self) -> None:
        """Take in closure cells that no name in the body speaks of, such as that of `super`."""
        for name in sorted(self._scope.cells.keys() - self.refs.keys()):
            self._load(Load((name,), self._sheet.line, annotation=True))

    def _is_harness(self, load: Load) -> bool:
        trial = self._sheet.fresh()
        led = [meaning.content for meaning in meanings(load, self._scope, trial)]
        return any(
            isinstance(content, list)
            and content[0] == "external"
            and str(content[1]).startswith("atelier.")
            for content in led
        )

    def _load(self, load: Load) -> None:
        for meaning in meanings(load, self._scope, self._sheet):
            name = load.chain[0]
            if meaning.used > 1:
                path = load.chain[: meaning.used]
                name = self._paths.setdefault(path, f"@{len(self._paths)}")
                if meaning.used <= len(load.nodes):
                    self.names[id(load.nodes[meaning.used - 1])] = name
            known = self.refs.setdefault(name, [])
            if meaning.content not in known:
                known.append(meaning.content)
        if load.annotation and load.chain[0] not in self.refs:
            self._evaluated(load)

    def _evaluated(self, load: Load) -> None:
        """A name local to an enclosing function, found among the annotations that stand evaluated."""
        for item in self._scope.annotations.values():
            if getattr(item, "__name__", None) == load.chain[0]:
                self.refs[load.chain[0]] = [self._sheet.encode(item)]

    def _attribute(self, load: Load) -> None:
        kind = self._receiver(load)
        for index, name in enumerate(load.chain):
            effect = effect_of_attribute(name, called=load.called)
            if kind is not None and index == 0:
                base = definer(kind, name)
                if name in vars(base) and self._sheet.reach.tracks_module(base.__module__):
                    continue
                effect = effect or (effect_of_path(name) if issubclass(kind, Path) else None)
            if effect is not None:
                self._sheet.line, self._sheet.argument = load.line, load.argument
                self._sheet.affect(effect, f".{name}")

    def _receiver(self, load: Load) -> type | None:
        """The class of a receiver, where the body tells it and the module holds it by that name."""
        names = load.receiver
        if names in {("self",), ("cls",)}:
            names = tuple(self._scope.label.partition(":")[2].split(".")[:-1])
        held = self._named(names)
        return held if isinstance(held, type) else None

    def _named(self, names: Sequence[str]) -> object:
        """What a chain of names is bound to at the level of the module."""
        held: object = None
        if not self._scope.cells.keys().isdisjoint(names[:1]):
            return None
        for index, name in enumerate(names):
            space = self._scope.globals if index == 0 else attributes_of(held)
            held = space.get(name)
        return held
