"""What a function changes that outlives its call: followed from its body to the live values."""

import functools
import types
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, cast

from atelier.cache.changes import ELEMENT, Chain, Change, changes_of
from atelier.cache.resolve import CHANGES
from atelier.cache.sheet import Reach
from atelier.cache.sources import find_function
from atelier.cache.witness import MISSING, contents

_CONTAINERS = (MutableMapping, list, set, bytearray, deque)
# Library functions that change what they are given first.
_CHANGERS = frozenset(
    {"heapify", "heappop", "heappush", "heappushpop", "heapreplace", "next"}
    | {"insort", "insort_left", "insort_right", "shuffle"}
)
# Where a class is still being made, it does not outlive what makes it.
_MAKING = frozenset({"__init_subclass__", "__pydantic_init_subclass__", "__init__", "__set_name__"})
_SEEN_ELEMENTS = 50


@dataclass(frozen=True, slots=True)
class Lasting:
    """One change that a later call can see."""

    what: str
    line: int


@dataclass(slots=True)
class _Walk:
    """A search through helpers, each seen once with the same values."""

    reach: Reach
    seen: set[tuple[int, ...]] = field(default_factory=set[tuple[int, ...]])


def lasting_changes(function: types.FunctionType, reach: Reach) -> Iterator[Lasting]:
    """What a function changes beyond its own call: outer names, defaults, its class, constants."""
    bound = _defaults(function)
    walk = _Walk(reach)
    for change in _read(function):
        told = ".".join(change.chain).replace(f".{ELEMENT}", "[…]")
        if change.kind == "outer":
            if change.chain[0] in function.__code__.co_freevars:
                yield Lasting(f"module state: nonlocal {told}", change.line)
        elif _on_class(function, change) or _changes(change, function, bound, walk=walk):
            yield Lasting(f"module state: {told} is changed", change.line)


@functools.lru_cache(maxsize=16_384)
def _of_code(code: types.CodeType) -> tuple[Change, ...]:
    found = find_function(code)
    return tuple(change for node in (found.nodes if found else ()) for change in changes_of(node))


def _read(function: types.FunctionType) -> tuple[Change, ...]:
    return _of_code(function.__code__)


def _parameters(function: types.FunctionType) -> tuple[str, ...]:
    code = function.__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def _defaults(function: types.FunctionType) -> Mapping[str, object]:
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    given = function.__defaults__ or ()
    last = names[len(names) - len(given) :]
    return {**dict(zip(last, given, strict=True)), **(function.__kwdefaults__ or {})}


def _on_class(function: types.FunctionType, change: Change) -> bool:
    """Whether a method stores into its class: through `cls`, or through the class of `self`."""
    first = _parameters(function)[:1]
    if not change.is_parameter or change.chain[0] not in first:
        return False
    is_class = change.chain[0] == "cls" or change.chain[1:2] == ("__class__",)
    if not is_class or function.__name__ in _MAKING:
        return False
    return change.kind in {"store", "grow"} or (
        change.kind == "call" and change.name in CHANGES and len(change.chain) > 1
    )


def _changes(
    change: Change, function: types.FunctionType, bound: Mapping[str, object], *, walk: _Walk
) -> bool:
    if change.is_parameter:
        start = bound.get(change.chain[0], MISSING)
    else:
        start = _free(change.chain[0], function)
    if start is MISSING:
        return False
    values = [item for item in _along([start], change.chain[1:]) if _lasts(item, walk.reach)]
    if not values:
        return False
    match change.kind:
        case "store":
            return True
        case "grow":
            return any(isinstance(value, _CONTAINERS) for value in values)
        case "call":
            return any(_called(value, change.name, walk) for value in values)
        case _:
            return any(_passed(value, change, function, walk=walk) for value in values)


def _called(value: Any, name: str, walk: _Walk) -> bool:
    if name in CHANGES and isinstance(value, _CONTAINERS):
        return True
    if name == "__call__" and _is_bound(value):
        return _applied(value, {}, walk)
    is_class = isinstance(cast("object", value), type)
    method = _member(value if is_class and name != "__call__" else value.__class__, name)
    inner = None if isinstance(method, staticmethod) else _unwrapped(method)
    if inner is None or not walk.reach.tracks_module(inner.__module__):
        return False
    if isinstance(method, classmethod):
        return _with(inner, {0: value if is_class else value.__class__}, walk)
    return not is_class and _with(inner, {0: value}, walk)


