"""What a function reaches for: read off its syntax tree, without running anything."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from atelier.cache.effects import LOOP_TIME, WITHOUT_ZONE, ZONED
from atelier.cache.tree import bound_name, child_nodes

BY_COMPUTED_NAME = "by a computed name"
_BY_NAME = frozenset({"getattr", "setattr", "delattr", "hasattr"})
# What reads docstrings, or comments, by another name than `__doc__`.
_READ_DOCS = frozenset({"__doc__", "getdoc", "model_json_schema", "models_json_schema"})
_READ_TEXT = frozenset({"getcomments", "render_doc"})
_NAMED_LATER = frozenset({"attrgetter", "methodcaller"})
_SELF = frozenset({"self", "cls"})
_LOOPS = frozenset({"get_running_loop", "get_event_loop", "new_event_loop"})


@dataclass(frozen=True, slots=True)
class Import:
    """An import inside a body: what it binds, and to what."""

    module: str
    name: str | None
    bound: str
    level: int
    line: int
    whole: bool  # `import a.b as c` binds a.b itself, `import a.b` binds a


@dataclass(frozen=True, slots=True)
class Load:
    """A name, with the attributes that follow it, that a body takes from outside itself.

    `nodes` are the tree's nodes for each prefix of the chain. `argument` is the first constant of
    the call or subscript that the chain ends in, and `bare` says that it is called with none.
    """

    chain: tuple[str, ...]
    line: int
    nodes: tuple[ast.AST, ...] = ()
    imports: tuple[Import, ...] = ()
    argument: str | None = None
    bare: bool = False
    called: bool = False
    stored: bool = False
    annotation: bool = False
    receiver: tuple[str, ...] = ()  # the class of an unknown receiver, where the body tells it


@dataclass(slots=True)
class Loads:
    """All that a body reaches for, in the order of its tree."""

    names: list[Load] = field(default_factory=list["Load"])
    attributes: list[Load] = field(default_factory=list["Load"])  # on receivers that are not known
    dynamic: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    fields: list[Load] = field(default_factory=list["Load"])  # `getattr(x, each.name)`, by its loop
    documents: bool = False  # reads a docstring


def loads_of(node: ast.AST) -> Loads:
    """What the body of a function or lambda reaches for; its own decorators do not count.

    The defaults of a function at the root are left out too: they stand evaluated in the function.
    """
    reader = _Reader()
    return reader.read(_inside(node, _Scope()))


def loads_of_expression(node: ast.expr | ast.stmt) -> Loads:
    """What an expression or statement at the level of a module reaches for, such as a decorator."""
    return _Reader().read([_Step(node, _Scope())])


def imports_of(node: ast.Import | ast.ImportFrom) -> Iterator[Import]:
    """What one import statement binds, name by name."""
    for alias in node.names:
        bound = bound_name(alias)
        if isinstance(node, ast.Import):
            whole = alias.asname is not None
            yield Import(alias.name, None, bound, 0, node.lineno, whole)
        else:
            yield Import(node.module or "", alias.name, bound, node.level, node.lineno, whole=True)


@dataclass(slots=True, eq=False)
class _Scope:
    parent: "_Scope | None" = None
    is_class: bool = False
    is_comprehension: bool = False
    bound: set[str] = field(default_factory=set[str])
    outer: set[str] = field(default_factory=set[str])  # declared global
    imports: dict[str, list[Import]] = field(default_factory=dict[str, list["Import"]])
    made: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    looped: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    twice: set[str] = field(default_factory=set[str])

    def bind(self, name: str) -> None:
        """Note that a name is bound here; the class of one that is bound twice is not known."""
        if name in self.bound:
            self.twice.add(name)
        self.bound.add(name)

    def kind(self, name: str) -> tuple[str, ...]:
        """The class that a local name is made of, as it is written; empty where that is not told."""
        at = self._binder(name)
        return at.made.get(name, ()) if at is not None else ()

    def loop(self, name: str) -> tuple[str, ...]:
        """What the loop calls that alone binds a local name; empty where that is local too."""
        at = self._binder(name)
        chain = at.looped.get(name, ()) if at is not None else ()
        return chain if chain and self.find(chain[0]) is None else ()

    def _binder(self, name: str) -> "_Scope | None":
        """The scope that binds a local name, where it does so once."""
        at: _Scope | None = self
        while at is not None and (name not in at.bound or at.is_class):
            at = at.parent
        return at if at is not None and name not in at.twice else None

    def find(self, name: str) -> tuple[Import, ...] | None:
        """None for a name from outside, else the imports that bind it; a plain local has none."""
        at: _Scope | None = self
        while at is not None:
            if name in at.outer:
                return None
            # A class body sees what it bound so far, else what lies outside: both may be meant.
            if name in at.bound and not at.is_class:
                return tuple(at.imports.get(name, ()))
            at = at.parent
        return None


@dataclass(frozen=True, slots=True)
class _Around:
    """The call, subscript or `getattr` that a chain of names stands in."""

    names: tuple[str, ...] = ()
    argument: str | None = None
    bare: bool = False
    called: bool = False
    stored: bool = False


_ALONE = _Around()


@dataclass(slots=True)
class _Step:
    node: Any
    scope: _Scope
    annotation: bool = False
    around: _Around = _ALONE


class _Reader:
    """Walks a tree once; which names are local is known only at the end, and asked then."""

    def __init__(self) -> None:
        self.loads = Loads()
        self.pending: list[tuple[Load, _Scope]] = []
        self.taken: list[tuple[str, Load, _Scope]] = []  # `ok = x.exists`
        self.called: set[str] = set()
        self.named: list[tuple[str, int, _Scope]] = []  # `getattr(x, each.name)`

    def read(self, steps: Sequence[_Step]) -> Loads:
        waiting = list(reversed(steps))
        while waiting:
            step = waiting.pop()
            visit = _VISITS.get(step.node.__class__)
            if visit is not None:
                waiting.extend(reversed(visit(self, step)))
            else:
                scope, annotation = step.scope, step.annotation
                children = reversed(child_nodes(step.node))
                waiting.extend([_Step(child, scope, annotation) for child in children])
        self.pending += [(load, at) for name, load, at in self.taken if name in self.called]
        for load, scope in self.pending:
            self._place(load, scope.find(load.chain[0]), scope)
        self.loads.fields += [Load(at.loop(name), line) for name, line, at in self.named]
        if any(_LOOPS.intersection(load.chain) for load in self.loads.names):
            self.loads.attributes += [
                replace(load, chain=(LOOP_TIME,), receiver=())
                for load in self.loads.attributes
                if load.called and load.chain[-1] == "time"
            ]
        return self.loads

    def _place(self, load: Load, found: tuple[Import, ...] | None, scope: _Scope) -> None:
        if found is None:
            self.loads.names.append(load)
        elif found:
            self.loads.names.append(replace(load, imports=found))
        elif len(load.chain) > 1:
            receiver = scope.kind(load.chain[0])
            self.loads.attributes.append(replace(load, chain=load.chain[1:], receiver=receiver))


def _chain(reader: _Reader, step: _Step) -> list[_Step]:
    """A name and the attributes behind it, as one load."""
    nodes: list[Any] = [step.node]
    while nodes[-1].__class__ is ast.Attribute:
        nodes.append(nodes[-1].value)
    base = nodes[-1]
    nodes.reverse()
    names = tuple([node.attr for node in nodes[1:]])
    around = step.around
    _note_text(reader, (getattr(base, "id", ""), *names, *around.names), step.node.lineno)
    is_named = base.__class__ is ast.Name
    is_stored = step.node.ctx.__class__ is not ast.Load
    if is_named and is_stored and not names:
        step.scope.bind(base.id)
        return []
    load = Load(
        (base.id, *names, *around.names) if is_named else (*names, *around.names),
        step.node.lineno,
        tuple(nodes) if is_named else (),
        (),
        around.argument,
        around.bare,
        around.called or _is_type_of(base),
        around.stored or is_stored,
        step.annotation,
        () if is_named else _maker(base),
    )
    if is_named:
        reader.pending.append((load, step.scope))
        return []
    if load.chain:
        reader.loads.attributes.append(load)
    return [_Step(base, step.scope, step.annotation)]


def _maker(node: ast.AST) -> tuple[str, ...]:
    """The name that a call calls, which is a class where it makes an instance of it."""
    return _names(node.func) if isinstance(node, ast.Call) else ()


def _names(node: ast.AST | None) -> tuple[str, ...]:
    if isinstance(node, ast.Attribute):
        inner = _names(node.value)
        return (*inner, node.attr) if inner else ()
    return (node.id,) if isinstance(node, ast.Name) else ()


def _is_type_of(node: ast.AST) -> bool:
    """Whether it is `type(x)`, an attribute of which is taken as if it were called."""
    return _maker(node) == ("type",)


def _assign(reader: _Reader, step: _Step) -> list[_Step]:
    node: ast.Assign = step.node
    target, maker = node.targets[0], _maker(node.value)
    if maker and len(node.targets) == 1 and isinstance(target, ast.Name):
        step.scope.made.setdefault(target.id, maker)
    chain = _names(node.value)
    if len(chain) > 1 and isinstance(target, ast.Name):
        load = Load(chain, node.lineno, called=True)
        reader.taken.append((target.id, load, step.scope))
    return [_Step(child, step.scope) for child in child_nodes(node)]


def _note_text(reader: _Reader, names: tuple[str, ...], line: int) -> None:
    """Note names that read docstrings, which then count, or comments, which never do."""
    if not _READ_DOCS.isdisjoint(names):
        reader.loads.documents = True
    for name in names:
        if name in _READ_TEXT:
            reader.loads.dynamic.append((f"{name} reads text that does not count", line))


def _call(reader: _Reader, step: _Step) -> list[_Step]:
    node: ast.Call = step.node
    scope = step.scope
    name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
    if name in _BY_NAME and isinstance(node.func, ast.Name) and len(node.args) > 1:
        return _by_name(reader, node, scope)
    if name in ZONED and len(node.args) + len(node.keywords) < 1 + (name == "fromtimestamp"):
        load = Load((f"{name}{WITHOUT_ZONE}",), node.lineno, called=True)
        reader.loads.attributes.append(load)
    if name in _NAMED_LATER:
        _named_later(reader, node, name)
    if isinstance(node.func, ast.Name):
        reader.called.add(node.func.id)
    around = _Around(
        argument=_first_text(node.args), bare=not (node.args or node.keywords), called=True
    )
    rest = [_Step(item, scope) for item in (*node.args, *node.keywords)]
    return [_Step(node.func, scope, around=around), *rest]


def _by_name(reader: _Reader, node: ast.Call, scope: _Scope) -> list[_Step]:
    """`getattr(x, "name")` is `x.name`; with a computed name nobody knows."""
    name = getattr(node.func, "id", "")
    receiver, named = node.args[0], node.args[1]
    after = [_Step(item, scope) for item in (*node.args[2:], *node.keywords)]
    if isinstance(named, ast.Constant) and isinstance(named.value, str):
        stored = name in {"setattr", "delattr"}
        around = _Around((named.value,), called=True, stored=stored)
        return [_Step(receiver, scope, around=around), *after]
    match named:
        case ast.Attribute(value=ast.Name(id=each), attr="name") if name == "getattr":
            reader.named.append((each, node.lineno, scope))
        case _:
            reader.loads.dynamic.append((f"{name} {BY_COMPUTED_NAME}", node.lineno))
    return [_Step(receiver, scope), _Step(named, scope), *after]


def _named_later(reader: _Reader, node: ast.Call, name: str) -> None:
    for item in node.args if name == "attrgetter" else node.args[:1]:
        if isinstance(item, ast.Constant):
            chain = tuple(str(item.value).split("."))
            reader.loads.attributes.append(Load(chain, node.lineno, called=True))
        else:
            reader.loads.dynamic.append((f"operator.{name} by a computed name", node.lineno))


def _subscript(_reader: _Reader, step: _Step) -> list[_Step]:
    node: ast.Subscript = step.node
    around = _Around(argument=_first_text([node.slice]), stored=not isinstance(node.ctx, ast.Load))
    return [
        _Step(node.value, step.scope, step.annotation, around),
        _Step(node.slice, step.scope, step.annotation),
    ]


def _import(_reader: _Reader, step: _Step) -> list[_Step]:
    for item in imports_of(step.node):
        step.scope.bind(item.bound)
        step.scope.imports.setdefault(item.bound, []).append(item)
    return []


def _global(reader: _Reader, step: _Step) -> list[_Step]:
    node: ast.Global = step.node
    step.scope.outer.update(node.names)
    reader.loads.dynamic.append((f"global statement: {', '.join(node.names)}", node.lineno))
    return []


def _nonlocal(_reader: _Reader, step: _Step) -> list[_Step]:
    at: _Scope | None = step.scope
    while at is not None:
        at.twice.update(step.node.names)
        at = at.parent
    return []


def _definition(_reader: _Reader, step: _Step) -> list[_Step]:
    """A nested function or class: what it evaluates where it stands, then what is inside."""
    node, scope = step.node, step.scope
    if not isinstance(node, ast.Lambda):
        scope.bind(node.name)
    outside: list[Any] = list(getattr(node, "decorator_list", ()))
    outside += [*getattr(node, "bases", ()), *getattr(node, "keywords", ())]
    args = getattr(node, "args", None)
    if args is not None:
        outside += [item for item in (*args.defaults, *args.kw_defaults) if item is not None]
    return [*(_Step(item, scope) for item in outside), *_inside(node, scope)]


def _inside(node: Any, outer: _Scope) -> list[_Step]:
    """The steps within a function or class, in a scope of its own."""
    scope = _Scope(outer, is_class=isinstance(node, ast.ClassDef))
    steps: list[_Step] = []
    if not scope.is_class:
        for arg in _arguments(node.args):
            scope.bind(arg.arg)
            told = _names(arg.annotation) or ((arg.arg,) if arg.arg in _SELF else ())
            if told and arg not in (node.args.vararg, node.args.kwarg):
                scope.made[arg.arg] = told
            if arg.annotation is not None:
                steps.append(_Step(arg.annotation, outer, annotation=True))
        returns = getattr(node, "returns", None)
        if returns is not None:
            steps.append(_Step(returns, outer, annotation=True))
    body: list[Any] = [node.body] if isinstance(node, ast.Lambda) else node.body
    return [*steps, *(_Step(item, scope) for item in body)]


def _annotated(_reader: _Reader, step: _Step) -> list[_Step]:
    node: ast.AnnAssign = step.node
    steps = [_Step(node.annotation, step.scope, annotation=True), _Step(node.target, step.scope)]
    return [*steps, *([_Step(node.value, step.scope)] if node.value is not None else [])]


def _looped(node: ast.For | ast.comprehension, scope: _Scope) -> None:
    if isinstance(node.target, ast.Name):
        scope.looped[node.target.id] = _maker(node.iter)


def _for(_reader: _Reader, step: _Step) -> list[_Step]:
    _looped(step.node, step.scope)
    return [_Step(child, step.scope) for child in child_nodes(step.node)]


def _comprehension(_reader: _Reader, step: _Step) -> list[_Step]:
    scope = _Scope(step.scope, is_comprehension=True)
    for each in step.node.generators:
        _looped(each, scope)
    generators: list[ast.comprehension] = step.node.generators
    steps = [_Step(generators[0].iter, step.scope)]  # the first iterable is evaluated outside
    for index, generator in enumerate(generators):
        steps += [_Step(generator.iter, scope)] if index else []
        steps += [_Step(item, scope) for item in (generator.target, *generator.ifs)]
    parts = [getattr(step.node, name, None) for name in ("key", "value", "elt")]
    return [*steps, *(_Step(item, scope) for item in parts if item is not None)]


def _named_expression(_reader: _Reader, step: _Step) -> list[_Step]:
    """`:=` binds outside the comprehensions that it stands in."""
    scope = step.scope
    while scope.is_comprehension and scope.parent is not None:
        scope = scope.parent
    scope.bind(step.node.target.id)
    return [_Step(step.node.value, step.scope)]


def _binding(_reader: _Reader, step: _Step) -> list[_Step]:
    """Handlers and patterns, which bind by a bare name."""
    for name in (getattr(step.node, "name", None), getattr(step.node, "rest", None)):
        if name is not None:
            step.scope.bind(name)
    return [_Step(child, step.scope) for child in child_nodes(step.node)]


def _arguments(args: ast.arguments) -> Iterator[ast.arg]:
    yield from (*args.posonlyargs, *args.args, *args.kwonlyargs)
    yield from (item for item in (args.vararg, args.kwarg) if item is not None)


def _first_text(items: Sequence[ast.expr]) -> str | None:
    first = items[0] if items else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


_Visit = Callable[[_Reader, _Step], list[_Step]]
_VISITS: Mapping[type, _Visit] = {
    ast.Name: _chain,
    ast.Attribute: _chain,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.FunctionDef: _definition,
    ast.AsyncFunctionDef: _definition,
    ast.ClassDef: _definition,
    ast.Lambda: _definition,
    ast.For: _for,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.NamedExpr: _named_expression,
    ast.ExceptHandler: _binding,
    ast.MatchAs: _binding,
    ast.MatchStar: _binding,
    ast.MatchMapping: _binding,
}
