"""What a body stores into, by the names that lead there: read off its tree, with local aliases."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from atelier.cache.tree import child_nodes

# A name, then attributes; `[]` stands for some element.
Chain = tuple[str, ...]
ELEMENT = "[]"
_TO_ELEMENT = frozenset({"get", "setdefault", "__getitem__"})
_TO_ELEMENTS = frozenset({"values", "items", "elements"})
_PASSING_ON = frozenset({"enumerate", "reversed", "sorted", "iter", "list", "tuple", "zip"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LONGEST = 6


@dataclass(frozen=True, slots=True)
class Change:
    """One place in a body that may change what a chain leads to.

    `store` is an assignment to an attribute or element, `grow` an augmented one to a name, `call`
    calls the method `name`, `pass` hands it to what `callee` leads to, and `outer` is `nonlocal`.
    """

    kind: Literal["store", "grow", "call", "pass", "outer"]
    chain: Chain
    line: int
    name: str = ""
    callee: Chain = ()
    argument: int | str = 0
    is_parameter: bool = False  # the chain starts at a parameter and not at a name from outside


@dataclass(slots=True, eq=False)
class _Scope:
    parent: "_Scope | None"
    bound: set[str] = field(default_factory=set[str])
    parameters: set[str] = field(default_factory=set[str])
    outer: set[str] = field(default_factory=set[str])
    aliases: dict[str, list["_Root"]] = field(default_factory=dict[str, list["_Root"]])

    def owner(self, name: str) -> "_Scope | None":
        at: _Scope | None = self
        while at is not None and (name in at.outer or name not in at.bound):
            at = at.parent
        return at


@dataclass(frozen=True, slots=True)
class _Root:
    scope: _Scope
    chain: Chain


def changes_of(node: ast.AST) -> tuple[Change, ...]:
    """The changes in a function's body to what comes from outside it, or through a parameter."""
    reader = _Reader()
    reader.enter(node, None)
    return tuple(dict.fromkeys(reader.told()))


