"""What a module does when it is imported, beside defining things: as one definition."""

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.util import resolve_name
from inspect import getattr_static
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from atelier.cache.links import Links
from atelier.cache.places import Owner, file_of, label_of_file, owner_of_module, top_of
from atelier.cache.references import Load, Loads, loads_of_expression
from atelier.cache.resolve import CHANGES, Scope
from atelier.cache.sheet import Sheet
from atelier.cache.sources import Source, bodies_of, find_function, find_source
from atelier.cache.tree import Reading, canonical_tree
from atelier.kernel.canonical import Json

# Calls that leave nothing which a stage could read without being noticed itself.
_HARMLESS = frozenset({"print", "load_dotenv"})
_CONTAINERS = (dict, list, set)
_NAMED = (FunctionType, BuiltinFunctionType, type)
_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# What a statement of a module reads where it stands: what it sets from there stays hidden.
_TOLD = ("environment", "command line", "clock", "standard input")


def imported_modules(module: ModuleType) -> tuple[ModuleType, ...]:
    """The project's modules that are executed when a module is: its packages and its imports."""
    source = _source(module)
    names = _executed_names(source, module.__name__, module.__package__)
    found = (sys.modules.get(name) for name in names)
    return tuple(each for each in found if each is not None and is_executed(each))


@lru_cache(maxsize=4_096)
def _executed_names(source: Source | None, module: str, package: str | None) -> tuple[str, ...]:
    names = list(_above(module))
    for item in source.executed if source else ():
        name = _absolute("." * item.level + item.module, package)
        names += [*_above(name), name, *([f"{name}.{item.name}"] if item.name else [])]
    return tuple(dict.fromkeys(names))


def is_executed(module: object) -> bool:
    """Whether a module is the project's, so that what it does counts by its source."""
    if not isinstance(module, ModuleType):  # an object that a module put in its own place
        return False
    return owner_of_module(module.__name__) is Owner.PROJECT and file_of(module) is not None


def statements_of(module: ModuleType) -> list[ast.stmt]:
    """The statements of a module that reach beyond its own names."""
    source = _source(module)
    return [node for node in source.tree.body if _acts(node, module)] if source else []


def statements_content(module: ModuleType, nodes: Sequence[ast.stmt], sheet: Sheet) -> Json:
    """The statements as written, with all that they refer to."""
    links = Links(Scope(vars(module), {}, {}), sheet)
    for node in nodes:
        links.add(loads_of_expression(node))
    for item in list(sheet.unseen):
        if not item.what.startswith(_TOLD):
            del sheet.unseen[item]
    registered = [Load((item.name,), item.lineno) for item in nodes if isinstance(item, _DEFINES)]
    links.add(Loads(names=registered))
    reading = Reading(links.names, frozenset(), sheet.reach.class_docs, sheet.reach.function_docs)
    return {
        "trees": [list[Json](canonical_tree(node, reading)) for node in nodes],
        "refs": links.content,
    }


def statements_text(module: ModuleType, nodes: Sequence[ast.stmt]) -> str:
    """The lines of the statements."""
    source = _source(module)
    return "\n".join(source.text(node) for node in nodes) if source else ""


def label_of_statements(module: ModuleType) -> str:
    """A module's statements as people name them."""
    return f"{place_of_module(module)} (module statements)"


def place_of_module(module: ModuleType) -> str:
    """A module's file as people name it."""
    return label_of_file(file_of(module) or module.__name__, module.__name__)


def _source(module: ModuleType) -> Source | None:
    file = file_of(module)
    return find_source(file) if file and file.endswith(".py") else None


def _above(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _absolute(name: str, package: str | None) -> str:
    try:
        return resolve_name(name, package or None) if name[:1] == "." else name
    except ImportError:
        return name


def _acts(node: ast.stmt, module: ModuleType) -> bool:
    """Whether a statement does more than bind names and fill what the module itself holds."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return any(_registers(item, vars(module), set()) for item in node.decorator_list)
        case ast.Expr(value=value):
            return any(_calls_out(part, module) for part in ast.walk(value))
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            return any(_stores_out(target, module) for target in targets)
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            return _stores_out(target, module)
        case ast.If(test=test) if _is_guard(test):
            return any(_acts(item, module) for item in node.orelse)
        case _:
            return any(_acts(item, module) for item in bodies_of(node))


def _registers(node: ast.expr, names: Mapping[str, Any], seen: set[int]) -> bool:
    """Whether a decorator hands what it decorates to a library, which keeps it out of sight.

    A registry of the project's own is read where it stands.
    """
    func = node.func if isinstance(node, ast.Call) else node
    held = _along(func, names)
    if not callable(held):
        return False
    owner = held.__module__ if isinstance(held, _NAMED) else type(held).__module__
    if owner_of_module(str(owner)) is not Owner.PROJECT:
        return "register" in ast.unparse(func).rpartition(".")[2]
    if not isinstance(held, FunctionType) or id(held) in seen:
        return False
    seen.add(id(held))
    found = find_function(held.__code__)
    calls = [part for each in (found.nodes if found else ()) for part in ast.walk(each)]
    inner = held.__globals__
    return any(isinstance(part, ast.Call) and _registers(part, inner, seen) for part in calls)


def _is_guard(test: ast.expr) -> bool:
    names = {getattr(part, "id", None) or getattr(part, "attr", None) for part in ast.walk(test)}
    return bool(names & {"TYPE_CHECKING", "__name__"})


def _calls_out(node: ast.AST, module: ModuleType) -> bool:
    if not isinstance(node, ast.Call):
        return False
    func = node.func
    if getattr(func, "id", None) in _HARMLESS or getattr(func, "attr", None) in _HARMLESS:
        return False
    held = _held(func, module)
    if held is sys or top_of(type(held).__module__) == "atelier":
        return not ast.unparse(func).startswith("sys.path.") and held is sys
    if top_of(str(getattr(held, "__module__", ""))) == "atelier":
        return False
    fills = isinstance(func, ast.Attribute) and func.attr in CHANGES
    return not (fills and isinstance(held, _CONTAINERS))


def _stores_out(target: ast.expr, module: ModuleType) -> bool:
    if isinstance(target, ast.Tuple | ast.List):
        return any(_stores_out(item, module) for item in target.elts)
    if not isinstance(target, ast.Attribute | ast.Subscript):
        return False
    held = _held(target.value, module)
    if isinstance(held, _CONTAINERS):
        return False
    owner = held.__name__ if isinstance(held, ModuleType) else getattr(held, "__module__", None)
    return not isinstance(owner, str) or owner_of_module(owner) is not Owner.PROJECT


def _along(node: ast.expr, names: Mapping[str, Any]) -> object:
    """What a chain of names leads to, without running any of it; None for what is local."""
    if isinstance(node, ast.Attribute):
        found: Any = getattr_static(_along(node.value, names), node.attr, None)
        return getattr(found, "__func__", found)
    return names.get(node.id) if isinstance(node, ast.Name) else None


def _held(node: ast.expr, module: ModuleType) -> object:
    """What the name at the start of an expression is bound to; None where a call stands between."""
    at: Any = node
    while isinstance(at, ast.Attribute | ast.Subscript):
        at = at.value
    return vars(module).get(at.id) if isinstance(at, ast.Name) else None
