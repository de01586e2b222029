"""The canonical form of a syntax tree: the same on every Python, blind to layout and position.

The walker is our own, because `ast.dump` and `ast.unparse` change between versions. It needs
nothing but the standard library.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from inspect import cleandoc
from typing import Any, cast

# Fields that say how something was written, or where, and never what it does; the module of an
# import is told by reference.
_SILENT = frozenset({"ctx", "kind", "level", "module", "type_comment", "type_ignores"})
# Fields that hold names and numbers, never nodes that matter to a walker.
_LEAVES = frozenset({"id", "attr", "arg", "asname", "conversion", "is_async", "op", "ops", "rest"})
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_FUNCTIONS = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda})
_ANNOTATED = frozenset({ast.AnnAssign, ast.arg})
_DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_NO_NAMES: Mapping[int, str] = {}
_FIELDS: dict[type, tuple[str, ...]] = {}
_BRANCHES: dict[type, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class Reading:
    """What of a tree counts.

    `names` gives, by node identity, what stands for a name that leads through modules; `without`
    holds the identities of nodes that are told apart elsewhere (methods, the harness's own
    decorators).
    """

    names: Mapping[int, str] = field(default_factory=lambda: _NO_NAMES)
    without: frozenset[int] | set[int] = frozenset()
    class_docs: bool = False
    function_docs: bool = False


def canonical_tree(node: ast.AST, reading: Reading | None = None) -> list[str | int]:
    """A syntax tree as one flat list in prefix order, each node with its number of fields.

    Flat, because canonical JSON bounds its depth and a long sum is a deep tree.

    Example:
        >>> def of(text):
        ...     return canonical_tree(ast.parse(text))
        >>> of("x = (1)  # one") == of("x=1"), of("x = 1") == of("x = 1.0")
        (True, False)
    """
    how = reading or Reading()
    names = how.names
    out: list[str | int] = []
    waiting: list[Any] = [node]
    while waiting:
        item = waiting.pop()
        kind = item.__class__
        if kind is str:  # a name of the program, or of a field
            out.append(item)
        elif kind is list:
            out.extend(("[", len(item)))
            waiting.extend(reversed(item))
        elif kind is ast.Constant:
            out.extend(("Constant", constant(item.value)))
        elif isinstance(item, ast.AST):
            name = names.get(id(item))
            if name is None:
                _open(item, how, out, waiting=waiting)
            else:
                out.extend(("@", name))
        else:  # None in a list, a number, or the value of `case None:`
            out.append(constant(item))
    return out


def child_nodes(node: ast.AST) -> list[ast.AST]:
    """The nodes directly below one, in the order of the tree."""
    kind = node.__class__
    branches = _BRANCHES.get(kind)
    if branches is None:
        branches = tuple(name for name in _fields_of(kind) if name not in _LEAVES)
        _BRANCHES[kind] = branches
    found: list[ast.AST] = []
    for name in branches:
        value = getattr(node, name, None)
        if value.__class__ is list:
            found += [item for item in cast("list[Any]", value) if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def _fields_of(kind: type[ast.AST]) -> tuple[str, ...]:
    fields = _FIELDS.get(kind)
    if fields is None:
        fields = _FIELDS[kind] = tuple(name for name in kind._fields if name not in _SILENT)
    return fields


def constant(value: object) -> str:  # noqa: PLR0911 - one for each kind of literal
    """A constant with its type, so that `1`, `1.0`, `True`, `"1"` and `b"1"` all differ.

    Example:
        >>> [constant(value) for value in (1, 1.0, True, "1", b"1", None)]
        ['int:1', 'float:0x1.0000000000000p+0', 'bool:True', 'str:1', 'bytes:31', 'none']
    """
    match value:
        case None:
            return "none"
        case bool():
            return f"bool:{value}"
        case int():
            return f"int:{value:x}"
        case float():
            return f"float:{value.hex()}"
        case complex():
            return f"complex:{value.real.hex()},{value.imag.hex()}"
        case bytes():
            return f"bytes:{value.hex()}"
        case str():
            return _text(value)
        case _:
            return "ellipsis"


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:  # a lone surrogate, which JSON could not hold
        return f"utf16:{value.encode('utf-16-le', 'surrogatepass').hex()}"
    return f"str:{value}"


def _open(node: Any, how: Reading, out: list[str | int], *, waiting: list[Any]) -> None:
    """Write a node's kind and number of fields, and leave what is below it to be written next."""
    kind = node.__class__
    below: list[Any] = []
    count = 0
    for label in _fields_of(kind):
        value: Any = getattr(node, label, None)
        if value is None and kind is not ast.MatchSingleton:
            continue
        if value.__class__ is list:
            value = _items(node, label, cast("list[Any]", value), how=how)
            if not value:
                continue
        below.append(label)
        below.append(value)
        count += 1
    out.extend((kind.__name__, count))
    below.reverse()
    for index in range(0, len(below), 2):  # each value stands before its label, to be popped later
        waiting.append(below[index])
        waiting.append(below[index + 1])


