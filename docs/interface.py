"""The public interface as it stands in the source: each name, how it is called, what it says."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Entry:
    """A public name: what it is, how it is called, its first line, and what it has."""

    name: str
    kind: str
    calls: tuple[str, ...]
    says: str
    members: tuple[tuple[str, str], ...] = ()


def public_names(package: str) -> list[str]:
    """The names that a package promises: its `__all__`, or what its stub hands on."""
    handed: list[str] = []
    for node in _tree(_stub(package)).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                return list(ast.literal_eval(value))
            case ast.ImportFrom(names=names):
                handed += [name.asname for name in names if name.asname]
            case _:
                pass
    return sorted(handed)


def packages_below(package: str) -> list[str]:
    """The packages within a package that hand on names of their own."""
    folder = _stub(package).parent
    return [f"{package}.{stub.parent.name}" for stub in sorted(folder.glob("*/__init__.pyi"))]


def entry(module: str, name: str) -> Entry:
    """What the source says of a public name.

    Raises:
        LookupError: nothing that can be told is called so.
    """
    found = _find(module, name)
    if found is None:
        return Entry(name, "room", (), _first(_tree(_source(f"{module}.{name}"))))
    module, node = found
    if isinstance(node, ast.ClassDef):
        return _class(module, node)
    if isinstance(node, Function):
        spelled = [each for each in _functions(_tree(_source(module)), name) if _is_overload(each)]
        calls = tuple(_call(each) for each in spelled or [node])
        return Entry(name, "function", calls, _first(node))
    if isinstance(node, ast.Assign):
        return Entry(name, "alias", (ast.unparse(node),), "")
    if isinstance(node, ast.AnnAssign):
        return Entry(name, "value", (f"{name}: {ast.unparse(node.annotation)}",), "")
    raise LookupError(f"{module}.{name}")


def _class(module: str, node: ast.ClassDef) -> Entry:
    line = list(_lineage(module, node))
    public = set(public_names(_package(module)))
    # A member of which no more is said than a public base says of it is told there.
    bases = [each for each in line[1:] if each.name in public]
    known = {(item.name, _first(item)) for each in bases for item in _methods(each)}
    told = [item for item in _methods(node) if (item.name, _first(item)) not in known]
    return Entry(
        node.name,
        _kind(module, node, line),
        tuple(_constructors(node, line)),
        _first(node),
        tuple((_member(item), _first(item)) for item in told),
    )


def _kind(module: str, node: ast.ClassDef, line: list[ast.ClassDef]) -> str:
    if any("Exception" in _bases(each) for each in line):
        return f"error, {_one(line[1].name)}" if len(line) > 1 else "error"
    if "Protocol" in _bases(node):
        return "protocol"
    public = [each.name for each in line[1:] if each.name in public_names(_package(module))]
    return f"class, {_one(public[0])}" if public else "class"


def _one(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOU' else 'a'} `{name}`"


def _constructors(node: ast.ClassDef, line: list[ast.ClassDef]) -> Iterator[str]:
    """How a class is made; nothing where it is made by others, or is no class to be made."""
    made = list(_functions(node, "__init__"))
    spelled = [each for each in made if _is_overload(each)]
    if "StrEnum" in _bases(node):
        items = [item.value for item in node.body if isinstance(item, ast.Assign)]
        yield " | ".join(ast.unparse(item) for item in items)
    elif any(_functions(node, "open")) or "Protocol" in _bases(node):
        return
    elif made:
        yield from (_call(each, node.name) for each in spelled or made)
    elif node.decorator_list or any("BaseModel" in _bases(each) for each in line):
        fields = [field for each in reversed(line) for field in _fields(each)]
        stars = [place for place, field in enumerate(fields) if field == "*"]
        kept = [field for place, field in enumerate(fields) if place not in stars[1:]]
        if kept or node.decorator_list:
            yield f"{node.name}({', '.join(kept)})"


def _lineage(module: str, node: ast.ClassDef) -> Iterator[ast.ClassDef]:
    """A class and its bases within the source, nearest first."""
    yield node
    for base in node.bases:
        name = base.value if isinstance(base, ast.Subscript) else base
        found = _find(module, name.id) if isinstance(name, ast.Name) else None
        if found is not None and isinstance(found[1], ast.ClassDef):
            yield from _lineage(found[0], found[1])


def _fields(node: ast.ClassDef) -> Iterator[str]:
    """The fields of a class as a constructor takes them; `*` where names must be given."""
    if any("kw_only=True" in ast.unparse(item) for item in node.decorator_list):
        yield "*"
    for item in node.body:
        if not isinstance(item, ast.AnnAssign) or "ClassVar" in ast.unparse(item.annotation):
            continue
        told = "" if item.value is None else ast.unparse(item.value)
        if "repr=False" in told or ast.unparse(item.target).startswith("_"):
            continue
        if "kw_only=True" in told:
            yield "*"
        yield f"{ast.unparse(item.target)}: {ast.unparse(item.annotation)}{_default(item.value)}"


def _default(value: ast.expr | None) -> str:
    if isinstance(value, ast.Call):
        given = {word.arg: ast.unparse(word.value) for word in value.keywords}
        if "default" in given:
            return f" = {given['default']}"
        return " = ..." if "default_factory" in given else ""
    if value is None:
        return ""
    return " = ..." if isinstance(value, ast.Lambda) else f" = {ast.unparse(value)}"


def _call(item: Function, name: str = "") -> str:
    """How a function is called: without `self`, and without what only a type checker reads."""
    returns = ast.unparse(item.returns) if item.returns else "None"
    told = "" if item.name == "__init__" or returns.startswith("_") else f" -> {returns}"
    awaited = "await " if isinstance(item, ast.AsyncFunctionDef) else ""
    return f"{awaited}{name or item.name}({', '.join(_arguments(item.args))}){told}"


def _arguments(given: ast.arguments) -> Iterator[str]:
    by_place = [*given.posonlyargs, *given.args]
    none: list[ast.expr | None] = [None]
    defaults = [*none * (len(by_place) - len(given.defaults)), *given.defaults]
    for place, (argument, default) in enumerate(zip(by_place, defaults, strict=True), start=1):
        if argument.arg not in {"self", "cls"}:
            yield f"{ast.unparse(argument)}{_default(default)}"
        if place == len(given.posonlyargs):
            yield "/"
    if given.vararg:
        yield f"*{ast.unparse(given.vararg)}"
    elif given.kwonlyargs:
        yield "*"
    for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        yield f"{ast.unparse(argument)}{_default(default)}"
    if given.kwarg:
        yield f"**{ast.unparse(given.kwarg)}"


def _member(item: Function) -> str:
    marks = {ast.unparse(each) for each in item.decorator_list}
    if marks & {"property", "cached_property"} and item.returns:
        return f"{item.name}: {ast.unparse(item.returns)}"
    return _call(item)


def _methods(node: ast.ClassDef) -> list[Function]:
    return [item for item in node.body if isinstance(item, Function) and _is_told(item)]


def _is_told(item: Function) -> bool:
    return (not item.name.startswith("_") or item.name == "__call__") and not _is_overload(item)


def _is_overload(item: Function) -> bool:
    return any(ast.unparse(each) == "overload" for each in item.decorator_list)


def _functions(node: ast.Module | ast.ClassDef, name: str) -> Iterator[Function]:
    return (item for item in node.body if isinstance(item, Function) and item.name == name)


def _bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).partition("[")[0] for base in node.bases}


def _find(module: str, name: str) -> tuple[str, ast.stmt] | None:
    """The module and the statement that define a name, followed through what hands it on."""
    for path in dict.fromkeys((_stub(module), _source(module))):
        for node in reversed(_tree(path).body):
            match node:
                case (
                    ast.ClassDef(name=defined)
                    | ast.Assign(targets=[ast.Name(id=defined)])
                    | ast.AnnAssign(target=ast.Name(id=defined))
                ):
                    if defined == name:
                        return module, node
                case ast.FunctionDef(name=defined) | ast.AsyncFunctionDef(name=defined):
                    if defined == name:
                        return module, node
                case ast.ImportFrom(module=str(origin), names=names):
                    handed = {each.asname or each.name: each.name for each in names}
                    if name in handed and origin.startswith("atelier."):
                        return _find(origin, handed[name])
                case _:
                    pass
    return None


def _package(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[:-1]) if len(parts) > 2 else module


def _stub(module: str) -> Path:
    """The stub of a package, where it has one; else its source."""
    stub = SOURCE.joinpath(*module.split("."), "__init__.pyi")
    return stub if stub.exists() else _source(module)


def _source(module: str) -> Path:
    path = SOURCE.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@lru_cache(maxsize=256)
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _first(node: ast.Module | ast.ClassDef | Function) -> str:
    """The first line of a docstring."""
    return (ast.get_docstring(node) or "").partition("\n")[0].strip()