class _Reader:
    def __init__(self) -> None:
        self._found: list[tuple[Change, _Scope]] = []

    def enter(self, node: Any, parent: _Scope | None) -> None:
        scope = _Scope(parent)
        arguments: ast.arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [item for item in (arguments.vararg, arguments.kwarg) if item is not None]
        scope.bound.update(item.arg for item in every)
        if parent is None:
            scope.parameters.update(scope.bound)
        body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else node.body
        inner = list(_within(body))
        for item in inner:
            self._bind(item, scope)
        for item in inner:
            self._read(item, scope)
        for item in inner:
            if isinstance(item, _FUNCTIONS):
                self.enter(item, scope)

    def told(self) -> Iterator[Change]:
        for change, scope in self._found:
            for chain, is_parameter in self._roots(_Root(scope, change.chain), ()):
                if change.kind == "grow" and chain == change.chain:
                    continue  # the name itself is bound anew
                callees = (
                    [
                        callee
                        for callee, parameter in self._roots(_Root(scope, change.callee), ())
                        if not parameter
                    ]
                    if change.callee
                    else [()]
                )
                for callee in callees:
                    yield Change(
                        change.kind,
                        chain,
                        change.line,
                        change.name,
                        callee,
                        change.argument,
                        is_parameter,
                    )

    def _roots(self, root: _Root, seen: tuple[_Root, ...]) -> Iterator[tuple[Chain, bool]]:
        owner = root.scope.owner(root.chain[0])
        if owner is None:
            yield root.chain, False
            return
        if root.chain[0] in owner.parameters:
            yield root.chain, True
        if root in seen or len(root.chain) > _LONGEST:
            return
        for alias in owner.aliases.get(root.chain[0], ()):
            longer = _Root(alias.scope, (*alias.chain, *root.chain[1:]))
            yield from self._roots(longer, (*seen, root))

    def _bind(self, item: Any, scope: _Scope) -> None:
        if isinstance(item, ast.Name) and not isinstance(item.ctx, ast.Load):
            scope.bound.add(item.id)
        elif isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            scope.bound.add(item.name)
        elif isinstance(item, ast.Global | ast.Nonlocal):
            scope.outer.update(item.names)
        elif isinstance(item, ast.ExceptHandler) and item.name:
            scope.bound.add(item.name)

    def _read(self, item: Any, scope: _Scope) -> None:
        self._named(item, scope)
        match item:
            case ast.AugAssign(target=ast.Name(id=name)):
                self._note(Change("grow", (name,), item.lineno), scope)
            case ast.Attribute() | ast.Subscript() if not isinstance(item.ctx, ast.Load):
                name = item.attr if isinstance(item, ast.Attribute) else ELEMENT
                for chain in _chains(item.value):
                    self._note(Change("store", chain, item.lineno, name), scope)
            case ast.Call():
                self._call(item, scope)
            case ast.Nonlocal():
                for name in item.names:
                    self._note(Change("outer", (name,), item.lineno), scope)
            case _:
                pass

    def _named(self, item: Any, scope: _Scope) -> None:
        """Take in which other names a local name stands for."""
        match item:
            case ast.Assign():
                for target in item.targets:
                    self._alias(target, _chains(item.value), scope)
            case ast.AnnAssign() | ast.NamedExpr() if item.value is not None:
                self._alias(item.target, _chains(item.value), scope)
            case ast.For() | ast.AsyncFor() | ast.comprehension():
                chains = [(*chain, ELEMENT) for chain in _iterated(item.iter)]
                self._alias(item.target, chains, scope)
            case ast.withitem() if item.optional_vars is not None:
                self._alias(item.optional_vars, _chains(item.context_expr), scope)
            case _:
                pass

    def _alias(self, target: Any, chains: Sequence[Chain], scope: _Scope) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            for item in target.elts:
                deeper = [(*chain, ELEMENT) for chain in chains]
                self._alias(item, [*chains, *deeper], scope)  # a pair of `items` is no level
        elif isinstance(target, ast.Name):
            roots = [_Root(scope, chain) for chain in chains if chain != (target.id,)]
            scope.aliases.setdefault(target.id, []).extend(roots)

    def _call(self, node: ast.Call, scope: _Scope) -> None:
        named = getattr(node.func, "id", "")
        if named in {"setattr", "delattr"} and node.args:
            for chain in _chains(node.args[0]):
                self._note(Change("store", chain, node.lineno, "…"), scope)
            return
        if isinstance(node.func, ast.Attribute):
            for chain in _chains(node.func.value):
                self._note(Change("call", chain, node.lineno, node.func.attr), scope)
        for callee in _chains(node.func):
            if isinstance(node.func, ast.Name):
                self._note(Change("call", callee, node.lineno, "__call__"), scope)
            given: list[tuple[int | str, ast.expr]] = [*enumerate(node.args)]
            given += [(item.arg, item.value) for item in node.keywords if item.arg]
            for at, value in given:
                for chain in _chains(value):
                    change = Change("pass", chain, node.lineno, callee=callee, argument=at)
                    self._note(change, scope)

    def _note(self, change: Change, scope: _Scope) -> None:
        self._found.append((change, scope))


def _within(body: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of a body, but for what is inside the functions in it."""
    waiting = list(reversed(body))
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, _FUNCTIONS):
            waiting += getattr(node, "decorator_list", [])
            waiting += node.args.defaults
        else:
            waiting.extend(reversed(child_nodes(node)))


def _chains(node: Any) -> list[Chain]:  # noqa: PLR0911 - one for each form of expression
    """The chains of names that an expression's value may come from, unchanged."""
    match node:
        case ast.Name():
            return [(node.id,)]
        case ast.Attribute():
            return [(*chain, node.attr) for chain in _chains(node.value)]
        case ast.Subscript():
            return [(*chain, ELEMENT) for chain in _chains(node.value)]
        case ast.IfExp():
            return [*_chains(node.body), *_chains(node.orelse)]
        case ast.BoolOp():
            return [chain for value in node.values for chain in _chains(value)]
        case ast.NamedExpr():
            return _chains(node.value)
        case ast.Call(func=ast.Attribute(value=inner, attr=name)) if name in _TO_ELEMENT:
            return [(*chain, ELEMENT) for chain in _chains(inner)]
        case ast.Call(func=ast.Name(id="type"), args=[only]):
            return [(*chain, "__class__") for chain in _chains(only)]
        case _:
            return []


def _iterated(node: Any) -> list[Chain]:
    """The chains whose elements a loop takes."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in _PASSING_ON:
            pairs = name in {"enumerate", "zip"}
            found = [chain for item in node.args for chain in _iterated(item)]
            return [(*chain, ELEMENT) for chain in found] + found if pairs else found
        case ast.Call(func=ast.Attribute(value=inner, attr=name)) if name in _TO_ELEMENTS:
            return _chains(inner)
        case _:
            return _chains(node)