def _items(node: Any, label: str, items: list[Any], *, how: Reading) -> list[Any]:
    """A list of nodes without what does not count in it."""
    kind = node.__class__
    if kind is ast.Import or kind is ast.ImportFrom:
        # What is imported is told by reference; here counts which names it binds.
        return [bound_name(alias) for alias in items]
    if kind is ast.JoinedStr:
        return _merged(items)
    if label == "body" and kind in _DOCUMENTED:
        items = _documented(items, how.class_docs if kind is ast.ClassDef else how.function_docs)
    if how.without:
        items = [item for item in items if id(item) not in how.without]
    return items or ([ast.Pass()] if label == "body" else [])


def _documented(items: list[Any], told: bool) -> list[Any]:  # noqa: FBT001 - the one question
    """A body without the bare strings that only document, unless they are told."""
    if not told:
        return [item for item in items if not _is_bare_text(item)]
    return [_tidy(items[0]), *items[1:]] if _is_bare_text(items[0]) else items


def _is_bare_text(item: Any) -> bool:
    return (
        isinstance(item, ast.Expr)
        and isinstance(item.value, ast.Constant)
        and isinstance(item.value.value, str)
    )


def _tidy(item: Any) -> ast.Expr:
    """A docstring as readers of it see it; 3.13 removes the indentation that 3.11 keeps."""
    return ast.Expr(ast.Constant(cleandoc(item.value.value)))


def _merged(values: list[ast.expr]) -> list[ast.expr]:
    """The pieces of an f-string with neighbouring texts joined, as versions split them unlike."""
    out: list[ast.expr] = []
    for item in values:
        last = out[-1] if out else None
        if isinstance(item, ast.Constant) and isinstance(last, ast.Constant):
            out[-1] = ast.Constant(str(last.value) + str(item.value))
        else:
            out.append(item)
    return [item for item in out if not (isinstance(item, ast.Constant) and item.value == "")]


def bound_name(alias: ast.alias) -> str:
    """The name that one part of an import statement binds."""
    return alias.asname or alias.name.partition(".")[0]


def settle_annotations(tree: ast.AST) -> list[FunctionNode]:
    """Unquote annotations, and blank those of local variables, which are never evaluated.

    In place and once, so that all who walk the tree see the same nodes. The walk is by levels, and
    gives the functions and lambdas in the order in which it meets them.
    """
    functions: list[FunctionNode] = []
    level: list[tuple[Any, bool]] = [(tree, False)]
    for node, local in level:  # grows while it is walked
        kind = node.__class__
        inside = local
        if kind in _FUNCTIONS:
            inside = True
            functions.append(node)
            if kind is not ast.Lambda and node.returns is not None:
                node.returns = _unquoted(node.returns)
        elif kind is ast.ClassDef:
            inside = False
        elif kind is ast.AnnAssign and local:
            node.annotation = ast.copy_location(ast.Constant(...), node.annotation)
        elif kind in _ANNOTATED and node.annotation is not None:
            node.annotation = _unquoted(node.annotation)
        level += [(child, inside) for child in child_nodes(node)]
    return functions


def _unquoted(node: ast.expr) -> ast.expr:
    match node:
        case ast.Constant(value=str(text)):
            return _parsed(text, node)
        case ast.Subscript():
            name = _last_name(node.value)
            if name == "Annotated" and isinstance(node.slice, ast.Tuple) and node.slice.elts:
                node.slice.elts[0] = _unquoted(node.slice.elts[0])
            elif name != "Literal":
                node.slice = _unquoted(node.slice)
        case ast.Tuple() | ast.List():
            node.elts = [_unquoted(item) for item in node.elts]
        case ast.BinOp():
            node.left, node.right = _unquoted(node.left), _unquoted(node.right)
        case _:
            pass
    return node


def _parsed(text: str, quoted: ast.expr) -> ast.expr:
    """The expression in a quoted annotation, or the string where it is no annotation."""
    try:
        found = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return quoted
    if not isinstance(found, ast.Name | ast.Attribute | ast.Subscript | ast.BinOp):
        return quoted
    for part in ast.walk(found):
        ast.copy_location(part, quoted)
    return _unquoted(found)


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
