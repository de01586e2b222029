"""The code closure: everything of the project's that a stage can reach, as one digest."""

import sys
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from atelier.cache.definitions import encode, write
from atelier.cache.libraries import versions_of
from atelier.cache.parts import GUARD, Closure, Part, PartKind, Unseen
from atelier.cache.places import Owner, module_of, owner_of_module, top_of
from atelier.cache.sheet import Node, Reach, Sheet, Target
from atelier.cache.statements import imported_modules, is_executed
from atelier.cache.witness import Witnesses
from atelier.kernel.canonical import Json
from atelier.kernel.digest import record_digest

__all__ = ["Closure", "Part", "PartKind", "Unseen", "closure_of"]

_REMEMBERED = 32_768
_REMEMBERED_NODES = 100_000
_LOCK = threading.RLock()


@dataclass(frozen=True, slots=True)
class _Known:
    closure: Closure
    witnesses: Witnesses
    held: tuple[object, ...]  # keeps the ids in the memo's key from being used again


_CLOSURES: OrderedDict[tuple[object, ...], _Known] = OrderedDict()
_NODES: dict[tuple[object, ...], tuple[Target, Node]] = {}


def closure_of(
    thing: object, *, also: Sequence[object] = (), docs: bool = False, own: bool = False
) -> Closure:
    """The closure of a function, callable object, partial or class, and of further roots.

    The digest is of structure only: definitions are numbered as they are met from the roots, and
    no name of a module, path or position enters. `docs` counts the docstrings of classes, which a
    model sees; a closure that reads `__doc__` counts all. `own` walks the harness itself.

    It is computed once per process and then re-validated: a definition that was replaced, a value
    that was changed in place, a new default are noticed.
    """
    key = (id(thing), *map(id, also), docs, own)
    known = _CLOSURES.get(key)
    if known is not None and known.witnesses.hold():
        return known.closure
    with _LOCK:
        reach = Reach(class_docs=docs, own=own, packages=_packages(thing))
        closure, witnesses = _walk((thing, *also), reach)
        _CLOSURES[key] = _Known(closure, witnesses, (thing, *also))
        while len(_CLOSURES) > _REMEMBERED:
            _CLOSURES.popitem(last=False)
        return closure


def _packages(thing: Any) -> frozenset[str]:
    """The installed package that defines the root itself, which is walked by source too."""
    for _ in range(100):  # wrappers in wrappers; a ring of them ends too
        inner = getattr(thing, "__wrapped__", None) or getattr(thing, "func", None)
        if inner is None:
            break
        thing = inner
    name = module_of(thing) or type(thing).__module__
    return frozenset({top_of(name)} if owner_of_module(name) is Owner.LIBRARY else ())


def _walk(roots: Sequence[object], reach: Reach) -> tuple[Closure, Witnesses]:
    sheet = Sheet(reach, encode)
    top = [sheet.encode(root) for root in roots]
    numbers: dict[tuple[object, ...], int] = {}
    waiting = list(sheet.targets.values())
    numbers.update((target.key, number) for number, target in enumerate(waiting))
    nodes: list[Node] = []
    modules: dict[str, None] = {}
    for target in waiting:  # grows while it is walked
        node = _node_of(target, reach)
        nodes.append(node)
        executed = _executed(target, modules, reach)
        for each in (*node.targets, *executed):
            if each.key not in numbers:
                numbers[each.key] = len(waiting)
                waiting.append(each)
    if any(node.documents for node in nodes) and not reach.function_docs:
        return _walk(roots, replace(reach, class_docs=True, function_docs=True))
    definitions: list[Json] = [
        [node.kind, node.digest, *(numbers[each.key] for each in node.targets)] for node in nodes
    ]
    witnesses = Witnesses()
    for seen in (sheet.witnesses, *(node.witnesses for node in nodes)):
        witnesses.add(seen)
    witnesses.once()
    libraries = sheet.libraries.union(*(node.libraries for node in nodes))
    unseen = (*sheet.unseen, *_unseen(waiting, nodes, numbers=numbers, top=len(sheet.targets)))
    closure = Closure(
        digest=record_digest("closure", {"roots": top, "definitions": definitions}),
        parts=_parts(nodes),
        unseen=tuple(dict.fromkeys(unseen)),
        libraries=versions_of(sorted(libraries)),
    )
    return closure, witnesses


def _unseen(
    targets: Sequence[Target],
    nodes: Sequence[Node],
    *,
    numbers: Mapping[tuple[object, ...], int],
    top: int,
) -> Iterator[Unseen]:
    """What the nodes do not tell; where only statements of modules lead to it, how to part them.

    The first `top` nodes are those that the roots refer to.
    """
    reached = dict.fromkeys(range(top))
    for number in (waiting := list(reached)):  # grows while it is walked
        further = [numbers[each.key] for each in nodes[number].targets]
        waiting += [each for each in dict.fromkeys(further) if each not in reached]
        reached.update(dict.fromkeys(further))
    for number, (target, node) in enumerate(zip(targets, nodes, strict=True)):
        is_own = number in reached or target.kind == "statements"
        yield from (item if is_own else replace(item, declare=GUARD) for item in node.unseen)


def _executed(target: Target, modules: dict[str, None], reach: Reach) -> list[Target]:
    """What the modules do that are imported for a definition, each told once in a closure."""
    found: list[Target] = []
    waiting = [sys.modules.get(_module_of(target))]
    for module in waiting:  # grows while it is walked
        if module is None or not is_executed(module) or module.__name__ in modules:
            continue
        modules[module.__name__] = None
        statements = Target("statements", ("statements", id(module)), module)
        if _node_of(statements, reach).text:
            found.append(statements)
        waiting.extend(imported_modules(module))
    return found


def _module_of(target: Target) -> str:
    if target.kind == "module":
        return str(target.thing.__name__)
    if target.kind == "constant":  # by its namespace, or its closure cell
        names: Any = target.thing[0]
        return str(names.get("__name__", "")) if hasattr(names, "get") else ""
    return module_of(target.thing)


def _node_of(target: Target, reach: Reach) -> Node:
    """A node written once per process, and anew when what it was written from has changed."""
    key = (*target.key, reach)
    known = _NODES.get(key)
    if known is not None and known[1].witnesses.hold():
        return known[1]
    node = write(target, reach)
    if len(_NODES) > _REMEMBERED_NODES:
        _NODES.clear()
    _NODES[key] = (target, node)
    return node


def _parts(nodes: Sequence[Node]) -> tuple[Part, ...]:
    """The parts with labels of their own: an equal second is told apart by number."""
    seen: Counter[str] = Counter()
    parts: list[Part] = []
    for node in nodes:
        seen[node.label] += 1
        label = node.label if seen[node.label] == 1 else f"{node.label} ({seen[node.label]})"
        parts.append(Part(label, node.kind, node.digest, node.text))
    return tuple(parts)