def _member(kind: type, name: str) -> object:
    return next((vars(each)[name] for each in kind.__mro__ if name in vars(each)), None)


def _is_bound(value: object) -> bool:
    return isinstance(value, types.MethodType | functools.partial)


def _passed(value: object, change: Change, function: types.FunctionType, *, walk: _Walk) -> bool:
    if change.callee[-1] in _CHANGERS and isinstance(value, _CONTAINERS):
        return True
    start = _free(change.callee[0], function)
    if start is MISSING:
        return False
    found = _along([start], change.callee[1:])
    return any(_applied(callee, {change.argument: value}, walk) for callee in found)


def _applied(callee: Any, given: Mapping[int | str, object], walk: _Walk) -> bool:
    """Whether a callable changes what it is given, or what it carries."""
    if isinstance(callee, types.MethodType):
        inner = _unwrapped(callee.__func__)
        return inner is not None and _with(inner, _after([callee.__self__], given), walk)
    if isinstance(callee, functools.partial):
        bound = cast("functools.partial[object]", callee)
        known: dict[int | str, object] = dict(_after(bound.args, given))
        known.update(bound.keywords.items())
        return _applied(bound.func, known, walk)
    inner = _unwrapped(callee)
    return inner is not None and _with(inner, given, walk)


def _after(first: Iterable[object], given: Mapping[int | str, object]) -> dict[int | str, object]:
    held: dict[int | str, object] = dict(enumerate(first))
    count = len(held)
    moved = {at + count if isinstance(at, int) else at: value for at, value in given.items()}
    return {**held, **moved}


def _with(function: types.FunctionType, given: Mapping[int | str, object], walk: _Walk) -> bool:
    """Whether a function changes one of the values that it is given."""
    names = _parameters(function)
    bound = {
        names[at] if isinstance(at, int) else at: value
        for at, value in given.items()
        if (isinstance(at, str) or at < len(names)) and _lasts(value, walk.reach)
    }
    key = (id(function.__code__), *map(id, bound.values()))
    if not bound or key in walk.seen or not walk.reach.tracks_module(function.__module__):
        return False
    walk.seen.add(key)
    return any(
        change.is_parameter and _changes(change, function, bound, walk=walk)
        for change in _read(function)
    )


def _unwrapped(value: Any) -> types.FunctionType | None:
    for _ in range(10):
        if isinstance(value, types.FunctionType) and "__wrapped__" not in vars(value):
            return value
        inner = getattr(value, "__wrapped__", None) or getattr(value, "__func__", None)
        if inner is None:
            break
        value = inner
    return value if isinstance(value, types.FunctionType) else None


def _free(name: str, function: types.FunctionType) -> object:
    code = function.__code__
    if name in code.co_freevars:
        cells = function.__closure__ or ()
        return contents(cells[code.co_freevars.index(name)])
    return function.__globals__.get(name, MISSING)


def _along(values: list[object], chain: Chain) -> list[object]:
    """Where a chain of attributes and elements leads, without running any property."""
    for name in chain:
        step = _elements if name == ELEMENT else functools.partial(_attribute, name)
        values = [item for value in values for item in step(value)]
    return values


def _attribute(name: str, value: Any) -> Iterator[object]:
    if name == "__class__":
        yield value.__class__
        return
    own: dict[str, object] = getattr(value, "__dict__", {})
    is_class = isinstance(cast("object", value), type)
    held = own.get(name, MISSING)
    if held is MISSING or is_class:
        held = _member(value if is_class else value.__class__, name)
    if isinstance(held, types.MemberDescriptorType):
        held = getattr(value, name, None)
    is_method = isinstance(held, types.FunctionType) and name not in own
    if is_method or isinstance(held, classmethod):
        held = getattr(value, name)
    if held is not None and not isinstance(held, property):
        yield cast("object", held)


def _elements(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from islice(cast("dict[object, object]", value).values(), _SEEN_ELEMENTS)
    elif isinstance(value, list | tuple | set | frozenset | deque):
        yield from islice(cast("Iterable[object]", value), _SEEN_ELEMENTS)


def _lasts(value: object, reach: Reach) -> bool:
    """Whether a value can be changed in place: a container, an instance or class of the project."""
    if isinstance(value, (*_CONTAINERS, types.MethodType, functools.partial)):
        return True
    kind = value if isinstance(value, type) else type(value)
    return reach.tracks_module(kind.__module__) or isinstance(value, types.SimpleNamespace)
