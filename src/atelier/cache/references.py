"""What a function reaches for: read off its syntax tree, without running anything."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from atelier.cache.tree import bound_name

_BY_NAME = frozenset({"getattr", "setattr", "delattr", "hasattr"})
_NAMED_LATER = frozenset({"attrgetter", "methodcaller"})
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


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


@dataclass(slots=True)
class Loads:
    """All that a body reaches for, in the order of its tree."""

    names: list[Load] = field(default_factory=list["Load"])
    attributes: list[Load] = field(default_factory=list["Load"])  # on receivers that are not known
    dynamic: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    imports: list[Import] = field(default_factory=list["Import"])
    documents: bool = False  # reads a docstring


@dataclass(slots=True, eq=False)
class _Scope:
    is_class: bool
    parent: "_Scope | None"
    bound: set[str] = field(default_factory=set[str])
    outer: set[str] = field(default_factory=set[str])  # declared global
    imports: dict[str, list[Import]] = field(default_factory=dict[str, list["Import"]])


@dataclass(frozen=True, slots=True)
class _Step:
    node: ast.AST
    scope: _Scope
    annotation: bool = False
    after: "Load | None" = None  # what is known of the call or subscript around this chain


def loads_of(node: ast.AST) -> Loads:
    """What the body of a function, lambda or class reaches for; its own decorators do not count.

    The defaults of a function at the root are left out too: they stand evaluated in the function.
    """
    return _Reader().read(node)


def loads_of_expression(node: ast.expr) -> Loads:
    """What an expression at the level of a module reaches for, such as a decorator."""
    reader = _Reader()
    reader.walk([_Step(node, _Scope(is_class=False, parent=None))])
    return reader.loads


class _Reader:
    def __init__(self) -> None:
        self.loads = Loads()

    def read(self, node: ast.AST) -> Loads:
        outside = _Scope(is_class=False, parent=None)
        if isinstance(node, _SCOPES):
            self.walk(self._inside(node, outside))
        else:
            self.walk([_Step(node, outside)])
        return self.loads

    def walk(self, steps: Sequence[_Step]) -> None:
        waiting = list(reversed(steps))
        while waiting:
            waiting.extend(reversed(self._visit(waiting.pop())))

    def _visit(self, step: _Step) -> list[_Step]:  # noqa: PLR0911 - one for each kind of node
        node, scope = step.node, step.scope
        match node:
            case ast.Name() | ast.Attribute():
                return self._chain(step)
            case ast.Call():
                return self._call(node, step)
            case ast.Subscript():
                return self._subscript(node, step)
            case ast.Import() | ast.ImportFrom():
                self.loads.imports.extend(imports_of(node))
            case ast.Global():
                named = ", ".join(node.names)
                self.loads.dynamic.append((f"global statement: {named}", node.lineno))
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() | ast.ClassDef():
                return [*_outside(node, scope), *self._inside(node, scope)]
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return _comprehension(node, scope)
            case _:
                return [_Step(child, scope, step.annotation) for child in _children(node)]
        return []

    def _inside(self, node: ast.AST, outer: _Scope) -> list[_Step]:
        """The steps within a function or class, in a scope of its own."""
        scope = _Scope(is_class=isinstance(node, ast.ClassDef), parent=outer)
        body: list[ast.AST] = []
        if isinstance(node, ast.Lambda):
            body = [node.body]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            body = list(node.body)
        args = getattr(node, "args", None)
        annotations: list[ast.AST] = []
        if isinstance(args, ast.arguments):
            for arg in _arguments(args):
                scope.bound.add(arg.arg)
                if arg.annotation is not None:
                    annotations.append(arg.annotation)
        returns = getattr(node, "returns", None)
        if returns is not None:
            annotations.append(returns)
        _bind(body, scope)
        return [
            *(_Step(item, outer, annotation=True) for item in annotations),
            *(_Step(item, scope) for item in body),
        ]

    def _chain(self, step: _Step) -> list[_Step]:
        nodes: list[ast.AST] = [step.node]
        while isinstance(nodes[-1], ast.Attribute):
            nodes.append(nodes[-1].value)
        base, attributes = nodes[-1], [node for node in nodes if isinstance(node, ast.Attribute)]
        names = tuple(node.attr for node in reversed(attributes))
        if "__doc__" in names or (isinstance(base, ast.Name) and base.id == "__doc__"):
            self.loads.documents = True
        if isinstance(base, ast.Name):
            found = _find(base.id, step.scope)
            stored = not isinstance(getattr(step.node, "ctx", None), ast.Load)
            if found is None or found:
                if not (stored and not names):
                    self._name(base, names, step=step, nodes=nodes, imports=found or ())
                return []
            self._attributes(names, step)
            return []
        self._attributes(names, step)
        return [_Step(base, step.scope, step.annotation)]

    def _name(
        self,
        base: ast.Name,
        names: tuple[str, ...],
        *,
        step: _Step,
        nodes: list[ast.AST],
        imports: tuple[Import, ...],
    ) -> None:
        around = step.after
        self.loads.names.append(
            Load(
                chain=(base.id, *names, *(around.chain if around else ())),
                line=base.lineno,
                nodes=tuple(reversed(nodes)),
                imports=imports,
                argument=around.argument if around else None,
                bare=around.bare if around else False,
                called=around.called if around else False,
                stored=(around.stored if around else False)
                or not isinstance(getattr(step.node, "ctx", None), ast.Load),
                annotation=step.annotation,
            )
        )

    def _attributes(self, names: tuple[str, ...], step: _Step) -> None:
        if names:
            around = step.after or Load((), 0)
            line = getattr(step.node, "lineno", 0)
            self.loads.attributes.append(
                Load((*names, *around.chain), line, argument=around.argument, called=around.called)
            )

    def _call(self, node: ast.Call, step: _Step) -> list[_Step]:
        scope = step.scope
        rest = [_Step(item, scope) for item in (*node.args, *node.keywords)]
        name = _called_name(node.func)
        if isinstance(node.func, ast.Name) and name in _BY_NAME and _find(name, scope) is None:
            if len(node.args) < 2:
                return [_Step(node.func, scope), *rest]
            return self._by_name(node, name, scope=scope)
        if name in _NAMED_LATER:
            self._named_later(node, name)
        about = Load(
            (),
            node.lineno,
            argument=_first_constant(node.args),
            bare=not node.args and not node.keywords,
            called=True,
        )
        return [_Step(node.func, scope, after=about), *rest]

    def _by_name(self, node: ast.Call, name: str, *, scope: _Scope) -> list[_Step]:
        """`getattr(x, "name")` is `x.name`; with a computed name nobody knows."""
        receiver, named = node.args[0], node.args[1]
        after = [_Step(item, scope) for item in (*node.args[2:], *node.keywords)]
        if isinstance(named, ast.Constant) and isinstance(named.value, str):
            about = Load((named.value,), node.lineno, stored=name in {"setattr", "delattr"})
            return [_Step(receiver, scope, after=about), *after]
        self.loads.dynamic.append((f"{name} by a computed name", node.lineno))
        return [_Step(receiver, scope), _Step(named, scope), *after]

    def _named_later(self, node: ast.Call, name: str) -> None:
        named = node.args if name == "attrgetter" else node.args[:1]
        if not all(isinstance(item, ast.Constant) for item in named):
            self.loads.dynamic.append((f"operator.{name} by a computed name", node.lineno))
            return
        for item in named:
            text = str(item.value) if isinstance(item, ast.Constant) else ""
            self.loads.attributes.append(Load(tuple(text.split(".")), node.lineno, called=True))

    def _subscript(self, node: ast.Subscript, step: _Step) -> list[_Step]:
        about = Load(
            (),
            node.lineno,
            argument=_first_constant([node.slice]),
            stored=not isinstance(node.ctx, ast.Load),
        )
        return [
            _Step(node.value, step.scope, step.annotation, after=about),
            _Step(node.slice, step.scope, step.annotation),
        ]


def _find(name: str, scope: _Scope) -> tuple[Import, ...] | None:
    """None for a name from outside; the imports that bind it inside, none for a plain local."""
    at: _Scope | None = scope
    while at is not None:
        if name in at.outer:
            return None
        # A class body sees what it bound so far, and else what lies outside: both may be meant.
        if name in at.bound and not at.is_class:
            return tuple(at.imports.get(name, ()))
        at = at.parent
    return None


def _bind(body: Sequence[ast.AST], scope: _Scope) -> None:
    """Collect the names that statements bind, without going into scopes below."""
    waiting: list[ast.AST] = list(reversed(body))
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Name(ctx=ast.Store() | ast.Del()):
                scope.bound.add(node.id)
            case ast.Import() | ast.ImportFrom():
                for item in imports_of(node):
                    scope.bound.add(item.bound)
                    scope.imports.setdefault(item.bound, []).append(item)
            case ast.Global():
                scope.outer.update(node.names)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                scope.bound.add(name)
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                scope.bound.add(name)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                scope.bound.add(node.name)
            case _:
                pass
        waiting.extend(reversed(_same_scope(node)))


def _same_scope(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, _SCOPES):
        return []
    if isinstance(node, _COMPREHENSIONS):  # its targets are its own, but `:=` binds outside it
        return [item for item in ast.walk(node) if isinstance(item, ast.NamedExpr)]
    return list(ast.iter_child_nodes(node))


def _outside(node: ast.AST, scope: _Scope) -> Iterator[_Step]:
    """What a nested definition evaluates where it stands: decorators, defaults, bases."""
    for name in ("decorator_list", "bases", "keywords"):
        for item in getattr(node, name, ()):
            yield _Step(item, scope)
    args = getattr(node, "args", None)
    if isinstance(args, ast.arguments):
        for item in (*args.defaults, *args.kw_defaults):
            if item is not None:
                yield _Step(item, scope)


def _comprehension(node: ast.AST, outer: _Scope) -> list[_Step]:
    scope = _Scope(is_class=False, parent=outer)
    generators: list[ast.comprehension] = getattr(node, "generators", [])
    for generator in generators:
        _bind([generator.target], scope)
    steps = [_Step(generators[0].iter, outer)]  # the first iterable is evaluated outside
    for index, generator in enumerate(generators):
        if index:
            steps.append(_Step(generator.iter, scope))
        steps.extend(_Step(item, scope) for item in (generator.target, *generator.ifs))
    parts = [getattr(node, name, None) for name in ("key", "value", "elt")]
    return [*steps, *(_Step(item, scope) for item in parts if item is not None)]


def _children(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.AnnAssign):
        yield node.annotation
        yield node.target
        if node.value is not None:
            yield node.value
    else:
        yield from ast.iter_child_nodes(node)


def _arguments(args: ast.arguments) -> Iterator[ast.arg]:
    yield from (*args.posonlyargs, *args.args, *args.kwonlyargs)
    yield from (item for item in (args.vararg, args.kwarg) if item is not None)


def imports_of(node: ast.Import | ast.ImportFrom) -> Iterator[Import]:
    """What one import statement binds, name by name."""
    for alias in node.names:
        bound = bound_name(alias)
        if isinstance(node, ast.Import):
            whole = alias.asname is not None
            yield Import(alias.name, None, bound, 0, node.lineno, whole)
        else:
            yield Import(node.module or "", alias.name, bound, node.level, node.lineno, whole=True)


def _called_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _first_constant(items: Sequence[ast.expr]) -> str | None:
    first = items[0] if items else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
