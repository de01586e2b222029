"""The canonical form of a syntax tree: the same on every Python, blind to layout and position.

The walker is our own, because `ast.dump` and `ast.unparse` change between versions. It needs
nothing but the standard library.
"""

import ast
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from inspect import cleandoc
from typing import Any, cast

# Fields that say how something was written, or where, and never what it does.
_SILENT = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
_DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_NO_NAMES: Mapping[int, str] = {}


@dataclass(frozen=True, slots=True)
class Reading:
    """What of a tree counts.

    `names` gives, by node identity, what stands for a name that leads through modules; `without`
    holds the identities of nodes that are told apart elsewhere (methods, the harness's own
    decorators).
    """

    names: Mapping[int, str] = field(default_factory=lambda: _NO_NAMES)
    without: Container[int] = ()
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
    out: list[str | int] = []
    waiting: list[Any] = [node]
    while waiting:
        item = waiting.pop()
        if isinstance(item, _Word):
            out.append(item.text)
        elif isinstance(item, list):
            items = cast("list[Any]", item)
            out.extend(("[", len(items)))
            waiting.extend(reversed(items))
        elif isinstance(item, ast.AST):
            _open(item, how, out, waiting=waiting)
        else:
            out.append(constant(item))
    return out


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


@dataclass(frozen=True, slots=True)
class _Word:
    text: str


def _open(node: ast.AST, how: Reading, out: list[str | int], *, waiting: list[Any]) -> None:
    name = how.names.get(id(node))
    if name is not None:
        out.extend(("@", name))
        return
    fields = [(label, value) for label, value in _fields(node, how) if value not in (None, [])]
    out.extend((type(node).__name__, len(fields)))
    for label, value in reversed(fields):
        waiting.extend((value, _Word(label)))


def _fields(node: ast.AST, how: Reading) -> Iterator[tuple[str, Any]]:
    match node:
        case ast.Constant():
            yield "value", _Word(constant(node.value))
        case ast.Import() | ast.ImportFrom():
            # What is imported is told by reference; here counts which names it binds.
            yield "binds", [_Word(bound_name(alias)) for alias in node.names]
        case ast.JoinedStr():
            yield "values", _merged(node.values)
        case _:
            for label in node._fields:
                if label not in _SILENT:
                    yield label, _field(node, label, how)


def _field(node: Any, label: str, how: Reading) -> Any:
    value = getattr(node, label, None)
    if isinstance(value, str):
        return _Word(value)
    if isinstance(value, int):  # such as `simple`, `level`, `is_async`, `conversion`
        return _Word(str(value))
    if isinstance(value, list):
        kept = [_item(item) for item in _body(node, label, how) if id(item) not in how.without]
        return [ast.Pass()] if label == "body" and not kept else kept
    return value


def _item(item: Any) -> Any:
    # Lists hold nodes, names (`global a, b`) and, in a dictionary display, None for `**rest`.
    return _Word(item) if isinstance(item, str) else _Word("**") if item is None else item


def _body(node: Any, label: str, how: Reading) -> list[Any]:
    """A list of nodes without the bare strings that only document."""
    items: list[Any] = getattr(node, label)
    if label != "body" or not isinstance(node, _DOCUMENTED):
        return items
    told = how.class_docs if isinstance(node, ast.ClassDef) else how.function_docs
    kept = items if told else [item for item in items if not _is_bare_text(item)]
    if told and kept and _is_bare_text(kept[0]):
        return [_tidy(kept[0]), *kept[1:]]
    return kept


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


def settle_annotations(tree: ast.AST) -> None:
    """Unquote annotations, and blank those of local variables, which are never evaluated.

    In place and once, so that all who walk the tree see the same nodes.
    """
    waiting: list[tuple[Any, bool]] = [(tree, False)]
    while waiting:
        node, local = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            local = True
        elif isinstance(node, ast.ClassDef):
            local = False
        if isinstance(node, ast.AnnAssign) and local:
            node.annotation = ast.copy_location(ast.Constant(...), node.annotation)
        elif isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            node.annotation = _unquoted(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
            node.returns = _unquoted(node.returns)
        waiting.extend((child, local) for child in ast.iter_child_nodes(node))


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
